"""Judge one item that asks to leave: what speaks against it, and the form in which it may go."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from gecip.airlock.judging.product_rules import in_summary
from gecip.airlock.masking import MaskedSummary, mask
from gecip.governance.disclosure import (
    Finding,
    Verdict,
    identifier_shapes,
    possible_identifiers,
    verdict_of,
)
from gecip.governance.policy import Policy
from gecip.model import TABLES, Sensitivity
from gecip.provenance import Provenance
from gecip.release import Release
from gecip.reporting import Figure, Listing, Meaning, Summary


@dataclass(frozen=True, repr=False)
class ItemVerdict:
    """What the airlock says of one item, and the form in which it may leave.

    `product` is the masked summary, or the figure drawn from it; None for what failed. `files` are
    its files in the bundle.
    """

    title: str
    kind: str
    findings: tuple[Finding, ...]
    product: Summary | Figure | None
    files: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of the findings."""
        return verdict_of(self.findings)

    def __repr__(self) -> str:
        return f"ItemVerdict({self.kind} {self.title!r}, {self.verdict.name})"


@dataclass(frozen=True)
class Checker:
    """Judges the items of one request by a policy.

    `find_release` gives the release behind a product, or None; `find_moratorium` what a person has to
    know of moratoria in it.
    """

    policy: Policy
    find_release: Callable[[Provenance], Release | None]
    find_moratorium: Callable[[Release | None], Finding | None] = lambda _: None

    def judge(self, items: Sequence[Any]) -> list[ItemVerdict]:
        """Return what speaks against each item, and the form in which it may leave beside the others.

        Summaries are masked together, once for all items: one that fails hides nothing of the others,
        since it does not leave.
        """
        found = [tuple(self._before_masking(item)) for item in items]
        asking = {
            id(summary): summary
            for item, findings in zip(items, found, strict=True)
            if verdict_of(findings) is not Verdict.FAIL and (summary := _summary_of(item))
        }
        masked = dict(zip(asking, mask(list(asking.values()), self.policy), strict=True))
        return [
            self._refused(item, findings)
            if verdict_of(findings) is Verdict.FAIL
            else self._judged(item, findings, masked[id(_summary_of(item))])
            for item, findings in zip(items, found, strict=True)
        ]

    def _before_masking(self, item: Any) -> Iterator[Finding]:
        """Find what speaks against an item whatever its numbers are."""
        refusal = self._refusal(item)
        if refusal is not None:
            yield refusal
            return
        summary = _summary_of(item)
        if summary is not None:
            yield from self._identifiers(item, summary)
            yield from self._declared(summary)
            for remark in in_summary(summary, self.policy):
                yield self._finding(remark.rule, remark.verdict, remark.sentence)
            moratorium = self.find_moratorium(self.find_release(summary.provenance))
            if moratorium is not None:
                yield moratorium

    def _refused(self, item: Any, findings: tuple[Finding, ...]) -> ItemVerdict:
        kind, summary = type(item).__name__, _summary_of(item)
        # A listing may name a person in its title.
        title = f"a {kind}" if summary is None else self._safe_title(summary)
        return ItemVerdict(title, kind, findings, None)

    def _judged(
        self, item: Summary | Figure, findings: tuple[Finding, ...], masked: MaskedSummary
    ) -> ItemVerdict:
        kind, title = type(item).__name__, masked.summary.title
        findings = (*findings, *self._masks(masked))
        if isinstance(item, Figure) and not masked.is_unprotected:
            figure, redrawn = self._redrawn(item, masked)
            return ItemVerdict(title, kind, (*findings, *redrawn), figure)
        return ItemVerdict(title, kind, findings, masked.summary)

    def _finding(self, rule: str, verdict: Verdict, sentence: str) -> Finding:
        return Finding(self.policy.rules[rule], verdict, sentence)

    def _refusal(self, item: Any) -> Finding | None:
        """Return why an item is nothing that can ask at all."""
        if isinstance(item, Listing):
            return self._finding(
                "individual_level",
                Verdict.FAIL,
                "A Listing holds rows of single people or families.",
            )
        if isinstance(item, Figure) and isinstance(item.of, Listing):
            return self._finding(
                "individual_level",
                Verdict.FAIL,
                "The figure draws a Listing: each of its marks is a person, a family or a sample.",
            )
        summary = _summary_of(item)
        if summary is None:
            return self._finding(
                "aggregate_only",
                Verdict.FAIL,
                f"A {type(item).__name__} does not say how many people stand behind it.",
            )
        if not summary.is_as_built or summary.marks is not None:
            return self._finding(
                "as_built",
                Verdict.FAIL,
                "The summary's numbers were changed after it was counted, or have been masked before.",
            )
        return None

    def _declared(self, summary: Summary) -> Iterator[Finding]:
        """Find a table that says it holds no phenotypes and is told apart by one."""
        if summary.phenotypic:
            return
        table = summary.table
        names = {str(name).lower() for name in (*table.index.names, *table.columns.names) if name}
        names |= {str(column).lower() for column in table.columns}
        told_apart_by = sorted(names & (clinical_columns() | self.policy.phenotypic_words))
        if told_apart_by:
            yield self._finding(
                "phenotypes_declared",
                Verdict.FAIL,
                f"The summary says that it holds no phenotypes, and has {told_apart_by[0]!r} in it.",
            )

    def _identifiers(self, item: Summary | Figure, summary: Summary) -> Iterator[Finding]:
        """Find words of an identifier's shape, and words that are identifiers of the release."""
        release = self.find_release(summary.provenance)
        for place, texts in texts_of(item, summary).items():
            found = self._count_identifiers(texts, release, and_parts=place == "labels")
            if found:
                yield self._finding(
                    "identifiers",
                    Verdict.FAIL,
                    f"{found} word(s) in the {place} are identifiers, or look like them.",
                )
        if release is None:
            yield self._finding(
                "known_release",
                Verdict.REVIEW,
                "The release behind the summary is not at hand, so that its words were compared with the shapes of "
                "identifiers only.",
            )

    def _count_identifiers(
        self, texts: list[str], release: Release | None, *, and_parts: bool = False
    ) -> int:
        """Return how many words are identifiers by shape or by name; in labels also the ends of them.

        A sentence may hold a number of five digits by chance, a label hardly.
        """
        shapes = sum(identifier_shapes(text, self.policy) for text in texts)
        words = {word for text in texts for word in possible_identifiers(text, self.policy)}
        own = {word for word in words if release and release.knows_identifier(word)}
        if release and and_parts:
            own |= {word for word in words if release.knows_part_of_identifier(word)}
        return max(shapes, len(own))

    def _safe_title(self, summary: Summary) -> str:
        """Return the title, unless it is what holds the identifier."""
        release = self.find_release(summary.provenance)
        if self._count_identifiers([summary.title], release):
            return "a summary whose title holds an identifier"
        return summary.title

    def _masks(self, masked: MaskedSummary) -> Iterator[Finding]:
        policy = self.policy
        if masked.is_unprotected:
            yield self._finding(
                "unprotectable",
                Verdict.FAIL,
                "A small count follows from the rest of the request, whatever is withheld.",
            )
        if masked.small:
            yield self._finding(
                "small_counts",
                Verdict.REVIEW,
                f"{masked.small} count(s) under {policy.smallest_shown_count} are shown as {policy.small_count_mark}.",
            )
        if masked.withheld:
            yield self._finding(
                "recoverable_counts",
                Verdict.REVIEW,
                f"{masked.withheld} count(s) are {policy.secondary_mark}, since a small one would follow from them.",
            )
        if masked.bases:
            yield self._finding(
                "small_bases",
                Verdict.REVIEW,
                f"{masked.bases} rate(s) or statistic(s) that rest on masked counts are {policy.secondary_mark}.",
            )
        if masked.words:
            yield self._finding(
                "numbers_in_words",
                Verdict.REVIEW,
                f"{masked.words} number(s) of people in the title or the notes are {policy.secondary_mark}: small ones, and "
                "beside a masked count all.",
            )

    def _redrawn(
        self, figure: Figure, masked: MaskedSummary
    ) -> tuple[Figure | None, tuple[Finding, ...]]:
        """Return the figure as it may leave, drawn from the masked summary where anything is masked."""
        # Drawn afresh in any case: what was added to the drawing by hand is no part of the summary.
        redrawn = figure.redraw(masked.summary)
        if not masked.is_changed:
            return redrawn, ()
        try:
            redrawn.png()
        except Exception as error:  # noqa: BLE001 - a drawing function of a domain may raise anything
            sentence = (
                f"The figure cannot be drawn from the masked summary ({type(error).__name__}): its function must bear "
                "gaps in the table."
            )
            return None, (self._finding("redrawn_figures", Verdict.FAIL, sentence),)
        sentence = (
            "The figure is drawn again from the masked summary: small counts rounded up to "
            f"{self.policy.smallest_shown_count}, withheld ones left out."
        )
        return redrawn, (self._finding("redrawn_figures", Verdict.REVIEW, sentence),)


def _summary_of(item: Any) -> Summary | None:
    """Return the summary that an item is or draws."""
    product = item.of if isinstance(item, Figure) else item
    return product if isinstance(product, Summary) else None


def texts_of(item: Summary | Figure, summary: Summary) -> dict[str, list[str]]:
    """Return every text of an item by the place where a reader finds it."""
    table = summary.table
    labels = [
        str(part)
        for label in (*table.index, *table.columns)
        for part in (label if isinstance(label, tuple) else (label,))
    ]
    names = [str(name) for name in (*table.index.names, *table.columns.names) if name is not None]
    texts = {
        "title and notes": [summary.title, *summary.notes],
        "labels": [*labels, *names],
        "cells": [
            text
            for column, meaning in summary.meanings.items()
            if meaning in (Meaning.DESCRIPTION, Meaning.STATISTIC)
            for text in map(_plain_text, table[column])
        ],
        "provenance": _words_of(summary.provenance.as_document()),
    }
    if isinstance(item, Figure):
        from matplotlib.text import Text

        # The labels of the axes are written when the figure is rendered, and not before.
        afresh = item.redraw(summary)
        afresh.png()
        drawn = [text.get_text() for text in afresh.drawing.findobj(Text)]
        texts["figure's text"] = [*drawn, item.caption, item.alt_text]
    return texts


def _plain_text(value: Any) -> str:
    """Return a cell as the text by which it could be an identifier: a whole number without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _words_of(document: Any) -> list[str]:
    """Return every text and number in a piece of plain data, the hexadecimal digests left out."""
    if isinstance(document, dict):
        return [
            text
            for name, value in document.items()
            if not str(name).endswith(("digest", "definition", "software"))
            for text in _words_of(value)
        ]
    if isinstance(document, list | tuple | set | frozenset):
        return [text for value in document for text in _words_of(value)]
    return [str(document)]


@cache
def clinical_columns() -> frozenset[str]:
    """Return the names of the columns that tell people apart in the tables of participants."""
    telling = (Sensitivity.CLINICAL, Sensitivity.QUASI_IDENTIFIER)
    return frozenset(
        column.name
        for table in TABLES.values()
        if "participant" in table.name
        for column in table.known_columns.values()
        if column.sensitivity in telling
    )

"""The rules on drawings of which the marks can be read: what each mark is, how high bars are, and who is at risk."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gecip.airlock.judging.cell_values import AgeForm, read_age
from gecip.airlock.judging.column_kinds import is_about_age
from gecip.airlock.judging.prose_rules import in_prose
from gecip.airlock.judging.sentences import plural
from gecip.airlock.reading.pieces import Drawn, Remark
from gecip.governance.disclosure import Verdict, is_small
from gecip.governance.policy import Policy

_COMPONENTS = re.compile(
    r"^(?:PC|principal component|component|UMAP|t-?SNE|MDS)[ _-]?[12]\b", re.IGNORECASE
)
_COUNTING = re.compile(
    r"\b(?:people|participants?|patients?|probands?|carriers?|individuals?|famil(?:y|ies)|cases|controls|samples|count|counts|n|"
    r"number of|deaths|frequency)\b",
    re.IGNORECASE,
)
_NOT_PEOPLE = re.compile(
    r"\b(?:variants?|genes?|mutations?|reads|SNPs?|sites|bases|exons|signatures?)\b", re.IGNORECASE
)
_AT_RISK = re.compile(r"\bat risk\b", re.IGNORECASE)
_ONE_EACH = re.compile(
    r"^(?:participant|patient|proband|sample|tumou?r|donor|case|subject|P|S|T)[ _.#-]*\d+$",
    re.IGNORECASE,
)
_SMALL_LABEL = re.compile(r"^(?:n\s*=\s*)?(\d{1,3})(?:\s*\(\d+(?:\.\d+)?\s*%\))?$", re.IGNORECASE)


def in_drawing(drawn: Drawn, policy: Policy) -> Iterator[Remark]:
    """Find what a drawing tells of single people and of few."""
    yield from in_prose("\n".join(drawn.words), policy)
    yield from _people_drawn(drawn, policy)
    yield from _ages_drawn(drawn, policy)
    yield from _few_at_risk(drawn, policy)
    yield from _small_labels(drawn, policy)
    yield from _small_bars(drawn, policy)


def _people_drawn(drawn: Drawn, policy: Policy) -> Iterator[Remark]:
    axes = {word for word in drawn.words if _COMPONENTS.match(word.strip())}
    if len(axes) > 1 and drawn.scattered >= policy.rules["drawn_people"]["most_marks"]:
        yield Remark(
            "drawn_people",
            Verdict.FAIL,
            f"{plural(drawn.scattered, 'mark')} on principal components: each is a person.",
        )
    one_each = [word for word in (*drawn.words, *drawn.ticks) if _ONE_EACH.match(word.strip())]
    if len(one_each) >= policy.smallest_shown_count:
        yield Remark(
            "drawn_people",
            Verdict.FAIL,
            f"{plural(len(one_each), 'label')} name a person, a sample or a tumour each.",
        )


def _ages_drawn(drawn: Drawn, policy: Policy) -> Iterator[Remark]:
    """Find bands of ages on an axis that are narrower than the rule has them."""
    if not any(map(is_about_age, drawn.words)):
        return
    fewest = policy.rules["ages"]["fewest_years"]
    bands = [read_age(tick) for tick in drawn.ticks]
    narrow = sum(1 for form, years in bands if form is AgeForm.BAND and years < fewest)
    if narrow:
        yield Remark(
            "ages",
            Verdict.FAIL,
            f"{plural(narrow, 'band')} of ages of fewer than {fewest} years on an axis.",
        )


def _counts_people(drawn: Drawn) -> bool:
    words = "\n".join(drawn.words)
    return bool(_COUNTING.search(words)) and not _NOT_PEOPLE.search(words)


def _few_at_risk(drawn: Drawn, policy: Policy) -> Iterator[Remark]:
    """Find numbers below a survival curve that are fewer than the rule asks for."""
    if not any(_AT_RISK.search(word) for word in (*drawn.words, *drawn.ticks)):
        return
    fewest = policy.rules["few_at_risk"]["fewest_at_risk"]
    few = sum(1 for word in drawn.words if word.strip().isdigit() and 0 < int(word) < fewest)
    if few:
        yield Remark(
            "few_at_risk",
            Verdict.FAIL,
            f"{plural(few, 'number')} at risk below a curve are fewer than {fewest}.",
        )


def _small_labels(drawn: Drawn, policy: Policy) -> Iterator[Remark]:
    """Find small counts that are written into a drawing; the numbers on its axes are not among its words."""
    small = [
        label
        for word in drawn.words
        if (label := _SMALL_LABEL.match(word.strip())) and is_small(int(label[1]), policy)
    ]
    if small:
        yield Remark(
            "small_counts",
            Verdict.FAIL if _counts_people(drawn) else Verdict.REVIEW,
            f"{plural(len(small), 'label')} of the drawing are counts from 1 to {policy.smallest_shown_count - 1}.",
        )


def _small_bars(drawn: Drawn, policy: Policy) -> Iterator[Remark]:
    """Find bars of whole numbers that end below the smallest count that may be drawn."""
    whole = [abs(bar - round(bar)) < 0.05 for bar in drawn.bars]
    small = [bar for bar in drawn.bars if is_small(round(bar), policy)]
    if small and all(whole) and max(drawn.bars) > 1:
        yield Remark(
            "small_counts",
            Verdict.FAIL if _counts_people(drawn) else Verdict.REVIEW,
            f"{plural(len(small), 'bar')} end at a count from 1 to {policy.smallest_shown_count - 1}: draw them at "
            f"{policy.smallest_shown_count}.",
        )

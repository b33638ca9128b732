"""What a checker asks of every item, answered beforehand: most requests that come back elsewhere come back for this.

Of the requests that output checkers return, about a quarter lack context and a tenth the counts behind a
number (OpenSAFELY, output checking).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gecip.airlock.checks import ItemVerdict
from gecip.reporting import Figure, Meaning, Summary
from gecip.reporting.markup import label_text

_SILENT = frozenset({"release_digest", "consent_digest", "definition", "of", "title"})


def answers(
    item: ItemVerdict, summary: Summary, steps: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """Return a checker's questions and their answers.

    Parameters
    ----------
    item
        The item with what the airlock says of it.
    summary
        The summary that leaves, or that the item's figure draws, as it leaves.
    steps
        The provenance as it may be told.
    """
    return {
        "What does it show?": _what(item, summary),
        "Who is counted?": _who(summary),
        "How was it made?": " → ".join(map(_step, steps)),
        "What are the numbers?": _numbers(summary),
        "What was masked?": _masked(item, summary),
        "Could it be held against earlier outputs?": _compared(item),
    }


def _what(item: ItemVerdict, summary: Summary) -> str:
    if isinstance(item.product, Figure):
        return f"{item.product.caption} {item.product.alt_text}"
    return " ".join([f"{summary.title}.", *summary.notes])


def _who(summary: Summary) -> str:
    told = summary.provenance.parameter
    cohort, release, consent = told("cohort"), told("release"), told("consent_date")
    parts = [
        summary.behind,
        f"of the cohort {cohort!r}" if cohort else "",
        f"of release {release}" if release else "",
        f"with the consent of {consent}" if consent else "",
    ]
    return f"{', '.join(filter(None, parts))}."


def _step(step: Mapping[str, Any]) -> str:
    told = [
        f"{name.replace('_', ' ')} {_plain(value)}"
        for name, value in step["parameters"].items()
        if name not in _SILENT and value not in (None, "", [], ())
    ]
    words = str(step["operation"]).replace("_", " ")
    return f"{words} ({', '.join(told)})" if told else words


def _plain(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _numbers(summary: Summary) -> str:
    words = []
    for column, meaning in summary.meanings.items():
        rate = summary.rates.get(column)
        words.append(
            f"{label_text(column)}: {label_text(rate.numerator)} divided by {label_text(rate.denominator)}"
            if rate
            else f"{label_text(column)}: {meaning.value}"
        )
    kind = (
        "The groups rest on phenotypes"
        if summary.phenotypic
        else "No phenotype tells the groups apart"
    )
    n_statistics = sum(meaning is Meaning.STATISTIC for meaning in summary.meanings.values())
    behind = " A statistic is shown where enough people stand behind it." if n_statistics else ""
    return f"{'; '.join(words)}. {kind}.{behind}"


def _masked(item: ItemVerdict, summary: Summary) -> str:
    words = [f.sentence for f in item.findings if f.rule.name == "numbers_in_words"]
    return " ".join([_masked_cells(summary), *words])


def _masked_cells(summary: Summary) -> str:
    if summary.marks is None:
        return "Nothing in the table: no number in it is small, or it holds no phenotypes."
    marks = summary.marks.cells.to_numpy().ravel()
    counts = {mark: int((marks == mark).sum()) for mark in sorted(set(marks) - {""})}
    told = ", ".join(f"{count} shown as {mark}" for mark, count in counts.items())
    return (
        f"Of {len(marks)} numbers {told or 'none; how many people there are is told less exactly'}."
    )


def _compared(item: ItemVerdict) -> str:
    unknown = [f.sentence for f in item.findings if f.rule.name == "unknown_members"]
    if unknown:
        return f"In part: {unknown[0]}"
    return (
        "Yes: by the people behind each number, with every request in the ledger that has left or may leave yet; none "
        "counts nearly the same people."
    )

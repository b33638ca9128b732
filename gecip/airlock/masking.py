"""Mask the summaries of a bundle: small counts by their mark, and whatever would give one away.

The only place of the package where numbers are masked. What is masked is decided on the counts of all
summaries together; rates and statistics are then withheld wherever their base is.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from gecip.airlock.attacker import told_counts
from gecip.airlock.count_system import CountSystem
from gecip.airlock.deviations import Deviations
from gecip.airlock.judging.numbers_in_words import without_numbers
from gecip.airlock.known_counts import KnownCounts, PlacedSummary, rests_on_few
from gecip.airlock.suppression import Suppression, bounds_of, suppress
from gecip.governance.disclosure import band_around, is_small, rounded_up
from gecip.governance.policy import Policy
from gecip.reporting import Marks, Meaning, Summary

if TYPE_CHECKING:
    import pandas as pd

Bands = dict[int, tuple[int, int]]


@dataclass(frozen=True)
class MaskedSummary:
    """A summary as it may leave, and how many cells are masked for which reason.

    `small` are counts under the threshold; `withheld` those that would give one away; `bases` the
    rates and statistics that rest on either; `words` the numbers of people that its title and notes no
    longer tell. Where `is_unprotected`, a small count follows whatever is withheld, and the summary must
    not leave.
    """

    summary: Summary
    small: int = 0
    withheld: int = 0
    bases: int = 0
    words: int = 0
    is_unprotected: bool = False

    @property
    def is_changed(self) -> bool:
        """Return whether anything in the table is masked."""
        return self.summary.marks is not None


def mask(summaries: Sequence[Summary], policy: Policy) -> list[MaskedSummary]:
    """Return the summaries as they may leave together: as they are where nothing in them is small.

    Gene-level counts without phenotypes need no masking, and what they print is taken as known when
    the others are masked. In a masked copy the small counts are rounded up, as figures draw them, and
    nothing true stands behind the marks. Titles and notes lose the numbers of people that are small, and
    beside something masked all of them: no relation between counts knows of what a sentence says.
    """
    system, placed = KnownCounts(policy).place(summaries)
    suppression = suppress(system, smallest_shown=policy.smallest_shown_count)
    bands = _bands(placed, system, suppression, policy)
    masked = [_masked(one, system, suppression, bands, policy) for one in placed]
    beside_masked = any(one.is_changed for one in masked)
    return [_in_words(one, policy, beside_masked=beside_masked) for one in masked]


def _masked(
    placed: PlacedSummary,
    system: CountSystem,
    suppression: Suppression,
    bands: Bands,
    policy: Policy,
) -> MaskedSummary:
    summary = placed.summary
    if not summary.phenotypic:
        return MaskedSummary(summary)
    cells = _marked_counts(placed, suppression, policy)
    small = int((cells == policy.small_count_mark).to_numpy().sum())
    counts = int((cells != "").to_numpy().sum())
    _mark_rates(summary, cells, policy)
    _mark_statistics(summary, cells, policy)
    bases = int((cells != "").to_numpy().sum()) - counts
    exact = (_people(summary.n_people), _families(summary.n_families))
    words = (
        _words(placed.n_people, exact[0], suppression, bands, policy),
        _words(placed.n_families, exact[1], suppression, bands, policy),
    )
    if not counts and not bases and words == exact:
        return MaskedSummary(summary)
    return MaskedSummary(
        _without_true_numbers(summary, Marks(cells, *words), policy),
        small,
        counts - small,
        bases,
        is_unprotected=_is_unprotected(placed, system, suppression),
    )


def _in_words(masked: MaskedSummary, policy: Policy, *, beside_masked: bool) -> MaskedSummary:
    """Return the summary with no number of people in its title and notes that may not be told."""
    summary = masked.summary
    if not (summary.phenotypic or beside_masked):
        return masked
    texts = [
        without_numbers(text, policy, beside_masked=beside_masked)
        for text in (summary.title, *summary.notes)
    ]
    taken_out = sum(count for _, count in texts)
    if not taken_out:
        return masked
    title, *notes = (text for text, _ in texts)
    return replace(
        masked, summary=replace(summary, title=title, notes=tuple(notes)), words=taken_out
    )


def _marked_counts(placed: PlacedSummary, suppression: Suppression, policy: Policy) -> pd.DataFrame:
    import pandas as pd

    table = placed.summary.table
    marks = pd.DataFrame("", index=table.index, columns=table.columns)
    for cell, count in placed.cells.items():
        if suppression.withheld[count]:
            marks.at[cell] = policy.secondary_mark
        elif is_small(table.at[cell], policy):
            marks.at[cell] = policy.small_count_mark
        elif rests_on_few(placed.summary, cell, policy):
            marks.at[cell] = policy.secondary_mark
    return marks


def _mark_rates(summary: Summary, marks: pd.DataFrame, policy: Policy) -> None:
    """Withhold a rate wherever its numerator or denominator is masked: each gives the other away."""
    for column, rate in summary.rates.items():
        masked = (marks[rate.numerator] != "") | (marks[rate.denominator] != "")
        marks.loc[masked, column] = policy.secondary_mark


def _mark_statistics(summary: Summary, marks: pd.DataFrame, policy: Policy) -> None:
    """Withhold a statistic wherever what it is computed from is masked, or few people stand behind it."""
    counts = [column for column, meaning in summary.meanings.items() if meaning.is_count]
    statistics = [
        column for column, meaning in summary.meanings.items() if meaning is Meaning.STATISTIC
    ]
    for column in statistics:
        few = summary.people[column].map(lambda people: is_small(people, policy))
        bases = list(summary.rests_on.get(column, counts))
        masked = (marks[bases] != "").any(axis=1)
        marks.loc[few | masked, column] = policy.secondary_mark
    own = [column for column in statistics if column not in summary.rests_on]
    _mark_statistics_of_wholes(summary, marks, own, policy)


def _mark_statistics_of_wholes(
    summary: Summary, marks: pd.DataFrame, statistics: list[Hashable], policy: Policy
) -> None:
    """Withhold the statistic of a whole where one of a part is: from a mean and the others it could be worked out."""
    wholes = [total for total in summary.totals if total.axis == "rows"]
    # A whole may itself be part of a larger one: once round for each.
    for total in [total for _ in wholes for total in wholes]:
        for column in statistics:
            if (not total.only or column in total.only) and any(
                marks.at[part, column] for part in total.parts
            ):
                marks.at[total.whole, column] = policy.secondary_mark


def _people(count: int) -> str:
    return f"{count:,} {'person' if count == 1 else 'people'}"


def _families(count: int) -> str:
    return f"{count:,} {'family' if count == 1 else 'families'}"


def _words(whole: int, exact: str, suppression: Suppression, bands: Bands, policy: Policy) -> str:
    """Return how many stand behind the whole, in words: exactly, in a band, or not at all."""
    number, noun = exact.split()
    if whole in bands:
        return f"{bands[whole][0]:,}–{bands[whole][1]:,} {noun}"
    if suppression.withheld[whole]:
        return f"{policy.secondary_mark} {noun}"
    small = is_small(int(number.replace(",", "")), policy)
    return f"{policy.small_count_mark} {noun}" if small else exact


def _bands(
    placed: Sequence[PlacedSummary], system: CountSystem, suppression: Suppression, policy: Policy
) -> Bands:
    """Return bands for the withheld numbers behind the wholes, as many as no secret count follows from."""
    wholes = {whole for one in placed for whole in (one.n_people, one.n_families)}
    bounds = bounds_of(system, suppression, smallest_shown=policy.smallest_shown_count)
    bands: Bands = {}
    for whole in sorted(wholes):
        value = int(system.values[whole])
        if not suppression.withheld[whole] or value < policy.smallest_shown_count:
            continue
        lowest, highest = (bound.copy() for bound in bounds)
        lowest[whole], highest[whole] = band_around(value, policy)
        told = told_counts(Deviations.within(system, lowest, highest))
        if not set(told.tolist()) - set(np.flatnonzero(suppression.unprotected).tolist()):
            bands[whole], bounds = band_around(value, policy), (lowest, highest)
    return bands


def _is_unprotected(placed: PlacedSummary, system: CountSystem, suppression: Suppression) -> bool:
    """Return whether one of the summary's counts, or what is left of one, follows from the rest."""
    if not suppression.unprotected.any():
        return False
    touching = system.relations[:, placed.counts].nonzero()[0]
    near = np.unique(system.relations[np.unique(touching)].nonzero()[1])
    return bool(suppression.unprotected[placed.counts].any() or suppression.unprotected[near].any())


def _without_true_numbers(summary: Summary, marks: Marks, policy: Policy) -> Summary:
    """Return the summary with marks, small counts rounded up, and nothing where a cell is withheld."""
    is_marked = (marks.cells != "").to_numpy()
    is_rounded = (marks.cells == policy.small_count_mark).to_numpy()
    table = summary.table.astype(object).mask(is_marked, np.nan)
    table = table.mask(is_rounded, rounded_up(1, policy)).infer_objects()
    return replace(
        summary,
        table=table,
        people=summary.people.astype(float).mask(is_marked),
        families=summary.families.astype(float).mask(is_marked),
        n_people=0,
        n_families=0,
        marks=marks,
        members=None,
    )

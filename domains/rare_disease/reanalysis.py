"""Reanalysis: what has become reportable since a family was last looked at, and why; nothing else.

The same candidate variants are held against the gene panels of two days and what was known of variants on
two days. After the idea of Talos (populationgenomics/talos): specificity first, and only what changed.
Of the programme's diagnoses 26 % lay in genes that were not on the chosen panel (Seaby 2023).
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domains.rare_disease.clinical_significance import Significance, SignificanceOn
from domains.rare_disease.panel_changes import panel_changes
from domains.rare_disease.panels import Panel, Panels
from domains.rare_disease.tier_assignment import TIER1, TIER2, TIER3
from domains.rare_disease.tiering import TieredVariants, retier
from gecip.analysis.genetic.pedigree import Remark
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "family_id", "participant_id", "gene", "variant", "consequence_type", "segregation_pattern", "mode_of_inheritance",
    "partners", "then", "now", "what_changed", "because",
)  # fmt: skip


class Standing(enum.IntEnum):
    """How strongly a variant asks to be reported; what is known to be benign never does."""

    NOT_REPORTABLE = 0
    KNOWN_OUTSIDE = 1
    TIER2 = 2
    TIER1 = 3
    KNOWN_PATHOGENIC = 4

    @property
    def words(self) -> str:
        """How it is said."""
        return {
            Standing.NOT_REPORTABLE: "not reportable",
            Standing.KNOWN_OUTSIDE: "known to be pathogenic, in no green gene",
            Standing.TIER2: "TIER2",
            Standing.TIER1: "TIER1",
            Standing.KNOWN_PATHOGENIC: "known to be pathogenic, in a green gene",
        }[self]


class WhatChanged(enum.Enum):
    """Which of the two changes made a variant reportable."""

    PANEL = "the panel"
    KNOWLEDGE = "what is known of the variant"
    EITHER = "either alone"
    BOTH = "both together"


@dataclass(frozen=True, repr=False, eq=False)
class Reanalysis(Result):
    """What is newly reportable, a row for each family, gene and variant, with the columns of `COLUMNS`.

    `then` and `now` are standings in words. `raised` has the same columns: what was reportable then
    already, and more strongly so now. `families` are those looked at; `remarks` say what of the panels
    could not be taken as asked.
    """

    rows: pd.DataFrame
    raised: pd.DataFrame
    families: pd.DataFrame
    older: datetime.date
    newer: datetime.date
    remarks: tuple[Remark, ...]

    def __repr__(self) -> str:
        return f"Reanalysis({self.older} to {self.newer}: newly_reportable={len(self.rows)}, raised={len(self.raised)})"


def reanalyse(
    tiering: TieredVariants,
    panels: Panels,
    *,
    older: datetime.date,
    newer: datetime.date,
    known_then: SignificanceOn | None = None,
    known_now: SignificanceOn | None = None,
) -> Reanalysis:
    """Return which variants have become reportable between two days, and to which change they owe it.

    A variant is reportable when it stands in TIER1 or TIER2 of the panels of the day, or in TIER3 and is
    known to be pathogenic; what is known to be benign is not. What does not follow the disease is never
    reported, whatever is known of it. The genotypes are not read again: tiering's candidates are tiered anew with the
    panels of each day, four standings for each variant (panels and knowledge, then and now).

    Parameters
    ----------
    tiering
        Of the families, with the panels by which they were interpreted: those decide which panels are
        followed through time.
    panels
        All versions at hand.
    older, newer
        The two days. A panel that is younger than the older day counts as empty then.
    known_then, known_now
        What was known of variants on each of the days; without, nothing.

    Raises
    ------
    AnalysisError
        When the days are not in order.
    """
    if older >= newer:
        raise AnalysisError(
            f"A reanalysis goes from an older day to a newer one, not from {older} to {newer}: change them over."
        )
    then = retier(tiering, panels=panels, on=older)
    now = retier(tiering, panels=panels, on=newer)
    standings = _standings(then, now, known_then, known_now)
    changed = standings[standings["both"] > standings["neither"]]
    rows = _told(changed, now, _changes_of_panels(then, now))
    fresh = rows["then"] == Standing.NOT_REPORTABLE.words
    return Reanalysis(
        provenance=tiering.provenance.then(
            "reanalyse",
            older=older.isoformat(),
            newer=newer.isoformat(),
            known_then=known_then.date.isoformat() if known_then else None,
            known_now=known_now.date.isoformat() if known_now else None,
        ),
        rows=rows[fresh].reset_index(drop=True),
        raised=rows[~fresh].reset_index(drop=True),
        families=tiering.families[
            ["family_id", "participant_id", "family_structure", "disease_group"]
        ],
        older=older,
        newer=newer,
        remarks=tuple(dict.fromkeys((*then.remarks, *now.remarks))),
    )


# -- standings ----------------------------------------------------------------------------------------

_KEY = ["family_id", "gene", "variant"]
_TIERS = (None, TIER3, TIER2, TIER1)
_UNTOLD = (Standing.NOT_REPORTABLE, Standing.NOT_REPORTABLE, Standing.TIER2, Standing.TIER1)
_PATHOGENIC = (
    Standing.NOT_REPORTABLE,
    Standing.KNOWN_OUTSIDE,
    Standing.KNOWN_PATHOGENIC,
    Standing.KNOWN_PATHOGENIC,
)


def standing_of(tier: str | None, known: Significance) -> Standing:
    """Return a variant's standing by its best tier, if it has one, and by what is known of it."""
    if known is Significance.BENIGN:
        return Standing.NOT_REPORTABLE
    return (_PATHOGENIC if known is Significance.PATHOGENIC else _UNTOLD)[_TIERS.index(tier)]


def _standings(
    then: TieredVariants,
    now: TieredVariants,
    known_then: SignificanceOn | None,
    known_now: SignificanceOn | None,
) -> pd.DataFrame:
    """Return each variant's standing under either of the panels and of the knowledge, then and now.

    Returns
    -------
    The key, and `neither` (both as then), `panel`, `knowledge` (only that as now) and `both`.
    """
    import pandas as pd

    by_tier = {
        "then": _best_tier(then.rows),
        "now": _best_tier(now.rows),
    }
    frame = pd.concat(by_tier, axis=1).reset_index()
    frame.columns = [*_KEY, "then", "now"]
    significance = {
        "then": [_of(known_then, one) for one in frame["variant"]],
        "now": [_of(known_now, one) for one in frame["variant"]],
    }
    for name, panel, knowledge in (
        ("neither", "then", "then"),
        ("panel", "now", "then"),
        ("knowledge", "then", "now"),
        ("both", "now", "now"),
    ):
        frame[name] = [
            standing_of(tier if isinstance(tier, str) else None, known)
            for tier, known in zip(frame[panel], significance[knowledge], strict=True)
        ]
    return frame


def _best_tier(rows: pd.DataFrame) -> pd.Series[str]:
    """Return the best tier of each variant: the first in their order."""
    best: pd.Series[str] = rows.groupby(_KEY)["tier"].min()
    return best


def _of(known: SignificanceOn | None, variant: str) -> Significance:
    return known.of(variant) if known else Significance.UNCERTAIN


# -- how it is told -----------------------------------------------------------------------------------


def _changes_of_panels(
    then: TieredVariants, now: TieredVariants
) -> Mapping[tuple[object, str], str]:
    """Return by family and gene what its panels did to the gene; a panel that did not exist yet added its genes."""
    older, newer = _panels_of(then), _panels_of(now)
    compared: dict[tuple[int, str, str], Mapping[str, str]] = {}
    told: dict[tuple[object, str], list[str]] = {}
    for family, panels in newer.items():
        for number, after in panels.items():
            before = older.get(family, {}).get(number)
            # A panel that is younger than the older day had no gene then.
            before = before or replace(after, version="not yet there", genes=(), regions=())
            key = (number, before.version, after.version)
            if key not in compared:
                compared[key] = _sentences(before, after)
            for gene, sentence in compared[key].items():
                told.setdefault((family, gene), []).append(sentence)
    return {key: "; ".join(dict.fromkeys(sentences)) for key, sentences in told.items()}


def _panels_of(tiering: TieredVariants) -> Mapping[object, Mapping[int, Panel]]:
    """Return by family the panels of all of its interpretations, by number."""
    found: dict[object, dict[int, Panel]] = {}
    for request in tiering.requests:
        found.setdefault(request.family_id, {}).update(
            {panel.number: panel for panel in request.panels}
        )
    return found


def _sentences(before: Panel, after: Panel) -> Mapping[str, str]:
    rows = panel_changes(before, after).rows
    return {
        row.gene: f"{row.change} on the panel {after.name} ({before.version} to {after.version})"
        for row in rows.itertuples()
    }


def _told(
    changed: pd.DataFrame, now: TieredVariants, of_panels: Mapping[tuple[object, str], str]
) -> pd.DataFrame:
    """Return the rows with the family's facts and the reason in words."""
    facts = now.rows.sort_values("tier", kind="stable").drop_duplicates(_KEY)
    wanted = [
        *_KEY, "participant_id", "consequence_type", "segregation_pattern", "mode_of_inheritance", "partners",
    ]  # fmt: skip
    rows = changed.merge(facts[wanted], on=_KEY, how="left")
    what = [
        _what_changed(panel > neither, knowledge > neither)
        for neither, panel, knowledge in zip(
            rows["neither"], rows["panel"], rows["knowledge"], strict=True
        )
    ]
    rows["then"] = [Standing(one).words for one in rows["neither"]]
    rows["now"] = [Standing(one).words for one in rows["both"]]
    rows["what_changed"] = [one.value for one in what]
    rows["because"] = [
        _because(one, of_panels.get((family, gene)))
        for one, family, gene in zip(what, rows["family_id"], rows["gene"], strict=True)
    ]
    strongest = rows.sort_values(["both", *_KEY], ascending=[False, True, True, True])
    return strongest[list(COLUMNS)].reset_index(drop=True)


def _what_changed(panel: bool, knowledge: bool) -> WhatChanged:  # noqa: FBT001 - two facts of one kind
    if panel and knowledge:
        return WhatChanged.EITHER
    if panel:
        return WhatChanged.PANEL
    return WhatChanged.KNOWLEDGE if knowledge else WhatChanged.BOTH


def _because(what: WhatChanged, of_panel: str | None) -> str:
    panel = of_panel or "its gene's panels changed"
    known = "what is known of the variant changed"
    if what is WhatChanged.PANEL:
        return panel
    return known if what is WhatChanged.KNOWLEDGE else f"{panel}; {known}"

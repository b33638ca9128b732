"""What the rare-disease domain says of its results: listings inside, summaries that may ask to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domains.rare_disease.panel_changes import COLUMNS as PANEL_COLUMNS
from domains.rare_disease.panel_changes import PanelChanges
from domains.rare_disease.segregation import Pattern
from domains.rare_disease.structural_tiering import StructuralTiers
from domains.rare_disease.tier_assignment import TIER1, TIER2
from domains.rare_disease.tiering import TieredVariants
from domains.rare_disease.why import WhyTiered
from gecip.provenance import Provenance
from gecip.reporting import Figure, Listing, Summary, count_people, list_rows, summarise
from gecip.reporting.bars import draw_bars

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure as Drawing

FAMILIES = "families"
_SHOWN = (
    "family_id", "tier", "gene", "variant", "consequence_type", "highest_frequency", "mode_of_inheritance",
    "segregation_pattern", "penetrance", "phase", "partners", "panels", "own_gene",
)  # fmt: skip


@list_rows.register
def list_tiers(result: TieredVariants) -> Listing:
    """Return every tiered variant, highest tier first; panels and interpretations that agree share a line."""
    families = "one family" if len(result.families) == 1 else f"{len(result.families):,} families"
    return Listing(
        title=f"Tiered variants of {families}",
        rows=_one_line_each(result.rows),
        notes=tuple(remark.sentence for remark in result.remarks),
        provenance=result.provenance.then("list_rows"),
    )


def _one_line_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the panels and interpretations that say the same on one line."""
    named = rows.assign(panels=rows["panel_name"] + " " + rows["panel_version"].fillna(""))
    same = [name for name in _SHOWN if name != "panels"]
    # Rows without partner, phase or panel are kept: missing is a value here.
    together = named.groupby(same, dropna=False, sort=False)["panels"].agg(_joined).reset_index()
    order = ["family_id", "tier", "gene", "variant", "segregation_pattern"]
    return together[list(_SHOWN)].sort_values(order, kind="stable", ignore_index=True)


def _joined(names: pd.Series[str]) -> str | None:
    return "; ".join(dict.fromkeys(names.dropna())) or None


@list_rows.register
def list_reasons(result: WhyTiered) -> Listing:
    """Return every filter that a variant met in a family, in order, with the reason on top."""
    partners = [
        f"{row.variant}: {'partner, ' + row.value if row.lost_to is None else 'lost to ' + row.lost_to + ' (' + row.value + ')'}."
        for row in result.partners.itertuples(index=False)
    ]
    return Listing(
        title=result.because[:1].upper() + result.because[1:],
        rows=result.steps,
        notes=tuple(f"Also carried in {result.gene}: {one}" for one in partners),
        provenance=result.provenance.then("list_rows"),
    )


@list_rows.register
def list_changes(result: PanelChanges) -> Listing:
    """Return what changed between two versions of a panel, a line for each gene."""
    return Listing(
        title=f"What changed in {result.older.name} from version {result.older.version} to {result.newer.version}",
        rows=result.rows,
        notes=(f"{result.unchanged:,} genes stayed as they were.",),
        provenance=result.provenance.then("list_rows"),
    )


def list_panel_changes(*changes: PanelChanges, provenance: Provenance) -> Listing:
    """Return what changed on several panels, newly green genes first."""
    import pandas as pd

    frames = [
        one.rows.assign(panel=f"{one.newer.name} {one.older.version} to {one.newer.version}")
        for one in changes
        if len(one.rows)
    ]
    rows = pd.concat(frames) if frames else pd.DataFrame(columns=[*PANEL_COLUMNS, "panel"])
    rows = rows.sort_values(["newly_green", "panel", "gene"], ascending=[False, True, True])
    unchanged = sum(one.unchanged for one in changes)
    return Listing(
        title=f"What changed on {len(changes):,} panels",
        rows=rows[["panel", *PANEL_COLUMNS]],
        notes=(f"{unchanged:,} genes stayed as they were.",),
        provenance=provenance.then("list_panel_changes", panels=len(changes)),
    )


@list_rows.register
def list_structural_tiers(result: StructuralTiers) -> Listing:
    """Return the structural variants that overlap panels, those of which no parent has the like first."""
    alone = result.rows["parents_with"].astype(str).str.startswith("0 of ")
    rows = result.rows.assign(alone=~alone).sort_values(["family_id", "alone", "contig", "start"])
    return Listing(
        title=f"Structural variants of {result.probands:,} probands that overlap their panels",
        rows=rows.drop(columns=["alone", "participant_id"]),
        notes=tuple(remark.sentence for remark in result.remarks),
        provenance=result.provenance.then("list_rows"),
    )


@summarise.register
def summarise_tiers(result: TieredVariants) -> Summary:
    """Return how many families have a variant in TIER1 or TIER2, by segregation pattern.

    A family with variants of two patterns counts in both, once in the total.
    """
    kept = result.rows[result.rows["tier"].isin([TIER1, TIER2])]
    return count_people(
        kept,
        by="segregation_pattern",
        title="Families with a variant in TIER1 or TIER2, by segregation pattern",
        phenotypic=True,
        categories={"segregation_pattern": [pattern.value for pattern in Pattern]},
        provenance=result.provenance,
    )


def plot_tiers(summary: Summary) -> Figure:
    """Return how many families have a variant in the first two tiers, a bar for each segregation pattern."""
    return Figure(summary, _draw, _describe)


def _draw(summary: Summary) -> Drawing:
    totals = {total.whole for total in summary.totals}
    return draw_bars(
        summary,
        FAMILIES,
        rows=[label for label in summary.table.index if label not in totals],
        axis="Families with a variant in TIER1 or TIER2",
    )


def _describe(summary: Summary) -> str:
    told = "; ".join(f"{label}: {summary.text(label, FAMILIES)}" for label in summary.table.index)
    return f"{summary.title}: {told}."

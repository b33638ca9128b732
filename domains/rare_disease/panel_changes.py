"""What changed between two versions of a panel: the question that every reanalysis begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domains.rare_disease.panels import Panel, PanelGene
from gecip.analysis.result import Result
from gecip.errors import InputError
from gecip.model.panels import Confidence
from gecip.provenance import Provenance

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "gene", "change", "colour_before", "colour_after", "mode_before", "mode_after", "newly_green",
)  # fmt: skip


@dataclass(frozen=True, repr=False, eq=False)
class PanelChanges(Result):
    """What changed from one version of a panel to another, a row a gene.

    `rows` has the columns of `COLUMNS`; `change` is `added`, `removed`, `promoted`, `demoted`,
    `mode changed` or `renamed`, several joined by commas. `unchanged` counts the genes that stayed.
    """

    rows: pd.DataFrame
    older: Panel
    newer: Panel
    unchanged: int

    def __repr__(self) -> str:
        return (
            f"PanelChanges({self.older.name!r}, {self.older.version} to {self.newer.version}: "
            f"{len(self.rows)} changed, {self.unchanged} unchanged)"
        )


def panel_changes(older: Panel, newer: Panel) -> PanelChanges:
    """Return what changed from one version of a panel to another.

    A gene that has another symbol in the newer version is known again by its HGNC id, its Ensembl id
    or, where neither is given, its former symbol among the aliases: it is renamed, and neither removed
    nor added.

    Raises
    ------
    InputError
        When they are versions of different panels.
    """
    import pandas as pd

    if older.number != newer.number:
        raise InputError(
            f"These are versions of different panels ({older.name!r} and {newer.name!r}): compare a panel with itself."
        )
    again = {gene.symbol: _again(gene, newer) for gene in older.genes}
    known = {gene.symbol for gene in again.values() if gene is not None}
    pairs: list[tuple[PanelGene | None, PanelGene | None]] = [
        (gene, again[gene.symbol]) for gene in older.genes
    ]
    pairs += [(None, gene) for gene in newer.genes if gene.symbol not in known]
    rows = [row for pair in pairs if (row := _row(*pair)) is not None]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return PanelChanges(
        provenance=Provenance(
            "panel_changes",
            {"panel": newer.number, "older": older.version, "newer": newer.version},
        ),
        rows=frame.sort_values(["newly_green", "gene"], ascending=[False, True], ignore_index=True),
        older=older,
        newer=newer,
        unchanged=len(pairs) - len(rows),
    )


def _again(gene: PanelGene, panel: Panel) -> PanelGene | None:
    same = panel.gene(gene.symbol)
    if same is not None:
        return same
    for other in panel.genes:
        if gene.hgnc_id and other.hgnc_id:
            if gene.hgnc_id == other.hgnc_id:
                return other
        elif set(gene.ensembl_ids) & set(other.ensembl_ids) or (
            gene.symbol in other.aliases and other.symbol not in gene.names
        ):
            return other
    return None


def _row(before: PanelGene | None, after: PanelGene | None) -> tuple[object, ...] | None:
    changes = list(_changes(before, after))
    if not changes:
        return None
    symbol = after.symbol if after is not None else before.symbol if before is not None else ""
    return (
        symbol,
        ", ".join(changes),
        _colour(before),
        _colour(after),
        before.wording if before else None,
        after.wording if after else None,
        _is_green(after) and not _is_green(before),
    )


def _changes(before: PanelGene | None, after: PanelGene | None) -> list[str]:
    if before is None:
        return ["added"]
    if after is None:
        return ["removed"]
    found = []
    if before.symbol != after.symbol:
        found.append(f"renamed from {before.symbol}")
    if _level(before) != _level(after):
        found.append("promoted" if _level(after) > _level(before) else "demoted")
    if before.wording != after.wording:
        found.append("mode changed")
    return found


def _level(gene: PanelGene) -> int:
    return int(gene.confidence.value) if gene.confidence else 0


def _colour(gene: PanelGene | None) -> str | None:
    if gene is None:
        return None
    return gene.confidence.name.lower() if gene.confidence else "none"


def _is_green(gene: PanelGene | None) -> bool:
    return gene is not None and gene.confidence is Confidence.GREEN

"""Which panels a family is tiered with: those that the programme applied, by version, or those that are given."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domains.rare_disease.panels import Panel, PanelGene, Panels
from gecip.analysis.genetic.pedigree import Number, Remark
from gecip.errors import InputError
from gecip.model.genes import ModeOfInheritance
from gecip.model.tiering import PanelsApplied

if TYPE_CHECKING:
    from gecip.cohort.selection import Cohort

OWN_GENES = "Own genes"


@dataclass(frozen=True)
class Request:
    """One interpretation of one family: its numbers, and the panels applied."""

    family_id: Number
    cohort_id: str | None
    request_id: str | None
    panels: tuple[Panel, ...]


def requests_of_programme(
    cohort: Cohort, families: Sequence[Number], panels: Panels
) -> tuple[tuple[Request, ...], tuple[Remark, ...]]:
    """Return the programme's interpretations of the families, by `panels_applied`, and what was missing for them."""
    if PanelsApplied.name not in cohort.release.tables:
        none = Remark(
            "panels_applied",
            f"release {cohort.release.name} has no such table",
            "families were tiered with no panel, so that everything stands in TIER3",
        )
        return tuple(Request(one, None, None, ()) for one in families), (none,)
    wanted = set(families)
    rows = cohort.rows(PanelsApplied)
    rows = rows[rows["rare_diseases_family_id"].isin(wanted)]
    keys = [
        "rare_diseases_family_id", "interpretation_cohort_id", "interpretation_request_id",
        "panel_name", "panel_version",
    ]  # fmt: skip
    applied: dict[tuple[Number, str, str], list[Panel]] = {}
    lacking: dict[str, list[Number]] = {}
    for family, group, request, name, version in (
        rows[keys].drop_duplicates().itertuples(index=False, name=None)
    ):
        found = applied.setdefault((family, group, request), [])
        panel = panels.find(name, version=str(version))
        if panel is None:
            lacking.setdefault(f"{name} {version}", []).append(family)
        else:
            found.append(panel)
    requests = [Request(*key, tuple(of_key)) for key, of_key in sorted(applied.items(), key=str)]
    without = sorted(wanted - {request.family_id for request in requests}, key=str)
    requests += [Request(family, None, None, ()) for family in without]
    remarks = [
        Remark(
            "panels_applied.panel_version",
            f"the panel {name} was applied and is not among the panels",
            "its genes count as outside every panel",
            tuple(dict.fromkeys(of_panel)),
        )
        for name, of_panel in sorted(lacking.items())
    ]
    if without:
        remarks.append(
            Remark(
                "panels_applied",
                "a family has no applied panel",
                "it was tiered with none, so that everything stands in TIER3",
                tuple(without),
            )
        )
    return tuple(requests), tuple(remarks)


def requests_with(
    families: Sequence[Number], panels: Sequence[Panel] | Mapping[Number, Sequence[Panel]]
) -> tuple[Request, ...]:
    """Return one interpretation of each family with panels that are given: for all families, or by family."""
    if isinstance(panels, Mapping):
        return tuple(Request(one, None, None, tuple(panels.get(one, ()))) for one in families)
    return tuple(Request(one, None, None, tuple(panels)) for one in families)


def with_own_genes(
    requests: Sequence[Request], genes: Mapping[str, ModeOfInheritance]
) -> tuple[Request, ...]:
    """Return the requests with a panel of the user's own genes beside the others."""
    own = Panel(0, None, OWN_GENES, "own", None, ()).with_own_genes(genes)
    return tuple(
        Request(one.family_id, one.cohort_id, one.request_id, (*one.panels, own))
        for one in requests
    )


def in_versions_of(
    requests: Sequence[Request], panels: Panels, on: str | datetime.date | None
) -> tuple[tuple[Request, ...], tuple[Remark, ...]]:
    """Return the requests with each panel in the version that held on a day, or the newest; own genes stay."""
    known = {panel.number for panel in panels}
    of: dict[int, Panel | None] = {}
    for panel in {one.number: one for request in requests for one in request.panels}.values():
        try:
            of[panel.number] = (
                panels.pinned(panel.number, on=on) if panel.number in known else panel
            )
        except InputError:
            of[panel.number] = None
    changed = tuple(
        replace(
            request,
            panels=tuple(found for one in request.panels if (found := of[one.number]) is not None),
        )
        for request in requests
    )
    names = sorted(
        {one.name for request in requests for one in request.panels if of[one.number] is None}
    )
    said = Remark(
        "version_created",
        f"there was no version on {on} of {', '.join(names)}",
        "these panels were left out",
    )
    return changed, (said,) if names else ()


@dataclass(frozen=True)
class GeneNames:
    """By what name the annotation knows a panel's gene: `of` maps panel symbols, renamed ones told in `remarks`."""

    of: Mapping[str, str]
    remarks: tuple[Remark, ...]


def name_genes(panels: Iterable[Panel], annotated: Iterable[tuple[str, str | None]]) -> GeneNames:
    """Return the annotation's symbol of each panel gene, found by symbol, Ensembl id, or a former symbol.

    Parameters
    ----------
    annotated
        The genes of the annotation: symbol and, where it has one, id.
    """
    seen = dict(annotated)
    by_id = {number: symbol for symbol, number in seen.items() if number}
    genes = {gene.symbol: gene for panel in panels for gene in panel.genes}
    of: dict[str, str] = {}
    said = []
    for symbol, gene in sorted(genes.items()):
        name, how = _name(gene, seen, by_id, frozenset(genes))
        of[symbol] = name
        if how is not None:
            said.append(
                Remark(
                    "entity_name",
                    f"the panels' gene {symbol} is called {name} in the annotation (told by {how})",
                    f"variants of {name} were counted for it",
                )
            )
    return GeneNames(of, tuple(said))


def _name(
    gene: PanelGene,
    seen: Mapping[str, str | None],
    by_id: Mapping[str, str],
    on_panels: frozenset[str],
) -> tuple[str, str | None]:
    if gene.symbol in seen:
        return gene.symbol, None
    for number in gene.ensembl_ids:
        if number in by_id:
            return by_id[number], "its Ensembl id"
    for name in gene.names[1:]:
        # Another gene of a panel may bear that name in its own right.
        if name in seen and name not in on_panels:
            return name, "another symbol that PanelApp gives it"
    return gene.symbol, None

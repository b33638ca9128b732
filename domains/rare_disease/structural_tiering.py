"""TIERA: structural and copy-number variants of a proband that overlap a panel's regions or green genes.

After the programme's guide: mode of inheritance is not asked of these, a variant either overlaps what the
panel names (TIERA) or has no tier. A region of a panel asks for a share of itself to be covered and, as
PanelApp's `type_of_variants` says, for a loss or a gain. Of a gene any exon suffices where its exons are
known, any base where they are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domains.rare_disease.applied_panels import Request
from domains.rare_disease.panels import Panel, PanelRegion
from gecip.analysis.genetic.pedigree import Number, Remark
from gecip.analysis.result import Result
from gecip.model.genes import GENES
from gecip.model.panels import Confidence
from gecip.progress import progress

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from domains.rare_disease.tiering import TieredVariants
    from gecip.cohort.selection import Cohort
    from gecip.genotypes import StructuralCalls

TIERA = "TIERA"
STRUCTURAL = "Structural VCF"
COLUMNS = (
    "family_id", "participant_id", "tier", "caller", "kind", "contig", "start", "stop", "genotype", "copies",
    "panel_name", "panel_version", "entity", "overlap", "parents_with",
)  # fmt: skip
# Kinds by which a gene's dose changes; an inversion or a translocation can only break it at its ends.
LOSS, GAIN = "loss", "gain"
_KIND_OF_TYPE = {"DEL": LOSS, "DUP": GAIN, "LOSS": LOSS, "GAIN": GAIN}
_ENDS_ONLY = ("INV", "BND", "INS")
# Loss of heterozygosity at two copies changes no dose.
_NO_CHANGE = ("LOH",)


@dataclass(frozen=True)
class StructuralVariant:
    """One call of Manta or Canvas, as `load_structural` has it: `copies` is Canvas's copy number, `passed` of FILTER and FT."""

    contig: str
    start: int
    stop: int
    kind: str
    caller: str
    passed: bool
    genotype: str | None
    copies: int | None

    def touches(self, contig: str, start: int, stop: int) -> bool:
        """Return whether the variant changes something of a stretch: all that it spans, or one of its ends."""
        if contig != self.contig or self.kind in _NO_CHANGE:
            return False
        if self.kind in _ENDS_ONLY:
            return start <= self.start <= stop or start <= self.stop <= stop
        return self.start <= stop and start <= self.stop

    def share_of(self, start: int, stop: int) -> float:
        """Return which share of a stretch of its contig the variant covers."""
        return max(0, min(self.stop, stop) - max(self.start, start) + 1) / (stop - start + 1)


@dataclass(frozen=True, repr=False, eq=False)
class StructuralTiers(Result):
    """The structural variants of probands that overlap their panels, a row for each variant, panel and gene or region.

    `rows` has the columns of `COLUMNS`; `parents_with` says in how many of the parents with a file the
    same change was called (at least half of each covers the other), as `0 of 2`. `probands` counts those
    whose file was read.
    """

    rows: pd.DataFrame
    probands: int
    remarks: tuple[Remark, ...]

    def __repr__(self) -> str:
        return f"StructuralTiers(probands={self.probands:,}, rows={len(self.rows):,})"


def tier_structural_variants(
    tiering: TieredVariants,
    *,
    exons: Mapping[str, Sequence[tuple[int, int]]] | None = None,
) -> StructuralTiers:
    """Return the structural variants of each tiered family's proband that its panels name, as TIERA.

    The files are loaded family by family (`load_structural`), so that memory holds one family's calls at a time.

    Parameters
    ----------
    tiering
        The families and the panels applied to them.
    exons
        For each gene the stretches that count, 1-based and inclusive; of a gene without, all of it counts.
    """
    import pandas as pd

    cohort = tiering.genotypes.cohort
    files = _files_of_people(cohort)
    rows: list[tuple[Any, ...]] = []
    without: list[Number] = []
    read = 0
    requests: dict[Number, list[Request]] = {}
    for request in tiering.requests:
        requests.setdefault(request.family_id, []).append(request)
    families = list(zip(tiering.places.family_ids, tiering.places.members, strict=True))
    for family, (proband, *relatives) in progress(
        families, title="Structural variants", unit="family"
    ):
        parents = [one for one in relatives if one.key in (proband.father, proband.mother)]
        calls = _calls_of(cohort, files, [one.participant_id for one in (proband, *parents)])
        called = calls.pop(proband.participant_id, None)
        if called is None:
            without.append(family)
            continue
        read += 1
        panels = {id(one): one for request in requests.get(family, ()) for one in request.panels}
        for variant in called:
            if variant.passed:
                rows += [
                    _row(family, proband.participant_id, variant, named, tuple(calls.values()))
                    for named in named_by(variant, panels.values(), exons=exons or {})
                ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return StructuralTiers(
        provenance=tiering.provenance.then(
            "tier_structural_variants", exons_known=len(exons or {})
        ),
        rows=frame,
        probands=read,
        remarks=_remarks(without, exons),
    )


def named_by(
    variant: StructuralVariant,
    panels: Iterable[Panel],
    *,
    exons: Mapping[str, Sequence[tuple[int, int]]],
) -> Iterator[tuple[Panel, str, float]]:
    """Yield each panel, and its green gene or region, that a variant overlaps, with the share of it covered."""
    for panel in panels:
        for gene in panel.green():
            known = GENES.get(gene.symbol)
            if known is None:
                continue
            parts = exons.get(gene.symbol, ((known.start, known.stop),))
            if any(variant.touches(known.contig, *part) for part in parts):
                yield panel, gene.symbol, variant.share_of(known.start, known.stop)
        for region in panel.regions:
            if region.confidence is Confidence.GREEN and _fills(variant, region):
                assert region.start is not None
                assert region.stop is not None
                yield panel, region.name, variant.share_of(region.start, region.stop)


def _fills(variant: StructuralVariant, region: PanelRegion) -> bool:
    """Return whether a variant is of the region's kind and covers as much of it as the panel asks."""
    if region.start is None or region.stop is None or variant.contig != region.contig:
        return False
    dose = _KIND_OF_TYPE.get(variant.kind)
    wanted = {"cnv_loss": (LOSS,), "cnv_gain": (GAIN,)}.get(region.kind or "", (LOSS, GAIN))
    share = variant.share_of(region.start, region.stop)
    return dose in wanted and share > 0 and share >= region.required_overlap


def _row(
    family: Number,
    proband: Number | None,
    variant: StructuralVariant,
    named: tuple[Panel, str, float],
    parents: Sequence[Sequence[StructuralVariant]],
) -> tuple[Any, ...]:
    panel, entity, overlap = named
    having = sum(any(_same(variant, one) for one in parent) for parent in parents)
    return (
        family, proband, TIERA, variant.caller, variant.kind, variant.contig, variant.start, variant.stop,
        variant.genotype, variant.copies, panel.name, panel.version, entity, round(overlap, 4),
        f"{having} of {len(parents)}",
    )  # fmt: skip


def _same(one: StructuralVariant, other: StructuralVariant) -> bool:
    """Return whether two calls are of one change: the same direction of dose, each covering half of the other."""
    alike = _KIND_OF_TYPE.get(one.kind, one.kind) == _KIND_OF_TYPE.get(other.kind, other.kind)
    if not alike or one.contig != other.contig:
        return False
    return (
        one.share_of(other.start, other.stop) >= 0.5 and other.share_of(one.start, one.stop) >= 0.5
    )


def _remarks(
    without: Sequence[Number], exons: Mapping[str, Sequence[tuple[int, int]]] | None
) -> tuple[Remark, ...]:
    said = []
    if without:
        said.append(
            Remark(
                "genome_file_paths_and_types.file_path",
                "the proband has no structural VCF at hand",
                "the family has no TIERA, which says nothing of its structural variants",
                tuple(without),
            )
        )
    if not exons:
        said.append(
            Remark(
                "exons=",
                "no exons were given",
                "any base of a gene counts, introns too",
            )
        )
    return tuple(said)


# -- the files ----------------------------------------------------------------------------------------


def _files_of_people(cohort: Cohort) -> dict[Number, Path]:
    """Return each participant's newest structural VCF that lies in the release."""
    from gecip.genotypes.person_files import newest_files

    files = newest_files(cohort, STRUCTURAL)
    return {
        cohort.samples[sample]: path for sample, path in files.items() if sample in cohort.samples
    }


def _calls_of(
    cohort: Cohort, files: Mapping[Number, Path], people: Sequence[Number | None]
) -> dict[Number | None, list[StructuralVariant]]:
    """Return the calls of each of a few people who have a file."""
    from gecip.genotypes import load_structural

    named = [files[one] for one in people if one is not None and one in files]
    if not named:
        return {}
    loaded = load_structural(cohort, named)
    return {one: variants_of(loaded, one) for one in people if one in loaded.samples.values()}


def variants_of(loaded: StructuralCalls, participant_id: Number | None) -> list[StructuralVariant]:
    """Return one participant's calls of those that were loaded."""
    calls = loaded.calls[loaded.calls["participant_id"] == participant_id]
    copies = calls["copy_number"].astype("object").where(calls["copy_number"].notna(), None)
    return [
        StructuralVariant(
            contig, int(start), int(stop), kind, caller, passed=not filters, genotype=genotype, copies=number
        )
        for contig, start, stop, kind, caller, filters, genotype, number in zip(
            *(calls[name] for name in ("contig", "start", "stop", "type", "caller", "filters", "genotype")),
            copies,
            strict=True,
        )
    ]  # fmt: skip

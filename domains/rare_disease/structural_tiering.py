"""TIERA: structural and copy-number variants of a proband that overlap a panel's regions or green genes.

After the programme's guide: mode of inheritance is not asked of these, a variant either overlaps what the
panel names (TIERA) or has no tier. A region of a panel asks for a share of itself to be covered and, as
PanelApp's `type_of_variants` says, for a loss or a gain. Of a gene any exon suffices where its exons are
known, any base where they are not.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domains.rare_disease.applied_panels import Request
from domains.rare_disease.panels import Panel, PanelRegion
from gecip.analysis.genetic.pedigree import Number, Remark
from gecip.analysis.result import Result
from gecip.errors import GenotypesError
from gecip.model.genes import GENES
from gecip.model.panels import Confidence

if TYPE_CHECKING:
    import pandas as pd

    from domains.rare_disease.tiering import TieredVariants
    from gecip.cohort.selection import Cohort

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


@dataclass(frozen=True)
class StructuralVariant:
    """One call of Manta or Canvas; `start` and `stop` are 1-based and inclusive, `copies` Canvas's copy number."""

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
        if contig != self.contig:
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

    Parameters
    ----------
    tiering
        The families and the panels applied to them.
    exons
        For each gene the stretches that count, 1-based and inclusive; of a gene without, all of it counts.
    """
    import pandas as pd

    cohort = tiering.genotypes.cohort
    files = structural_files(cohort)
    rows: list[tuple[Any, ...]] = []
    without: list[Number] = []
    read = 0
    requests: dict[Number, list[Request]] = {}
    for request in tiering.requests:
        requests.setdefault(request.family_id, []).append(request)
    for row, family in enumerate(tiering.places.family_ids):
        proband, *relatives = tiering.places.members[row]
        assert proband.participant_id is not None
        if proband.participant_id not in files:
            without.append(family)
            continue
        read += 1
        parents = [
            list(read_structural(files[one.participant_id]))
            for one in relatives
            if one.key in (proband.father, proband.mother) and one.participant_id in files
        ]
        called = [one for one in read_structural(files[proband.participant_id]) if one.passed]
        panels = {id(one): one for request in requests.get(family, ()) for one in request.panels}
        for variant in called:
            for panel, entity, overlap in named_by(variant, panels.values(), exons=exons or {}):
                rows.append(
                    _row(family, proband.participant_id, variant, (panel, entity, overlap), parents)
                )
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
    proband: Number,
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


# -- the files: what `load_structural` of gecip.genotypes is to replace --------------------------------


def structural_files(cohort: Cohort) -> dict[Number, Path]:
    """Return each participant's newest structural VCF that lies in the release."""
    if "genome_file_paths_and_types" not in cohort.release.tables:
        return {}
    rows = cohort.rows("genome_file_paths_and_types")
    rows = rows[
        (rows["file_sub_type"] == STRUCTURAL)
        & rows["type"].astype("string").str.contains("germline")
        & (rows["genome_build"] == cohort.release.assembly)
    ].sort_values("delivery_date", kind="stable")
    found = {
        person: cohort.release.folder / str(path).lstrip("/")
        for person, path in zip(rows["participant_id"], rows["file_path"], strict=True)
    }
    return {person: path for person, path in found.items() if path.exists()}


def read_structural(file: Path) -> Iterator[StructuralVariant]:
    """Yield the calls of a single person's structural VCF, Manta's and Canvas's alike.

    Raises
    ------
    GenotypesError
        When the file is no gzipped VCF.
    """
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith("#"):
                    yield _parsed(line.rstrip("\n").split("\t"))
    except (OSError, EOFError, ValueError, IndexError):
        raise GenotypesError(
            f"{file.name}: this is no structural VCF, or a damaged one: restore it."
        ) from None


def _parsed(cells: Sequence[str]) -> StructuralVariant:
    contig, position, name, _, alternate, _, filters, text = cells[:8]
    told = dict(one.partition("=")[::2] for one in text.split(";"))
    sample = dict(zip(cells[8].split(":"), cells[9].split(":"), strict=False))
    is_canvas = name.startswith("Canvas")
    kind = (
        name.split(":")[1] if is_canvas else told.get("SVTYPE", alternate.strip("<>").split(":")[0])
    )
    copies = sample.get("CN")
    start = int(position)
    return StructuralVariant(
        contig=contig,
        # A symbolic allele stands at the base before it.
        start=start + (1 if alternate.startswith("<") else 0),
        stop=int(told.get("END", start)),
        kind=kind,
        caller="Canvas" if is_canvas else "Manta",
        passed=filters in ("PASS", "."),
        genotype=sample.get("GT"),
        copies=int(copies) if copies and copies.isdigit() else None,
    )

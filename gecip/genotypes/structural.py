"""Load people's structural variants: what Manta and Canvas called in each genome, one row for each call."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import GenotypesError
from gecip.genotypes.consent_today import STRUCTURAL, require_newest_consent
from gecip.genotypes.person_files import newest_files
from gecip.genotypes.regions import Region, parse_regions, regions_of_genes
from gecip.progress import progress
from gecip.provenance import Provenance

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

_TYPES = ("DEL", "DUP", "INS", "INV", "BND", "CNV", "LOSS", "GAIN", "LOH")
_BREAKEND = re.compile(r"[\[\]]([^:\[\]]+):(\d+)[\[\]]")


@dataclass(frozen=True, repr=False, eq=False)
class StructuralCalls:
    """Structural and copy-number calls of a cohort: row level, to be looked at inside.

    Attributes
    ----------
    calls
        One row for each call of each person, in the order of the genome:

        `participant_id, sample`
            Whose call.
        `contig, start, stop`
            The stretch that is changed, 1-based and inclusive: of a deletion its first and last lost base, of an insertion
            or breakend the base before it twice.
        `type`
            `DEL, DUP, INS, INV, BND` of Manta; `LOSS, GAIN, LOH` or `CNV` of Canvas.
        `caller`
            `Manta` or `Canvas`, by the call's name.
        `length`
            Bases gained, lost or turned, never negative; missing of breakends and of insertions of unknown length.
        `genotype, copy_number, copies`
            GT as the file has it (Canvas has none); Canvas's CN; how many alleles have the variant, missing where
            only a copy number is known.
        `filters`
            FILTER and, unless it says PASS, the call's FT; empty where both passed.
        `quality, genotype_quality`
            QUAL and GQ.
        `pairs_reference, pairs_alternate, splits_reference, splits_alternate`
            Manta's read pairs and split reads that show each allele.
        `mate_contig, mate_position, mate`
            Where a breakend's other side lies, and the name of that call.
        `is_imprecise, name`
            Whether the breakpoints are known to a range only; the call's name in its file.
    cohort, provenance
        As of genotypes.
    samples
        The samples whose files were read, sample to participant: who has none of the calls may be called without.
    """

    calls: pd.DataFrame
    cohort: Cohort
    provenance: Provenance
    samples: Mapping[str, int | str]

    @cached_property
    def ht(self) -> hl.Table:
        """The calls as a Hail Table keyed by `interval` (both ends included), with the clinical columns joined."""
        import hail as hl

        from gecip.genotypes.loaded import as_rows
        from gecip.genotypes.session import hail_session

        hail_session()
        frame = self.calls.merge(
            clinical_columns(self.cohort), on="participant_id", how="left", suffixes=("", "_known")
        ).drop(columns=["filters"])
        rows, row_type = as_rows(frame)
        for row, filters in zip(rows, self.calls["filters"], strict=True):
            row["filters"] = set(filters)
        table = hl.Table.parallelize(
            rows, hl.tstruct(**row_type, filters=hl.tset(hl.tstr)), n_partitions=1
        )
        ends = [hl.locus(table.contig, hl.int32(table[end]), "GRCh38") for end in ("start", "stop")]
        return table.key_by(interval=hl.interval(*ends, includes_start=True, includes_end=True))

    def in_genes(self, genes: Sequence[str]) -> StructuralCalls:
        """Return the calls that overlap any of the genes, or have a breakend within."""
        return self._overlapping(regions_of_genes(genes), "in_genes", genes=list(genes))

    def in_regions(self, regions: Sequence[str]) -> StructuralCalls:
        """Return the calls that overlap any of the regions, or have a breakend within."""
        return self._overlapping(parse_regions(regions), "in_regions", regions=list(regions))

    def passing(self) -> StructuralCalls:
        """Return the calls whose FILTER and FT passed."""
        passed = self.calls["filters"].map(len) == 0
        return self._with(self.calls[passed], "passing")

    def of_types(self, *types: str) -> StructuralCalls:
        """Return the calls of these types, as `of_types("DEL", "LOSS")`.

        Raises
        ------
        GenotypesError
            When there is no such type.
        """
        unknown = sorted(set(types) - set(_TYPES))
        if unknown or not types:
            raise GenotypesError(
                f"There is no type {', '.join(unknown) or 'in an empty list'} of structural variants: write {', '.join(_TYPES)}."
            )
        return self._with(self.calls[self.calls["type"].isin(types)], "of_types", types=list(types))

    def _overlapping(
        self, stretches: Sequence[Region], operation: str, /, **parameters: object
    ) -> StructuralCalls:
        import pandas as pd

        calls = self.calls
        kept = pd.Series(data=False, index=calls.index)
        for one in stretches:
            kept |= (
                (calls["contig"] == one.contig)
                & (calls["start"] <= one.stop)
                & (calls["stop"] >= one.start)
            )
            mate = calls["mate_position"].between(one.start, one.stop).fillna(value=False)
            kept |= (calls["mate_contig"] == one.contig) & mate.astype(bool)
        return self._with(calls[kept], operation, **parameters)

    def _with(
        self, calls: pd.DataFrame, operation: str, /, **parameters: object
    ) -> StructuralCalls:
        return replace(
            self,
            calls=calls.reset_index(drop=True),
            provenance=self.provenance.then(operation, **parameters),
        )

    def __repr__(self) -> str:
        return (
            f"StructuralCalls(calls={len(self.calls):,}, genomes={len(self.samples):,}, "
            f"cohort={self.cohort.definition.title!r})"
        )


def load_structural(
    cohort: Cohort,
    files: Sequence[str | Path] | None = None,
    *,
    genes: Sequence[str] | None = None,
    regions: Sequence[str] | None = None,
) -> StructuralCalls:
    """Return the structural and copy-number variants of a cohort's genomes, as Manta and Canvas called them.

    One person's calls are not those of another: nothing says which two are the same variant. A file takes some tens of
    milliseconds; nothing is kept in the store.

    Parameters
    ----------
    cohort
        Whose genomes: consenting people of the cohort only.
    files
        bgzipped VCFs of one sample each; the newest germline ones of the release on GRCh38
        (`genome_file_paths_and_types`, `Structural VCF`) if not given.
    genes, regions
        Only calls that overlap them.

    Raises
    ------
    ConsentError
        When a newer list of consented samples lies in the release than the cohort was selected with.
    GenotypesError
        When no such file of anybody in the cohort is there, or one is damaged.
    """
    require_newest_consent(cohort)
    found = _files(cohort, files)
    cohort.release.record("callset", STRUCTURAL)
    rows: list[dict[str, Any]] = []
    for sample, path in progress(list(found.items()), title="Structural variants", unit="genome"):
        whose = {"participant_id": cohort.samples[sample], "sample": sample}
        rows += [{**whose, **call} for call in read_structural(path)]
    loaded = StructuralCalls(
        calls=_frame(rows),
        cohort=cohort,
        provenance=cohort.provenance.then("load_structural", genomes=len(found)),
        samples={sample: cohort.samples[sample] for sample in found},
    )
    if regions is None:
        return loaded if genes is None else loaded.in_genes(genes)
    return loaded.in_regions([*map(str, regions_of_genes(genes or ())), *regions])


def _files(cohort: Cohort, files: Sequence[str | Path] | None) -> dict[str, Path]:
    if isinstance(files, str | Path):
        raise GenotypesError("load_structural() takes a list of files: write [file].")
    if files is None:
        found = newest_files(cohort, "Structural VCF")
        found = {sample: path for sample, path in found.items() if sample in cohort.samples}
        asked = f"release {cohort.release.name}"
    else:
        from gecip.genotypes.vcf_import import read_header

        named = [(read_header(Path(file)).samples, Path(file)) for file in files]
        found = {
            samples[0]: path
            for samples, path in named
            if len(samples) == 1 and samples[0] in cohort.samples
        }
        asked = f"the {len(files):,} files"
    if not found:
        raise GenotypesError(
            f"In {asked} there is no VCF of structural variants of anybody in the cohort {cohort.definition.title!r}: most people's "
            "lie in their own folders of /genomes; name the files, each of one sample called by its platekey."
        )
    return found


def read_structural(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the calls of one person's VCF, in its order, without saying whose they are.

    Raises
    ------
    GenotypesError
        When the file is damaged.
    """
    import pysam

    try:
        with pysam.VariantFile(str(path)) as records:
            for record in records:
                if record.alts:
                    yield from _calls(record)
    except (OSError, ValueError) as error:
        raise GenotypesError(
            f"{path}: this is no VCF of structural variants, or a damaged one ({str(error)[:100]}): restore it."
        ) from None


def _calls(record: Any) -> Iterator[dict[str, Any]]:
    call = record.samples[0]
    for number, alternate in enumerate(record.alts, start=1):
        kind = _type(record, alternate)
        start, stop = _stretch(record, kind)
        mate = _BREAKEND.search(alternate)
        yield {
            "contig": record.contig,
            "start": start,
            "stop": stop,
            "type": kind,
            "caller": "Canvas" if str(record.id).startswith("Canvas") else "Manta",
            "length": _length(record, alternate, kind, start, stop),
            "genotype": _genotype(call),
            "copy_number": call.get("CN"),
            "copies": _copies(call, number),
            "filters": _filters(record, call),
            "quality": record.qual,
            "genotype_quality": call.get("GQ"),
            **_support(call, "PR", "pairs", number),
            **_support(call, "SR", "splits", number),
            "mate_contig": mate.group(1) if mate else None,
            "mate_position": int(mate.group(2)) if mate else None,
            "mate": _first(record.info.get("MATEID")),
            "is_imprecise": bool(record.info.get("IMPRECISE", False)),
            "name": record.id,
        }


def _type(record: Any, alternate: str) -> str:
    """Return the kind of a call; Canvas says in the call's name whether copies were lost or gained."""
    said = str(_first(record.info.get("SVTYPE")) or alternate.strip("<>").split(":")[0])
    words = str(record.id).split(":")
    if words[0] == "Canvas" and len(words) > 1 and words[1] in ("LOSS", "GAIN", "LOH"):
        return words[1]
    return said


def _stretch(record: Any, kind: str) -> tuple[int, int]:
    """Return the first and last base that are changed: VCF's POS is the base before."""
    if kind in ("INS", "BND"):
        return record.pos, record.pos
    return min(record.pos + 1, record.stop), record.stop


def _length(record: Any, alternate: str, kind: str, start: int, stop: int) -> int | None:
    if kind == "BND":
        return None
    said = _first(record.info.get("SVLEN"))
    if said is not None:
        return abs(int(said))
    if kind == "INS":
        return None if alternate.startswith("<") else len(alternate) - len(record.ref)
    return stop - start + 1


def _genotype(call: Any) -> str | None:
    if "GT" not in call or call["GT"] is None:
        return None
    between = "|" if call.phased else "/"
    return between.join("." if allele is None else str(allele) for allele in call["GT"])


def _copies(call: Any, number: int) -> int | None:
    if "GT" not in call or call["GT"] is None or all(allele is None for allele in call["GT"]):
        return None
    return sum(allele == number for allele in call["GT"])


def _filters(record: Any, call: Any) -> tuple[str, ...]:
    said = [*record.filter.keys()]
    own = call.get("FT")
    said += str(own).split(";") if own else []
    return tuple(dict.fromkeys(word for word in said if word not in ("PASS", ".")))


def _support(call: Any, field: str, name: str, number: int) -> dict[str, int | None]:
    counts = call.get(field)
    known = isinstance(counts, tuple) and len(counts) > number
    return {
        f"{name}_reference": counts[0] if known else None,
        f"{name}_alternate": counts[number] if known else None,
    }


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, tuple) and value else value


_WHOLE = (
    "start", "stop", "length", "copy_number", "copies", "genotype_quality", "pairs_reference", "pairs_alternate",
    "splits_reference", "splits_alternate", "mate_position",
)  # fmt: skip
_COLUMNS = (
    "participant_id", "sample", "contig", "start", "stop", "type", "caller", "length", "genotype", "copy_number", "copies",
    "filters", "quality", "genotype_quality", "pairs_reference", "pairs_alternate", "splits_reference", "splits_alternate",
    "mate_contig", "mate_position", "mate", "is_imprecise", "name",
)  # fmt: skip


def _frame(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    from gecip.model.assembly import GRCH38

    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    frame = frame.astype({**dict.fromkeys(_WHOLE, "Int64"), "quality": "Float64"})
    order = {contig: number for number, contig in enumerate(GRCH38.lengths)}
    place = frame["contig"].map(order).fillna(len(order))
    return (
        frame.assign(place=place)
        .sort_values(["place", "start", "stop", "participant_id"], kind="stable", ignore_index=True)
        .drop(columns="place")
        .astype({"is_imprecise": "bool"})
    )

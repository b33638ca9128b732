"""A family's own VCF, outside any release: opened as it is, on the assembly that it was called on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gecip.errors import GenotypesError
from gecip.genotypes.session import hail_session
from gecip.genotypes.vcf_import import import_genotypes, read_header
from gecip.provenance import Provenance, software_versions

if TYPE_CHECKING:
    import hail as hl

_CHROMOSOMES = (*(str(number) for number in range(1, 23)), "X", "Y")


@dataclass(frozen=True, repr=False, eq=False)
class FamilyGenotypes:
    """Genotypes of families that are no part of a release; who is whose child stands in a `.ped` file.

    Attributes
    ----------
    mt
        The MatrixTable: rows keyed by `locus, alleles`, columns by `participant_id`, which is the sample's name.
    provenance
        The file's name and assembly, or what the caller said of a MatrixTable.
    """

    mt: hl.MatrixTable
    provenance: Provenance

    def __repr__(self) -> str:
        return f"FamilyGenotypes({self.provenance.operation})"


def open_family_vcf(path: str | Path, *, assembly: Literal["GRCh37", "GRCh38"]) -> FamilyGenotypes:
    """Return the genotypes of a bgzipped VCF of one family or several, unread until used.

    Chromosomes may be written with `chr` or without. Sites with several alternates are split, one row for each; a
    partial genotype (`1/.`) of a split site keeps the allele that is known. Nothing is checked against a
    release: consent is the business of whoever brings the file.

    Raises
    ------
    GenotypesError
        When the file is missing, is no bgzipped VCF, or has no samples.
    """
    file = Path(path)
    if not file.is_file():
        raise GenotypesError(f"{file}: there is no such file: name a bgzipped VCF (.vcf.gz).")
    if not read_header(file).samples:
        raise GenotypesError(
            f"{file}: this VCF has no samples: name one with a column for each person."
        )
    hail_session()
    import hail as hl

    prefixed = {name: f"chr{name}" for name in _CHROMOSOMES} | {"MT": "chrM"}
    bare = {f"chr{name}": name for name in _CHROMOSOMES}
    mt = import_genotypes(
        [file],
        partial_genotypes="keep",
        assembly=assembly,
        contig_recoding=prefixed if assembly == "GRCh38" else bare,
    )
    mt = hl.split_multi_hts(mt)
    return family_genotypes(
        mt.key_cols_by(participant_id=mt.s).drop("s"),
        provenance=Provenance(
            "open_family_vcf",
            {"file": file.name, "assembly": assembly},
            software=software_versions(),
        ),
    )


def family_genotypes(mt: hl.MatrixTable, *, provenance: Provenance) -> FamilyGenotypes:
    """Return a MatrixTable of the user's own as genotypes of families.

    Raises
    ------
    GenotypesError
        When it is not keyed by locus and alleles and by `participant_id`, or has no GT.
    """
    if list(mt.row_key) != ["locus", "alleles"] or list(mt.col_key) != ["participant_id"]:
        raise GenotypesError(
            "Genotypes have rows keyed by locus and alleles and columns keyed by participant_id, and this "
            "MatrixTable has not: key it so."
        )
    if "GT" not in mt.entry:
        raise GenotypesError(
            "FORMAT/GT is missing, and without genotypes nothing can be told: bring a callset that has it."
        )
    return FamilyGenotypes(mt, provenance)

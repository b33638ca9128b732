"""To regenie and back: mixed models by the program that has them.

Hail's own `hl.linear_mixed_model` raises since version 0.2.94, and nothing here takes its place. A
whole-genome regression (Mbatchou et al., Nature Genetics 2021, 10.1038/s41588-021-00870-7) is fitted by
regenie in two steps from files that are written here, and its results are read back as a table of
association. The files name participants: they stay inside.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.errors import GenotypesError, InputError
from gecip.genotypes.genotypes import Genotypes
from gecip.model.table import nearest
from gecip.writing import new_folder

if TYPE_CHECKING:
    import hail as hl
    import pandas as pd

STEM = "genotypes"
PHENOTYPES, COVARIATES, COMMANDS = "phenotypes.txt", "covariates.txt", "regenie.sh"
ANNOTATIONS, SETS, MASKS = "annotations.txt", "sets.txt", "masks.txt"
BLOCK_OF_STEP_1, BLOCK_OF_STEP_2 = 1000, 400
_COLUMNS = ("CHROM", "GENPOS", "ID", "ALLELE0", "ALLELE1", "A1FREQ", "N", "TEST", "BETA", "SE", "CHISQ", "LOG10P")  # fmt: skip


@dataclass(frozen=True)
class RegenieFiles:
    """The folder of files for regenie; `commands` is the script with both steps."""

    folder: Path
    commands: Path


def export_to_regenie(
    genotypes: Genotypes,
    folder: str | Path,
    *,
    phenotypes: Sequence[str],
    covariates: Sequence[str] = (),
    binary: bool = False,
    masks: Mapping[str, Sequence[str]] | None = None,
) -> RegenieFiles:
    """Write what regenie needs: a PLINK BED, phenotypes, covariates, and for gene tests its three files.

    The script fits step 1 on all variants that it finds here, which have to be common and pruned; give
    it a BED of such ones by its variable `STEP1` where these are not. One copy of X is written as two
    alike, as PLINK has it. Costs a pass over the genotypes, and a quarter of a byte for each.

    Parameters
    ----------
    folder
        To be made; it must not exist.
    phenotypes, covariates
        Numeric clinical columns of `genotypes.mt`; missing is written as NA.
    binary
        Whether the phenotypes are 0 and 1: then step 2 is Firth's regression where p is under 0.05.
    masks
        Names of masks, and the consequences that each takes together, in VEP's terms, as
        `{"LoF": ["stop_gained", "frameshift_variant"]}`; the annotation names the genes.

    Raises
    ------
    GenotypesError
        When a column is missing or not numeric, or masks are asked for without annotation.
    """
    import hail as hl

    _require_numeric(genotypes, (*phenotypes, *covariates))
    if not phenotypes:
        raise GenotypesError("regenie needs a phenotype: name at least one clinical column.")
    if masks and "annotation" not in genotypes.mt.row:
        raise GenotypesError(
            "Masks are made of functional annotation, and these genotypes have none: leave masks out."
        )
    target = Path(folder).expanduser().absolute()
    if target.exists():
        raise GenotypesError(f"{target}: this is there already: name a new folder.")
    mt = genotypes.mt.filter_rows(hl.len(genotypes.mt.alleles) == 2)
    with new_folder(target) as partial:
        name = hl.str(mt.participant_id)
        copies = hl.if_else(mt.GT.is_haploid(), 2 * mt.GT.n_alt_alleles(), mt.GT.n_alt_alleles())
        hl.export_plink(
            mt,
            str(partial / STEM),
            call=hl.unphased_diploid_gt_index_call(copies),
            fam_id=name,
            ind_id=name,
            is_female=hl.or_missing(
                hl.literal({"Female", "Male"}).contains(mt.sex), mt.sex == "Female"
            ),
            varid=_variant_name(mt),
        )
        people = mt.cols().key_by().select("participant_id", *phenotypes, *covariates).to_pandas()
        _write_columns(partial / PHENOTYPES, people, phenotypes)
        if covariates:
            _write_columns(partial / COVARIATES, people, covariates)
        if masks:
            _write_masks(partial, mt, masks)
        script = _script(covariates=bool(covariates), binary=binary, masks=bool(masks))
        (partial / COMMANDS).write_text(script, encoding="utf-8")
    return RegenieFiles(target, target / COMMANDS)


def _require_numeric(genotypes: Genotypes, names: Sequence[str]) -> None:
    import hail as hl

    columns = genotypes.mt.col
    for name in names:
        if name not in columns:
            raise GenotypesError(
                f"The genotypes have no clinical column {name!r}{nearest(name, tuple(columns))}"
            )
        if columns[name].dtype not in (hl.tbool, hl.tint32, hl.tint64, hl.tfloat32, hl.tfloat64):
            raise GenotypesError(f"The column {name!r} is not numeric, as regenie needs it.")
        if any(mark.isspace() for mark in name):
            raise GenotypesError(
                f"The column {name!r} has a blank in its name, which regenie's files part by."
            )


def _variant_name(mt: hl.MatrixTable | hl.Table) -> hl.StringExpression:
    import hail as hl

    return hl.delimit(
        [mt.locus.contig, hl.str(mt.locus.position), mt.alleles[0], mt.alleles[1]], ":"
    )


def _write_columns(file: Path, people: pd.DataFrame, names: Sequence[str]) -> None:
    ids = people["participant_id"].astype(str)
    lines = [" ".join(["FID", "IID", *names])]
    values = people[list(names)].astype(float)
    for one, row in zip(ids, values.itertuples(index=False), strict=True):
        lines.append(
            " ".join([one, one, *("NA" if value != value else f"{value:.17g}" for value in row)])
        )
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_masks(folder: Path, mt: hl.MatrixTable, masks: Mapping[str, Sequence[str]]) -> None:
    """Write annotations (variant, gene, consequence), sets (gene, place, variants) and masks (name, consequences)."""
    import hail as hl

    wanted = sorted({term for terms in masks.values() for term in terms})
    rank = hl.literal({term: place for place, term in enumerate(wanted)}, "dict<str, int32>")
    rows = mt.rows()
    rows = rows.select(variant=_variant_name(rows), annotation=rows.annotation)
    rows = rows.explode("annotation")
    terms = rows.annotation.Consequence.split("&").filter(rank.contains)
    rows = rows.select("variant", gene=rows.annotation.SYMBOL, terms=terms)
    found = rows.filter(hl.is_defined(rows.gene) & (hl.len(rows.terms) > 0)).collect()
    # regenie takes one annotation of a variant for a gene: the first of the masks' own order counts.
    order = {
        term: place for place, term in enumerate(term for terms in masks.values() for term in terms)
    }
    best: dict[tuple[str, str], str] = {}
    places: dict[str, list[tuple[str, int, str]]] = {}
    for row in found:
        key = (row.variant, row.gene)
        term = min(row.terms, key=lambda one: order[one])
        if key not in best:
            places.setdefault(row.gene, []).append(
                (row.locus.contig, row.locus.position, row.variant)
            )
        best[key] = min(best.get(key, term), term, key=lambda one: order[one])
    annotations = [f"{variant} {gene} {term}" for (variant, gene), term in best.items()]
    sets = [
        f"{gene} {some[0][0].removeprefix('chr')} {min(place for _, place, _ in some)} "
        + ",".join(variant for *_, variant in some)
        for gene, some in sorted(places.items())
    ]
    listed = [f"{name} {','.join(terms)}" for name, terms in masks.items()]
    for name, lines in ((ANNOTATIONS, annotations), (SETS, sets), (MASKS, listed)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _script(*, covariates: bool, binary: bool, masks: bool) -> str:
    common = ["--phenoFile", PHENOTYPES]
    common += ["--covarFile", COVARIATES] if covariates else []
    common += ["--bt"] if binary else []
    first = ["--step", "1", *common, "--bsize", str(BLOCK_OF_STEP_1), "--loocv", "--out", "step1"]
    second = ["--step", "2", "--bed", STEM, *common, "--pred", "step1_pred.list"]
    second += ["--bsize", str(BLOCK_OF_STEP_2), "--out", "step2"]
    second += ["--firth", "--approx", "--pThresh", "0.05"] if binary else []
    if masks:
        second += ["--anno-file", ANNOTATIONS, "--set-list", SETS, "--mask-def", MASKS]
    return "\n".join(
        [
            "#!/bin/bash",
            "# Step 1 wants common, pruned variants of the whole genome: STEP1 is the stem of their BED.",
            "set -euo pipefail",
            'cd "$(dirname "$0")"',
            f'regenie --bed "${{STEP1:-{STEM}}}" {shlex.join(first)}',
            f"regenie {shlex.join(second)}",
            "",
        ]
    )


def import_from_regenie(file: str | Path) -> pd.DataFrame:
    """Return regenie's results of step 2 as a table of association, plain or gzipped.

    Returns
    -------
    `contig, position, reference, alternate, n, alt_frequency, minor_allele_count` (rounded, from the
    frequency), `beta, standard_error, statistic` (chi-squared), `p_value, log10_p` (its common logarithm)
    and `test`. ALLELE1 is the one with the effect, which in a BED of Hail's is the alternate. Where
    regenie had no result, NA, numbers are missing.

    Raises
    ------
    InputError
        When there is no such file, or it has not regenie's columns.
    """
    import numpy as np
    import pandas as pd

    path = Path(file).expanduser()
    try:
        table = pd.read_csv(path, sep=r"\s+", comment="#", dtype={"CHROM": str, "ALLELE0": str, "ALLELE1": str, "ID": str}, keep_default_na=False, na_values=["NA"])  # fmt: skip
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file: check the path.") from None
    except (OSError, UnicodeDecodeError, ValueError):
        raise InputError(
            f"{path}: this is no table of regenie's: name a file that ends in .regenie."
        ) from None
    missing = [name for name in _COLUMNS if name not in table]
    if missing:
        raise InputError(
            f"{path}: there is no column {missing[0]}, which regenie's results have: name a file that ends in .regenie, "
            "written without --no-split or --htp."
        )
    contig = table["CHROM"].str.removeprefix("chr").replace({"23": "X", "24": "Y", "26": "M"})
    frequency = table["A1FREQ"].astype(float)
    called = table["N"].astype(int)
    logarithm = -table["LOG10P"].astype(float)
    rarer = np.minimum(frequency, 1 - frequency)
    return pd.DataFrame(
        {
            "contig": "chr" + contig,
            "position": table["GENPOS"].astype("int64"),
            "reference": table["ALLELE0"],
            "alternate": table["ALLELE1"],
            "n": called,
            "alt_frequency": frequency,
            "minor_allele_count": (2 * called * rarer).round().astype("int64"),
            "beta": table["BETA"].astype(float),
            "standard_error": table["SE"].astype(float),
            "statistic": table["CHISQ"].astype(float),
            "p_value": 10.0**logarithm,
            "log10_p": logarithm,
            "test": table["TEST"].astype(str),
        }
    )

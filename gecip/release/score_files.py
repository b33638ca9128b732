"""Files of polygenic scores, in the format of the PGS Catalog: a header of `#name=value`, then a row for each variant.

Columns are those of its scoring files, format 2.0 (Lambert et al., Nature Genetics 2021,
10.1038/s41588-021-00783-5), with `hm_chr` and `hm_pos` where the Catalog itself has brought the
positions to another assembly.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

BUILDS = {
    "grch38": "GRCh38",
    "hg38": "GRCh38",
    "grch37": "GRCh37",
    "hg19": "GRCh37",
    "grch36": "GRCh36",
    "hg18": "GRCh36",
}
NOT_ADDITIVE = ("is_interaction", "is_haplotype", "is_diplotype", "is_dominant", "is_recessive")
_HOLDS = ("true", "1", "yes")


@dataclass(frozen=True)
class ScoreFile:
    """The weights of a score as its file gives them.

    `rows` has one row for each line: `contig` (with `chr`), `position` (missing where the file has none),
    `effect_allele, other_allele` (missing if not given), `weight, effect_frequency` (missing if not given),
    `is_additive`. `assembly` is that of the positions, `facts` the header.
    """

    name: str
    assembly: str
    facts: Mapping[str, str]
    rows: pd.DataFrame

    def __repr__(self) -> str:
        return f"ScoreFile({self.name!r}, variants={len(self.rows):,}, assembly={self.assembly!r})"


def read_score_file(file: str | Path, *, assembly: str | None = None) -> ScoreFile:
    """Return a polygenic score's weights, plain or gzipped.

    Where the file has the Catalog's own positions on GRCh38 (`hm_chr, hm_pos`, `HmPOS_build`), they are
    taken. `assembly` says what the header does not.

    Raises
    ------
    InputError
        When there is no such file, a column is missing or not a number, or nothing says the assembly.
    """
    path = Path(file).expanduser()
    facts, table = _read(path)
    harmonised = {"hm_chr", "hm_pos"} <= set(table.columns)
    contig, position = ("hm_chr", "hm_pos") if harmonised else ("chr_name", "chr_position")
    missing = {contig, position, "effect_allele", "effect_weight"} - set(table.columns)
    if missing:
        raise InputError(
            f"{path}: there is no column {', '.join(sorted(missing))}: a scoring file of the PGS Catalog has chr_name, "
            "chr_position, effect_allele and effect_weight; one with rsIDs only has to be brought to positions first."
        )
    named = facts.get("HmPOS_build") if harmonised else facts.get("genome_build")
    return ScoreFile(
        name=facts.get("pgs_id") or facts.get("pgs_name") or path.name.partition(".")[0],
        assembly=_assembly(path, named, assembly),
        facts=facts,
        rows=_rows(path, table, contig, position),
    )


def _read(path: Path) -> tuple[dict[str, str], pd.DataFrame]:
    import pandas as pd

    facts: dict[str, str] = {}
    lines: list[list[str]] = []
    try:
        opened = (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8")
        with opened as text:
            for line in text:
                bare = line.rstrip("\r\n")
                if bare.startswith("#"):
                    name, _, value = bare.lstrip("#").partition("=")
                    facts[name.strip()] = value.strip()
                elif bare:
                    lines.append(bare.split("\t"))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file: check the path.") from None
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f"{path}: this cannot be read as text: name a scoring file, plain or gzipped."
        ) from None
    if not lines:
        raise InputError(f"{path}: there is nothing in it but a header: name a scoring file.")
    header, *rows = lines
    wrong = next((number for number, row in enumerate(rows, 1) if len(row) > len(header)), None)
    if wrong is not None:
        raise InputError(f"{path}: row {wrong} has more values than the header has columns.")
    padded = [row + [""] * (len(header) - len(row)) for row in rows]
    return facts, pd.DataFrame(padded, columns=header, dtype=str).replace({"": None, "NA": None})


def _assembly(path: Path, named: str | None, given: str | None) -> str:
    told = named if named and named.upper() != "NR" else given
    if not told:
        raise InputError(
            f"{path}: nothing says on which assembly its positions are: give assembly='GRCh37' or 'GRCh38'."
        )
    known = BUILDS.get(told.strip().lower())
    if known is None:
        raise InputError(
            f"{path}: {told!r} is no assembly that is known: give 'GRCh37' or 'GRCh38'."
        )
    return known


def _rows(path: Path, table: pd.DataFrame, contig: str, position: str) -> pd.DataFrame:
    import pandas as pd

    empty = pd.Series([None] * len(table), dtype=object)

    def numbers(name: str) -> pd.Series:
        values = table.get(name, empty)
        parsed = pd.to_numeric(values, errors="coerce")
        wrong = parsed.isna() & values.notna()
        if wrong.any():
            raise InputError(
                f"{path}: row {int(wrong.to_numpy().argmax()) + 1}: {name} is not a number."
            )
        return parsed

    weight = numbers("effect_weight")
    if weight.isna().any():
        raise InputError(
            f"{path}: row {int(weight.isna().to_numpy().argmax()) + 1} has no effect_weight."
        )
    named = table[contig].map(lambda name: None if name is None else str(name).removeprefix("chr"))
    named = named.map({"23": "X", "24": "Y", "MT": "M"}).fillna(named)
    other = table.get("other_allele", empty)
    if other.isna().all():
        other = table.get("hm_inferOtherAllele", other)
    additive = pd.Series([True] * len(table))
    for name in NOT_ADDITIVE:
        if name in table:
            additive &= ~table[name].fillna("").str.lower().isin(_HOLDS)
    return pd.DataFrame(
        {
            "contig": "chr" + named.where(named.notna(), None),
            "position": numbers(position).astype("Int64"),
            "effect_allele": table["effect_allele"].str.upper(),
            "other_allele": other.str.upper() if other.notna().any() else other,
            "weight": weight.astype(float),
            "effect_frequency": numbers("allelefrequency_effect").astype(float),
            "is_additive": additive,
        }
    )

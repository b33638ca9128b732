"""Has this variant been assessed already? Asked of the four tables in which an assessment may stand.

The programme's own tiers (`tiering_data`), Exomiser's ranks (`exomiser`), what centres reported back
(`gmc_exit_questionnaire`) and what researchers sent in (`submitted_diagnostic_discovery`) write variants
each in a way of its own; joined by hand, rows multiply and padded alleles are missed.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.result import Result
from gecip.cohort.clinical_columns import clinical_columns
from gecip.cohort.selection import Cohort
from gecip.errors import AnalysisError, DefinitionError
from gecip.model.exomiser import Exomiser
from gecip.model.interpretation import GmcExitQuestionnaire, SubmittedDiagnosticDiscovery
from gecip.model.table import Table
from gecip.model.tiering import TieringData
from gecip.model.variant import Variant, contig_name, parse_variant

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "variant", "gene", "participant_id", "family_id", "source", "verdict", "assessed_on", "entries"
)  # fmt: skip


class Source(enum.Enum):
    """Where an assessment stands, from the weakest word to the strongest."""

    EXOMISER = "Exomiser"
    TIERING = "Tiering"
    DISCOVERY = "Sent in by a researcher"
    QUESTIONNAIRE = "Reported by the centre"


@dataclass(frozen=True, repr=False, eq=False)
class AssessedVariants(Result):
    """What is on record of variants in the people of a cohort.

    Attributes
    ----------
    rows
        One row for each variant, person and source, with the columns of `COLUMNS`. `verdict` is the
        highest tier, the best rank, the centre's class after the ACMG's rules, or the zygosity that a
        researcher sent in; `entries` is in how many of the source's rows the variant stands for that
        person; `assessed_on` is the day of the last of them where the source tells it.
    asked
        The variants asked for, or nothing where all were.
    not_compared
        By source, how many rows lie on another assembly or name no small variant, and could not be compared.
    missing
        The sources whose table the release does not have.
    assembly
        The assembly on which variants are compared.
    """

    rows: pd.DataFrame
    asked: tuple[Variant, ...]
    not_compared: Mapping[Source, int]
    missing: tuple[Source, ...]
    assembly: str

    @property
    def never_assessed(self) -> tuple[Variant, ...]:
        """The variants asked for that stand in none of the tables."""
        found = set(self.rows["variant"])
        return tuple(variant for variant in self.asked if str(variant) not in found)

    def __repr__(self) -> str:
        return f"AssessedVariants(variants={self.rows['variant'].nunique():,}, entries={len(self.rows):,})"


def assessed_variants(
    cohort: Cohort, variants: Iterable[str | Variant] | None = None, *, assembly: str = "GRCh38"
) -> AssessedVariants:
    """Return where variants have been assessed before, for whom, and with which verdict.

    Alleles are compared without the bases that both share (see `Variant.trimmed`), so that a padded
    variant is found too. A row counts once for each person and source, however often it stands there:
    tiering repeats a variant for each tier, pattern and panel. Rows on another assembly cannot be compared
    and are counted. Costs one reading of each of the four tables.

    Parameters
    ----------
    cohort
        Whose assessments; only consenting people are in it.
    variants
        As `["chr16:2088000:C:T"]` or `["16-2088000-C-T"]`; without it, everything on record.
    assembly
        On which the variants lie.

    Raises
    ------
    DefinitionError
        When a variant is not named as one.
    AnalysisError
        When the release has none of the four tables.
    """
    import pandas as pd

    asked = _asked(variants)
    wanted = None if variants is None else {str(variant) for variant in asked}
    release = cohort.release
    readers: Mapping[Source, tuple[type[Table], _Reader]] = {
        Source.EXOMISER: (Exomiser, _of_exomiser),
        Source.TIERING: (TieringData, _of_tiering),
        Source.DISCOVERY: (SubmittedDiagnosticDiscovery, _of_discoveries),
        Source.QUESTIONNAIRE: (GmcExitQuestionnaire, _of_questionnaires),
    }
    missing = tuple(
        source for source, (table, _) in readers.items() if table.name not in release.tables
    )
    if len(missing) == len(readers):
        names = ", ".join(table.name for table, _ in readers.values())
        raise AnalysisError(
            f"Whether a variant has been assessed is told by {names}, and release {release.name} has none of them: "
            "use a release that has."
        )
    frames, not_compared = [], {}
    for source, (_, read) in readers.items():
        if source in missing:
            continue
        rows = read(cohort)
        comparable = rows["variant"].notna() & rows["assembly"].fillna(assembly).eq(assembly)
        not_compared[source] = int((~comparable & rows["named"]).sum())
        rows = rows[comparable]
        if wanted is not None:
            rows = rows[rows["variant"].isin(wanted)]
        frames.append(_collapsed(rows.assign(source=source.value)))
    family_of = clinical_columns(cohort).set_index("participant_id")["family_id"]
    found = pd.concat(frames, ignore_index=True)
    found["family_id"] = found["participant_id"].map(family_of)
    return AssessedVariants(
        provenance=cohort.provenance.then(
            "assessed_variants",
            variants=len(asked) if wanted is not None else "all",
            assembly=assembly,
        ),
        rows=found[list(COLUMNS)].sort_values(
            ["variant", "participant_id", "source"], ignore_index=True
        ),
        asked=asked,
        not_compared=not_compared,
        missing=missing,
        assembly=assembly,
    )


_Reader = Callable[[Cohort], "pd.DataFrame"]


def _asked(variants: Iterable[str | Variant] | None) -> tuple[Variant, ...]:
    named = (one if isinstance(one, Variant) else parse_variant(one) for one in variants or ())
    return tuple(dict.fromkeys(variant.trimmed for variant in named))


def _of_tiering(cohort: Cohort) -> pd.DataFrame:
    rows = cohort.rows(TieringData, [*_ALLELES, "genomic_feature_hgnc", "tier"])
    return _assessments(
        rows, gene=rows["genomic_feature_hgnc"], verdict=rows["tier"], order=rows["tier"].map(_place_of_tier)
    )  # fmt: skip


def _of_exomiser(cohort: Cohort) -> pd.DataFrame:
    rows = cohort.rows(Exomiser, [*_ALLELES, "genomic_feature_hgnc", "rank"])
    rank = rows["rank"].astype("Int64")
    return _assessments(
        rows, gene=rows["genomic_feature_hgnc"], verdict=("rank " + rank.astype("string")), order=rank
    )  # fmt: skip


def _of_questionnaires(cohort: Cohort) -> pd.DataFrame:
    wanted = [*_ALLELES, "gene_name", "acmg_classification", "event_date"]
    rows = cohort.rows(GmcExitQuestionnaire, wanted)
    named = rows["acmg_classification"].str.removesuffix("_variant").str.replace("_", " ")
    # The last questionnaire is the one that counts.
    order = -rows["event_date"].rank(method="dense").fillna(0)
    verdict = named.fillna("reported")
    return _assessments(
        rows, gene=rows["gene_name"], verdict=verdict, order=order, day=rows["event_date"]
    )


def _of_discoveries(cohort: Cohort) -> pd.DataFrame:
    # Zygosity is told since v18 only.
    rows = cohort.rows(SubmittedDiagnosticDiscovery)
    parts = rows["variant_of_interest"].map(_parsed, na_action="ignore")
    split = rows.assign(
        assembly=rows["genome_build"],
        **{
            name: [None if part is None or part != part else part[place] for part in parts]
            for place, name in enumerate(("chromosome", "position", "reference", "alternate"))
        },
    )
    zygosity = (
        rows["Zygosity"] if "Zygosity" in rows else rows["genome_build"].mask(rows.index >= 0)
    )
    order = -rows["reporting_date"].rank(method="dense").fillna(0)
    return _assessments(
        split,
        gene=rows["gene_of_interest"],
        verdict=zygosity.fillna("sent in"),
        order=order,
        day=rows["reporting_date"],
    ).assign(named=rows["variant_of_interest"].notna())


_ALLELES = ("assembly", "chromosome", "position", "reference", "alternate")


def _place_of_tier(tier: object) -> int:
    """Return a tier's place; TIER1 comes first and NONE last."""
    text = str(tier)
    return int(text[-1]) if text[-1:].isdigit() else 9


def _parsed(text: str) -> Variant | None:
    try:
        return parse_variant(text)
    except DefinitionError:
        # Researchers write in free words too; such a row is counted as one that cannot be compared.
        return None


def _assessments(
    rows: pd.DataFrame,
    *,
    gene: pd.Series[Any],
    verdict: pd.Series[Any],
    order: pd.Series[Any],
    day: pd.Series[Any] | None = None,
) -> pd.DataFrame:
    """Return one table's rows in the common shape; `order` is 1 for the strongest verdict."""
    import pandas as pd

    alleles = rows[["chromosome", "position", "reference", "alternate"]]
    variants = [_name(cells) for cells in alleles.itertuples(index=False, name=None)]
    return pd.DataFrame(
        {
            "participant_id": rows["participant_id"],
            "assembly": rows["assembly"],
            "variant": pd.Series(variants, index=rows.index, dtype="object"),
            "named": rows["position"].notna(),
            "gene": gene,
            "verdict": verdict,
            "order": order,
            "assessed_on": pd.Series(day, index=rows.index, dtype="datetime64[s]"),
        }
    )


def _name(cells: Sequence[Any]) -> str | None:
    """Return the trimmed variant of four cells, or nothing where one is missing or no base."""
    import pandas as pd

    if any(pd.isna(cell) for cell in cells):
        return None
    contig, position, reference, alternate = cells
    known = contig_name(str(contig))
    if known is None or not str(reference).isalpha() or not str(alternate).isalpha():
        return None
    return str(
        Variant(known, int(position), str(reference).upper(), str(alternate).upper()).trimmed
    )


def _collapsed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each variant, person and source: the strongest verdict and how often it stands there."""
    keys = ["variant", "participant_id", "source"]
    ordered = rows.sort_values([*keys, "order"], kind="stable")
    grouped = ordered.groupby(keys, sort=False)
    return grouped.agg(
        gene=("gene", "first"),
        verdict=("verdict", "first"),
        assessed_on=("assessed_on", "max"),
        entries=("verdict", "size"),
    ).reset_index()

"""The tumours of a cohort that were sequenced and interpreted, with the small variants of their reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domains.cancer.protein_changes import change_of
from gecip.analysis.result import Result
from gecip.cohort import Cohort, clinical_columns
from gecip.errors import AnalysisError
from gecip.model.cancer import DISEASE_TYPES, CancerAnalysis, CancerTierAndDomainVariants
from gecip.model.table import nearest

if TYPE_CHECKING:
    import pandas as pd

SOMATIC = "somatic"
# Longer insertions and deletions are called as structural variants.
LONGEST_SMALL_INDEL = 49


@dataclass(frozen=True, repr=False, eq=False)
class Tumours(Result):
    """Sequenced tumours, and the somatic small variants that their reports tell.

    Attributes
    ----------
    tumours
        One row each: `tumour, participant_id, family_id, disease_type, disease_sub_type, tumour_type, sampled,
        year_of_birth, recorded_per_megabase`, by the day of sampling.
    variants
        One row for each variant and gene: `tumour, gene, contig, position, ref, alt, fraction, consequence,
        relevance, domain, is_non_synonymous`.
    """

    tumours: pd.DataFrame
    variants: pd.DataFrame

    def __len__(self) -> int:
        return len(self.tumours)

    @property
    def n_participants(self) -> int:
        """Whose tumours they are."""
        return int(self.tumours["participant_id"].nunique())

    def first_of_each_participant(self) -> Tumours:
        """Return the tumour of each participant that was sampled first: a second of the same person is no second case."""
        first = self.tumours.drop_duplicates("participant_id").reset_index(drop=True)
        return replace(
            self,
            tumours=first,
            variants=_of(self.variants, first),
            provenance=self.provenance.then("first_of_each_participant", tumours=len(first)),
        )

    def __repr__(self) -> str:
        return (
            f"Tumours({len(self):,} of {self.n_participants:,} participants, "
            f"variants={len(self.variants):,})"
        )


def load_tumours(cohort: Cohort, *, disease_type: str | None = None) -> Tumours:
    """Return the sequenced tumours of a cohort, of one kind or of all, with their somatic variants.

    Inherited variants of the report are left out: whoever counts them as the tumour's own counts wrong. A
    variant that the report tells for several genes (`A;B`) has a row for each.

    Parameters
    ----------
    cohort
        The people whose tumours are wanted; who has none is no part of the result.
    disease_type
        A kind of tumour in the programme's words, as `"LUNG"`.

    Raises
    ------
    UnknownTableError
        When the release has no tumours.
    AnalysisError
        When nobody in the cohort has a tumour, or not of that kind.
    """
    import pandas as pd

    rows = cohort.rows(CancerAnalysis)
    title = cohort.definition.title
    if rows.empty:
        raise AnalysisError(
            f"Nobody in the cohort {title!r} has a sequenced tumour: select people with one, as by "
            "define_cohort(…).include(tumours.exists_for_participant(), because=…)."
        )
    if disease_type is not None:
        if disease_type not in DISEASE_TYPES:
            raise AnalysisError(
                f"The programme has no kind of tumour {disease_type!r}{nearest(disease_type, DISEASE_TYPES)}"
            )
        rows = rows[rows["disease_type"] == disease_type]
        if rows.empty:
            raise AnalysisError(
                f"Nobody in the cohort {title!r} has a tumour of the kind {disease_type!r}: ask for another, or "
                "leave disease_type out."
            )
    families = clinical_columns(cohort).set_index("participant_id")["family_id"]
    tumours = pd.DataFrame(
        {
            "tumour": rows["tumour_sample_platekey"],
            "participant_id": rows["participant_id"],
            "family_id": rows["participant_id"].map(families),
            "disease_type": rows["disease_type"],
            **{name: _column(rows, name) for name in ("disease_sub_type", "tumour_type")},
            "sampled": pd.to_datetime(_column(rows, "tumour_clinical_sample_time")),
            "year_of_birth": _column(rows, "year_of_birth"),
            "recorded_per_megabase": _column(rows, "somatic_coding_variants_per_mb").astype(float),
        }
    ).drop_duplicates("tumour")
    tumours = tumours.sort_values(["sampled", "tumour"], kind="stable", ignore_index=True)
    return Tumours(
        tumours=tumours,
        variants=_of(_somatic_variants(cohort), tumours),
        provenance=cohort.provenance.then("load_tumours", disease_type=disease_type),
    )


def _column(rows: pd.DataFrame, name: str) -> pd.Series:
    """Return a column, or an empty one where an older release does not have it."""
    import pandas as pd

    if name in rows:
        return rows[name]
    return pd.Series(float("nan"), index=rows.index, name=name)


def _somatic_variants(cohort: Cohort) -> pd.DataFrame:
    names = {
        "tumour_sample_platekey": "tumour",
        "gene": "gene",
        "chr": "contig",
        "pos": "position",
        "ref": "ref",
        "alt": "alt",
        "vaf": "fraction",
        "cellbase_consequence": "consequence",
        "relevance": "relevance",
        "domain": "domain",
    }
    rows = cohort.rows(CancerTierAndDomainVariants)
    rows = rows[rows["origin"] == SOMATIC]
    found = rows.reindex(columns=list(names)).rename(columns=names)
    found = found.assign(gene=found["gene"].str.split(r"[;,]")).explode("gene", ignore_index=True)
    found = found.assign(gene=found["gene"].str.strip())
    changes = [change_of(words) is not None for words in found["consequence"].fillna("")]
    return found.assign(is_non_synonymous=changes).drop_duplicates(ignore_index=True)


def _of(rows: pd.DataFrame, tumours: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["tumour"].isin(tumours["tumour"])].reset_index(drop=True)

"""Who lives how long after the diagnosis of a tumour, by whether a gene is mutated in it.

The tumour that was sequenced does not name its diagnosis: the two are matched by site and date. A
person is under observation from the day on which the tumour was sampled, or on which he or she joined
the programme if that came later: whoever died before is in no release.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING

from domains.cancer.sequenced_tumours import Tumours
from gecip.analysis.clinical.survival import FollowUp, follow_up
from gecip.cohort import Cohort
from gecip.errors import AnalysisError
from gecip.model.cancer import CancerParticipantTumour
from gecip.model.hospital import MORTALITY_COVERAGE, Mortality
from gecip.model.people import Participant

if TYPE_CHECKING:
    import pandas as pd

    from gecip.release import Release

AGE = "age_in_decades"
# A registered diagnosis may lie some days after the operation at which the tumour was sampled: it waits for
# the pathologist.
DAYS_AFTER_SAMPLING = 60
_COVERED = "v19"

# Categories of ICD-10 in which the programme's kinds of tumour are registered; a kind that is not here is
# matched by date alone. The assignment is ours.
SITES: Mapping[str, tuple[str, ...]] = {
    "ADULT_GLIOMA": ("C71", "C72"),
    "BLADDER": ("C67", "D09"),
    "BREAST": ("C50", "D05"),
    "COLORECTAL": ("C18", "C19", "C20", "C21"),
    "ENDOMETRIAL_CARCINOMA": ("C54", "C55"),
    "HEPATOPANCREATOBILIARY": ("C22", "C23", "C24", "C25"),
    "LUNG": ("C33", "C34"),
    "MALIGNANT_MELANOMA": ("C43", "D03"),
    "ORAL_OROPHARYNGEAL": tuple(f"C{number:02}" for number in range(15)),
    "OVARIAN": ("C48", "C56", "C57"),
    "PROSTATE": ("C61",),
    "RENAL": ("C64", "C65"),
    "SARCOMA": ("C40", "C41", "C46", "C47", "C48", "C49"),
    "TESTICULAR_GERM_CELL_TUMOURS": ("C62",),
    "UPPER_GASTROINTESTINAL": ("C15", "C16", "C17"),
}


def mutated(gene: str) -> str:
    """Return how the group is called in whose tumours the gene is mutated."""
    return f"{gene} mutated"


def not_mutated(gene: str) -> str:
    """Return how the group is called in whose tumours the gene is not mutated."""
    return f"{gene} not mutated"


def follow_by_gene(
    cohort: Cohort,
    tumours: Tumours,
    *,
    gene: str,
    followed_until: datetime.date | None = None,
) -> FollowUp:
    """Return the follow-up of people with these tumours, in two groups: the gene is not mutated, or it is.

    One tumour per participant, the first that was sampled. The origin is the day of the diagnosis, entry the
    day of sampling or of registration with the programme, whichever is later; `age_in_decades`, at the
    diagnosis, is a covariate. People without one of the dates are left out and counted.

    Parameters
    ----------
    cohort
        The cohort of which the tumours were loaded.
    gene
        Symbol of the gene; a variant that changes the protein or a splice site makes it mutated.
    followed_until
        The last day on which a death would have been seen. Where none is given it is the end of the deaths
        that are linked to release v19, and in other releases the last death that is on record.

    Raises
    ------
    AnalysisError
        When nobody can be followed, a group is empty, or no death is on record and no day was given.
    """
    import pandas as pd

    first = tumours.first_of_each_participant()
    changed = first.variants[first.variants["is_non_synonymous"]]
    carriers = set(changed.loc[changed["gene"] == gene, "tumour"])
    rows = first.tumours
    people = rows["participant_id"]
    deaths = cohort.rows(Mortality, ["date_of_death"]).drop_duplicates("participant_id")
    registered = cohort.rows(Participant, ["registration_date"]).set_index("participant_id")
    entered = pd.concat(
        [rows["sampled"], people.map(pd.to_datetime(registered["registration_date"]))], axis=1
    )
    origin = people.map(diagnosis_days(cohort, first))
    dates = pd.DataFrame(
        {
            "participant_id": people,
            "family_id": rows["family_id"],
            "group": [
                mutated(gene) if one in carriers else not_mutated(gene) for one in rows["tumour"]
            ],
            "origin": origin,
            # Who has no day of sampling is not known to have been observed, whenever he or she was registered.
            "entered": entered.max(axis=1).where(rows["sampled"].notna()),
            "died_on": people.map(
                pd.to_datetime(deaths.set_index("participant_id")["date_of_death"])
            ),
            AGE: (origin.dt.year - rows["year_of_birth"].astype(float)) / 10,
        }
    )
    return follow_up(
        dates,
        groups=[not_mutated(gene), mutated(gene)],
        followed_until=followed_until or _last_day(cohort.release),
        provenance=first.provenance.then("follow_by_gene", gene=gene),
        covariates=[AGE],
    )


def diagnosis_days(cohort: Cohort, tumours: Tumours) -> pd.Series:
    """Return the day of the diagnosis of each participant's tumour, by participant; missing where none fits.

    Of the diagnoses whose site fits the kind of tumour, the last before the sampling; one up to 60 days
    after it will do, since a pathologist's word takes its time. An earlier cancer of another site is
    another disease, and does not count.
    """
    import pandas as pd

    rows = cohort.rows(CancerParticipantTumour, ["diagnosis_date", "diagnosis_icd_code"])
    rows = rows.assign(diagnosis_date=pd.to_datetime(rows["diagnosis_date"]))
    joined = tumours.tumours[["participant_id", "disease_type", "sampled"]].merge(
        rows.dropna(subset=["diagnosis_date"]), on="participant_id"
    )
    in_time = joined["diagnosis_date"] <= joined["sampled"] + pd.Timedelta(days=DAYS_AFTER_SAMPLING)
    fits = [
        kind not in SITES or str(code).startswith(SITES[kind])
        for kind, code in zip(joined["disease_type"], joined["diagnosis_icd_code"], strict=True)
    ]
    matched = joined[in_time & pd.Series(fits, index=joined.index, dtype=bool)]
    days = matched.groupby("participant_id")["diagnosis_date"].max()
    return pd.to_datetime(days)


def _last_day(release: Release) -> datetime.date:
    """Return the last day on which a death would be on record; everybody's deaths tell, not the cohort's alone."""
    import pandas as pd

    if release.version == _COVERED:
        return MORTALITY_COVERAGE[1]
    last = pd.to_datetime(release.read(Mortality, ["date_of_death"])["date_of_death"]).max()
    if pd.isna(last):
        raise AnalysisError(
            f"Release {release.name} has no death on record, so that nobody knows until when deaths were seen: "
            "give followed_until."
        )
    day: datetime.date = last.date()
    return day

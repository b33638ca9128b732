"""The rows of the clinical tables, one function a table, each with a random stream of its own."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from gecip.model.genomes import AggregateGvcfSampleStats, GenomeFilePathsAndTypes
from gecip.model.people import Participant, RareDiseasesFamily, RareDiseasesPedigreeMember
from gecip.model.rare_disease_clinic import RareDiseasesParticipantDisease
from gecip.model.table import Table
from gecip.synthetic.casting import DECOYS, TRUTHS, Part
from gecip.synthetic.child_consent import (
    AGE_OF_CONSENT,
    birthdays,
    consented_as_children,
    expired_child_consent,
)
from gecip.synthetic.consenting import Consent, Consents
from gecip.synthetic.disease_plan import DiseasePlan
from gecip.synthetic.kinship import expected_ancestry
from gecip.synthetic.life_dates import (
    CENTRES,
    Dates,
    LifeDates,
    draw_answers,
    draw_days,
    draw_ethnic_categories,
    only_where,
)
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import (
    ANCESTRIES,
    CONSANGUINITY_OF_OTHERS,
    CONSANGUINITY_SHARES,
    MIXED,
    Recruits,
    Role,
)
from gecip.synthetic.sample_mishaps import GeneticTruth, Mishaps, tell_participants
from gecip.synthetic.sample_statistics import sample_statistics
from gecip.synthetic.sampling import people_on_older_build, platekeys
from gecip.synthetic.sequencing import Samples

if TYPE_CHECKING:
    import pandas as pd

Columns = dict[str, Any]
Places = npt.NDArray[np.int64]

# Of the cancer arm, how many are in the TracerX cohort; an assumption.
TRACERX_SHARE = 0.03
# After the coding of `biological_relationship_to_proband` that the GMS dictionary gives.
RELATIONSHIPS: Mapping[Role, str | None] = {
    Role.PROBAND: None,
    Role.ALONE: None,
    Role.FATHER: "Father",
    Role.MOTHER: "Mother",
    Role.SIBLING: "Full Sibling",
    Role.SECOND_SIBLING: "Full Sibling",
    Role.MATERNAL_AUNT: "Aunt",
    Role.PATERNAL_GRANDFATHER: "Grandparent",
    Role.PATERNAL_GRANDMOTHER: "Grandparent",
    Role.MATERNAL_GRANDFATHER: "Grandparent",
    Role.MATERNAL_GRANDMOTHER: "Grandparent",
    Role.GREAT_GRANDFATHER: "Other",
    Role.GREAT_GRANDMOTHER: "Other",
}
_PREDICTED = {
    "AFR": "pred_african_ancestries",
    "AMR": "pred_american_ancestries",
    "EAS": "pred_east_asian_ancestries",
    "EUR": "pred_european_ancestries",
    "SAS": "pred_south_asian_ancestries",
}
# Of probands' families, after the Research Environment's summary statistics.
SHARE_INCOMPLETE = 0.245
SHARE_UNKNOWN_CONSANGUINITY = 0.55
_FILES = (
    ("BAM", "Assembly/{}.bam"),
    ("Standard VCF", "Variations/{}.vcf.gz"),
    ("Genomic VCF", "Variations/{}.genome.vcf.gz"),
    ("Structural VCF", "Variations/{}.SV.vcf.gz"),
)


@dataclass(frozen=True)
class Programme:
    """Everything that was decided before a table is written; places are those of `recruits.people`.

    `recruits` are the people as recorded, `truth` says who they are by blood and whose genome each
    sample holds; the two differ where a mishap happened. `unrelated` follows the samples.
    """

    seed: int
    release_date: datetime.date
    recruits: Recruits
    plan: DiseasePlan
    consents: Consents
    samples: Samples
    dates: LifeDates
    affected: npt.NDArray[np.bool_]
    unrelated: npt.NDArray[np.bool_]
    truth: GeneticTruth
    mishaps: Mishaps
    # Scores of the samples on principal components; none without genomes.
    components: npt.NDArray[np.float64] | None = None
    # Whose genomes came after the aggregate was frozen.
    delivered_later: Places = field(default_factory=lambda: np.array([], dtype=np.int64))

    @property
    def in_tables(self) -> Places:
        """Return the participants of whom the tables have rows, in the order of their numbers."""
        people = self.recruits.people
        shown = people.recruited & np.array([consent.in_tables for consent in self.consents])
        places = np.flatnonzero(shown)
        return places[np.argsort(people.number[places], kind="stable")]

    @cached_property
    def child_consent_expired(self) -> npt.NDArray[np.bool_]:
        """Who came of age before the release without having consented; one place per person."""
        return expired_child_consent(self.seed, self.recruits, self.dates, self.release_date)

    @cached_property
    def linked_until(self) -> Dates:
        """The last day of which linked records may tell, of each person: the release's, or the eve of the 16th birthday."""
        released = np.datetime64(self.release_date)
        eve = birthdays(self.dates, AGE_OF_CONSENT) - np.timedelta64(1, "D")
        return np.where(self.child_consent_expired, np.minimum(eve, released), released)

    @cached_property
    def genome_files(self) -> pd.DataFrame:
        """The rows of the table of delivered files, which several tables look samples up in; not to be changed."""
        return genome_file_rows(self)

    def stream(self, table: type[Table]) -> np.random.Generator:
        """Return the random stream of a table."""
        return random_stream(self.seed, f"tables/{table.name}")


def rows_of(programme: Programme) -> dict[type[Table], Callable[[], pd.DataFrame]]:
    """Return what makes each table's rows, by table; the phenotypes are made elsewhere."""
    return {
        Participant: lambda: participant_rows(programme),
        RareDiseasesFamily: lambda: family_rows(programme),
        RareDiseasesPedigreeMember: lambda: pedigree_member_rows(programme),
        RareDiseasesParticipantDisease: lambda: disease_rows(programme),
        GenomeFilePathsAndTypes: lambda: programme.genome_files,
        AggregateGvcfSampleStats: lambda: sample_stats_rows(programme),
    }


def participant_rows(programme: Programme) -> pd.DataFrame:
    """Return one row for each participant who had not withdrawn in full before the release."""
    stream = programme.stream(Participant)
    people, families = programme.recruits.people, programme.recruits.families
    places = programme.in_tables
    size = len(places)
    family = people.family[places]
    rare = family >= 0
    proband = np.array([people.role[place] is Role.PROBAND for place in places])
    labels = _ancestry_labels(programme, places)
    stated = draw_ethnic_categories(stream, labels)
    centre = [CENTRES[number] for number in programme.dates.centre[places]]
    registered = programme.dates.registration[places]
    male = people.male[places]
    karyotyped = stream.random(size) < 0.4
    consents = [programme.consents[place] for place in places]
    child = consented_as_children(programme.recruits, programme.dates)[places]
    frame = frame_of(
        Participant,
        {
            "participant_id": people.number[places],
            "gel_case_reference": [
                f"GEL-{number}" for number in _surrogates(people.number[places])
            ],
            "gel_case_programme_id": np.where(rare, "1", "2"),
            "latest_case_activity_datetime": draw_days(
                stream, registered, shortest=200, longest=900
            ),
            "participant_sk": _surrogates(people.number[places]),
            "programme": np.where(rare, "Rare Diseases", "Cancer"),
            "handling_gmc_ods_code": [one.code for one in centre],
            "handling_gmc": [one.name for one in centre],
            "handling_gmc_trust": [one.trust for one in centre],
            "year_of_birth": programme.dates.birth_year[places],
            "participant_ethnic_category": stated,
            "participant_phenotypic_sex": np.where(male, "Male", "Female"),
            "participant_karyotypic_sex": np.where(
                karyotyped, np.where(male, "XY", "XX"), "unknown"
            ),
            "participant_stated_gender": np.where(male, "Male", "Female"),
            "registration_date": registered,
            "registered_at_gmc_ods_code": [one.code for one in centre],
            "registered_at_gmc": [one.name for one in centre],
            "registered_at_gmc_trust": [one.trust for one in centre],
            "registered_at_ldp_ods_code": [one.code for one in centre],
            "registered_at_ldp_bioinformatics_ods_code": [one.code for one in centre],
            "registered_at_ldp_organisation_name": [one.trust for one in centre],
            "registered_at_ldp_site_name": [one.trust for one in centre],
            "programme_consent_status": [consent.status for consent in consents],
            "date_of_consent": draw_days(stream, registered, shortest=0, longest=21),
            "consent_form": np.where(
                child,
                "rare-disease-child-consent-v3",
                np.where(rare, "rare-disease-consent-v3", "cancer-consent-v3"),
            ),
            "information_sheet": np.where(rare, "rare-disease-sheet-v3", "cancer-sheet-v3"),
            **_withdrawal_columns(programme, stream, places),
            "rare_diseases_family_sk": _of_family(rare, family, _surrogates(families.number)),
            "rare_diseases_family_id": _of_family(rare, family, families.number),
            "participant_type": only_where(rare, np.where(proband, "Proband", "Relative")),
            **_parents_categories(stream, stated, rare),
            "participant_medical_review_date": draw_days(
                stream, registered, shortest=60, longest=400
            ),
            "participant_medical_review_qc_state_code": "passedMedicalReviewReadyForInterpretation",
            "participant_medical_review_qc_state_description": (
                "Passed medical review, ready for interpretation"
            ),
            **_family_history(programme, stream, places, proband),
            "out_of_area_recruitment": draw_answers(
                stream, {"No": 0.9, "Yes": 0.04, "": 0.06}, size
            ),
            "biological_relationship_to_proband": [
                RELATIONSHIPS[people.role[place]] for place in places
            ],
            "participant_pipeline_status_id": 9,
            "participant_pipeline_status": "Interpretation complete",
            "reproductive_additional_findings": draw_answers(
                stream, {"Yes": 0.7, "No": 0.2, "": 0.1}, size
            ),
            "health_related_additional_findings": draw_answers(
                stream, {"Yes": 0.88, "No": 0.07, "": 0.05}, size
            ),
            "normalised_consent_form": _consent_forms(programme, rare),
            "secondary_data_received_until_year": _where(
                programme.child_consent_expired[places],
                programme.dates.birth_year[places] + AGE_OF_CONSENT,
            ),
        },
    )
    return tell_participants(frame, programme.recruits, programme.mishaps)


def _withdrawal_columns(
    programme: Programme, stream: np.random.Generator, places: Places
) -> Columns:
    """Return when and how far people withdrew: in part before the release, in full (if seen at all) after it."""
    release = np.datetime64(programme.release_date)
    chance = stream.random(len(places))
    consents = programme.consents[places]
    in_part = consents == Consent.WITHDRAWN_IN_PART
    in_full = consents == Consent.WITHDRAWN_AFTER_RELEASE
    after_joining = programme.dates.registration[places] + _days(30 + 900 * chance)
    date = np.where(
        in_part,
        np.minimum(after_joining, release - np.timedelta64(1, "D")),
        np.where(in_full, release + _days(5 + 60 * chance), np.datetime64("NaT")),
    )
    option = np.where(in_part, "partial_withdrawal", "full_withdrawal")
    return {
        "withdrawal_of_consent_date": date,
        "withdrawal_option": only_where(in_part | in_full, option),
        "withdrawal_form": only_where(in_part | in_full, "withdrawal-form-v2"),
    }


def _days(days: npt.NDArray[np.float64]) -> npt.NDArray[np.timedelta64]:
    return days.astype(np.int64).astype("timedelta64[D]")


def _parents_categories(
    stream: np.random.Generator, stated: npt.NDArray[np.object_], rare: npt.NDArray[np.bool_]
) -> Columns:
    found = {}
    for parent in ("fathers", "mothers"):
        known = rare & (stream.random(len(stated)) < 0.6)
        found[f"{parent}_ethnic_category"] = only_where(known, stated)
    return found


def _family_history(
    programme: Programme,
    stream: np.random.Generator,
    places: Places,
    proband: npt.NDArray[np.bool_],
) -> Columns:
    """Return what the form asks about the proband's parents and siblings; empty for everybody else."""
    recruits, affected = programme.recruits, programme.affected
    people = recruits.people
    size = len(places)
    columns: Columns = {
        name: np.full(size, None, dtype=object)
        for name in (
            "consanguinity",
            "consanguinity_sk",
            "father_affected",
            "mother_affected",
            "penetrance",
            "full_brothers_affected",
            "full_sisters_affected",
            "total_full_brothers",
            "total_full_sisters",
        )
    }
    told = stream.random((size, 4))
    parts = programme.plan.parts
    is_planted = np.array([part in (*TRUTHS, *DECOYS) for part in parts])
    is_given = np.array([part is Part.INCOMPLETE_PENETRANCE for part in parts])
    families = people.family[places[proband]]
    # Of most planted truths penetrance is complete: the other families make up for it.
    missing = SHARE_INCOMPLETE * len(families) - is_given[families].sum()
    chance_incomplete = missing / max(int((~is_planted[families]).sum()), 1)
    for at in np.flatnonzero(proband):
        family = int(people.family[places[at]])
        for name, role, place in (("father", Role.FATHER, 0), ("mother", Role.MOTHER, 1)):
            known = recruits.recruited(family, role) or told[at, place] < 0.85
            answer = "Yes" if affected[recruits.place(family, role)] else "No"
            columns[f"{name}_affected"][at] = answer if known else "Unknown"
        siblings = [
            place
            for role in (Role.SIBLING, Role.SECOND_SIBLING)
            if (place := recruits.place(family, role)) >= 0
        ]
        for sex, male in (("brothers", True), ("sisters", False)):
            of_sex = [place for place in siblings if people.male[place] == male]
            columns[f"total_full_{sex}"][at] = len(of_sex)
            columns[f"full_{sex}_affected"][at] = int(affected[of_sex].sum()) if of_sex else 0
        columns["consanguinity"][at] = _consanguinity(programme, family, float(told[at, 2]))
        columns["consanguinity_sk"][at] = ("Yes", "No", "Possible", "Unknown").index(
            columns["consanguinity"][at]
        )
        by_chance = told[at, 3] < chance_incomplete and not is_planted[family]
        is_incomplete = by_chance or is_given[family]
        columns["penetrance"][at] = "incomplete" if is_incomplete else "complete"
    return columns


def _consanguinity(programme: Programme, family: int, chance: float) -> str:
    families = programme.recruits.families
    if families.consanguineous[family]:
        return "Yes"
    # Of more than half of all families it is unknown, also where more of the others' parents are related.
    related = CONSANGUINITY_SHARES.get(str(families.ancestry[family]), CONSANGUINITY_OF_OTHERS)
    if chance < SHARE_UNKNOWN_CONSANGUINITY / (1 - related):
        return "Unknown"
    return "Possible" if chance > 0.99 else "No"


def family_rows(programme: Programme) -> pd.DataFrame:
    """Return one row for each family of which somebody is in the tables."""
    stream = programme.stream(RareDiseasesFamily)
    families = programme.recruits.families
    seen = np.unique(programme.recruits.people.family[programme.in_tables])
    seen = seen[seen >= 0]
    seen = seen[np.argsort(families.number[seen], kind="stable")]
    first = np.array(
        [programme.dates.registration[families.first[family]] for family in seen],
        dtype="datetime64[D]",
    )
    codes = [CENTRES[programme.dates.centre[families.first[family]]].code for family in seen]
    answers = {"no": 0.7, "unknown": 0.28, "yes": 0.02}
    several = draw_answers(stream, answers, len(seen))
    incomplete = draw_answers(stream, answers, len(seen))
    incomplete[np.isin(seen, programme.plan.families(Part.INCOMPLETE_PENETRANCE))] = "yes"
    return frame_of(
        RareDiseasesFamily,
        {
            "rare_diseases_family_sk": _surrogates(families.number[seen]),
            "rare_diseases_family_id": families.number[seen],
            "family_group_type": [families.structure[family].family_group_type for family in seen],
            "family_medical_review_date": draw_days(stream, first, shortest=60, longest=400),
            "family_medical_review_qc_state_code": "passedMedicalReviewReadyForInterpretation",
            "family_medical_review_qc_state_description": (
                "Passed medical review, ready for interpretation"
            ),
            "multiple_monogenic_likely_code": several,
            "multiple_monogenic_likely_description": [answer.capitalize() for answer in several],
            "family_non_penetrance_suspected_code": incomplete,
            "family_non_penetrance_suspected_description": [
                answer.capitalize() for answer in incomplete
            ],
            "family_medical_review_gmc_ods_code": codes,
        },
    )


def pedigree_member_rows(programme: Programme) -> pd.DataFrame:
    """Return one row for each person drawn in a pedigree; those not in the tables have no participant id."""
    stream = programme.stream(RareDiseasesPedigreeMember)
    people, families = programme.recruits.people, programme.recruits.families
    shown = set(programme.in_tables.tolist())
    seen = {int(family) for family in people.family[programme.in_tables] if family >= 0}
    places = np.array(
        [place for place in range(len(people)) if int(people.family[place]) in seen], dtype=np.int64
    )
    family = people.family[places]
    member = _surrogates(np.arange(len(people)) + programme.recruits.block.places + 700_000_000)
    recruited = np.array([int(place) in shown for place in places])
    age = 2024 - programme.dates.birth_year[places]
    died = ~recruited & (stream.random(len(places)) < np.clip((age - 55) / 50, 0.0, 0.95))
    death = np.full(len(places), np.datetime64("NaT"), dtype="datetime64[D]")
    death[died] = np.datetime64("2005-01-01") + stream.integers(0, 4_700, size=int(died.sum()))
    uncertain = ~recruited & (stream.random(len(places)) < 0.06)
    affected = np.where(programme.affected[places], "Affected", "Unaffected")
    return frame_of(
        RareDiseasesPedigreeMember,
        {
            "participant_id": _where(recruited, people.number[places]),
            "participant_sk": _where(recruited, _surrogates(people.number[places])),
            "rare_diseases_pedigree_sk": _surrogates(families.number + 1)[family],
            "rare_diseases_pedigree_member_sk": member[places],
            "rare_diseases_family_id": families.number[family],
            "rare_diseases_pedigree_member_father_sk": _where(
                people.father[places] >= 0, member[people.father[places]]
            ),
            "rare_diseases_pedigree_member_mother_sk": _where(
                people.mother[places] >= 0, member[people.mother[places]]
            ),
            "affection_status": np.where(uncertain, "Uncertain", affected),
            "biological_relationship_to_proband": [
                "Proband"
                if people.role[place] is Role.PROBAND
                else RELATIONSHIPS[people.role[place]]
                for place in places
            ],
            "phenotypic_sex": np.where(people.male[places], "Male", "Female"),
            "year_of_birth": programme.dates.birth_year[places],
            "date_of_death": death,
            **_facts_of_members(programme, stream, places, died, recruited),
        },
    )


def _facts_of_members(
    programme: Programme,
    stream: np.random.Generator,
    places: Places,
    died: npt.NDArray[np.bool_],
    recruited: npt.NDArray[np.bool_],
) -> Columns:
    """Return what a pedigree tells besides: kinship of the parents, adoption, life and consents."""
    people, families = programme.recruits.people, programme.recruits.families
    size = len(places)
    karyotyped = recruited & (stream.random(size) < 0.4)
    # Only the parents drawn last are cousins: their children's lines meet.
    child = np.array(
        [
            people.role[place] in (Role.PROBAND, Role.SIBLING, Role.SECOND_SIBLING)
            for place in places
        ]
    )
    related = child & families.consanguineous[people.family[places]]
    asked = stream.random((3, size)) < np.array([[0.98], [0.88], [0.7]])
    answers = [_true_or_missing(recruited & one, recruited) for one in asked]
    return {
        "is_proband": np.array([people.role[place] is Role.PROBAND for place in places]),
        "karyotypic_sex": np.where(
            karyotyped, np.where(people.male[places], "XY", "XX"), "unknown"
        ),
        "adopted_status": only_where(stream.random(size) < 0.9, "notadopted"),
        "life_status": np.where(died, "DECEASED", "ALIVE"),
        "consanguineous_parents": np.where(
            related, "yes", np.where(stream.random(size) < 0.5, "unknown", "no")
        ),
        "inbreeding_coefficient": np.where(related, 1 / 16, np.nan),
        "programme_consent": recruited,
        "primary_finding_consent": answers[0],
        "secondary_finding_consent": answers[1],
        "carrier_status_consent": answers[2],
    }


def _true_or_missing(true: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> pd.Series[Any]:
    """Return truth values that are missing where they are not known."""
    import pandas as pd

    return pd.Series(true, dtype="boolean").where(pd.Series(known))


def disease_rows(programme: Programme) -> pd.DataFrame:
    """Return one row for each proband: the disease under which the family was recruited."""
    stream = programme.stream(RareDiseasesParticipantDisease)
    people = programme.recruits.people
    places = np.array(
        [place for place in programme.in_tables if people.role[place] is Role.PROBAND],
        dtype=np.int64,
    )
    diseases = [programme.plan.diseases[family] for family in people.family[places]]
    registered = programme.dates.registration[places]
    registration_year = registered.astype("datetime64[Y]").astype(int) + 1970
    age = (registration_year - programme.dates.birth_year[places]).clip(min=0)
    onset = np.round(age * stream.beta(1.2, 1.6, size=len(places)), 1)
    unknown = stream.random(len(places)) < 0.08
    diagnosed = np.minimum((onset + 2.5 * stream.random(len(places))) * 365, age * 365)
    birthday = (programme.dates.birth_year[places] - 1970).astype("datetime64[Y]")
    names = [disease.name for disease in diseases]
    return frame_of(
        RareDiseasesParticipantDisease,
        {
            "participant_id": people.number[places],
            "participant_sk": _surrogates(people.number[places]),
            "diagnosis_date": np.minimum(
                birthday.astype("datetime64[D]") + (182 + diagnosed).astype("timedelta64[D]"),
                registered,
            ),
            "age_of_onset": np.where(unknown, -999, onset),
            "normalised_age_of_onset": np.where(unknown, np.nan, onset),
            "disease_group": [disease.group for disease in diseases],
            "disease_sub_group": [disease.sub_group for disease in diseases],
            # As entered: sometimes in capitals, which normalisation undoes.
            "specific_disease": [
                name.upper() if chance < 0.04 else name
                for name, chance in zip(names, stream.random(len(names)), strict=True)
            ],
            "normalised_specific_disease": names,
            "normalised_disease_sub_group": [disease.sub_group for disease in diseases],
            "normalised_disease_group": [disease.group for disease in diseases],
        },
    )


def genome_file_rows(programme: Programme) -> pd.DataFrame:
    """Return one row for each delivered file: four a genome, older deliveries of some, tumours of cancer participants."""
    stream = programme.stream(GenomeFilePathsAndTypes)
    people, samples = programme.recruits.people, programme.samples
    shown = set(programme.in_tables.tolist())
    later = programme.delivered_later
    plates = 7 * programme.recruits.block.plates
    older = np.setdiff1d(people_on_older_build(programme.recruits, samples), later)
    first = np.datetime64("2017-02-01")
    rows: list[Columns] = []
    for person, name in zip(samples.people.tolist(), samples.platekeys, strict=True):
        if stream.random() < 0.1:
            since = _sequenced_since(programme, person, first)
            rows += _delivery(stream, int(people.number[person]), name, "V2", since, shown, person)
        since = _sequenced_since(programme, person, first + np.timedelta64(400, "D"))
        rows += _delivery(stream, int(people.number[person]), name, "V4", since, shown, person)
    names = platekeys(programme.seed, "older platekeys", len(older), first_plate=2_000_000 + plates)
    for person, name in zip(older.tolist(), names, strict=True):
        since = _sequenced_since(programme, person, first)
        rows += _delivery(stream, int(people.number[person]), name, "V2", since, shown, person)
    for person, name in tumour_platekeys(programme).items():
        since = _sequenced_since(programme, person, first + np.timedelta64(420, "D"))
        rows += _delivery(
            stream, int(people.number[person]), name, "V4", since, shown, person, tumour=True
        )
    names = platekeys(programme.seed, "later platekeys", len(later), first_plate=3_200_000 + plates)
    for person, name in zip(later.tolist(), names, strict=True):
        since = _sequenced_since(programme, person, first + np.timedelta64(500, "D"))
        rows += _delivery(stream, int(people.number[person]), name, "V4", since, shown, person)
    rows.sort(key=lambda row: (row["participant_id"], row["file_path"]))
    # However often it is delivered, a plated sample comes from one sample of the laboratory's.
    laboratory: dict[str, int] = {}
    for row in rows:
        row["lab_sample_id"] = laboratory.setdefault(row["platekey"], row["lab_sample_id"])
    return frame_of(
        GenomeFilePathsAndTypes,
        {
            name: [row[name] for row in rows]
            for name in GenomeFilePathsAndTypes.columns
            if not rows or name in rows[0]
        },
    )


def tumour_platekeys(programme: Programme) -> dict[int, str]:
    """Return the sample name of the tumour of each person of the cancer arm, by place."""
    cancer = np.flatnonzero(programme.recruits.people.family < 0)
    first = 3_100_000 + 7 * programme.recruits.block.plates
    names = platekeys(programme.seed, "tumour platekeys", len(cancer), first_plate=first)
    return {int(person): str(name) for person, name in zip(cancer, names, strict=True)}


def _sequenced_since(programme: Programme, person: int, day: np.datetime64) -> np.datetime64:
    """Return a day, or two months after somebody was registered if that is later."""
    registered: np.datetime64 = programme.dates.registration[person]
    return max(day, registered + np.timedelta64(60, "D"))


def _delivery(
    stream: np.random.Generator,
    number: int,
    platekey: str,
    version: str,
    since: np.datetime64,
    shown: set[int],
    person: int,
    *,
    tumour: bool = False,
) -> list[Columns]:
    """Return the rows of one delivery, none for somebody who is not in the tables; it draws the same either way."""
    day, delivery, laboratory = stream.integers(0, [500, 90_000_000, 900_000_000]).tolist()
    if person not in shown:
        return []
    date = (since + np.timedelta64(day, "D")).astype(datetime.date)
    delivery_id = f"HX{10_000_000 + delivery}"
    folder = f"/genomes/by_date/{date.isoformat()}/{delivery_id}/{platekey}"
    arm = "cancer" if str(number).startswith("2") else "rare disease"
    return [
        {
            "participant_id": number,
            "lab_sample_id": 1_000_000_000 + laboratory,
            "platekey": platekey,
            "delivery_id": delivery_id,
            "delivery_date": date,
            "delivery_version": version,
            "type": f"{arm} {'somatic' if tumour else 'germline'}",
            "genome_build": "GRCh38" if version == "V4" else "GRCh37",
            "file_path": f"{folder}/{path.format(platekey)}",
            "filename": path.format(platekey).rpartition("/")[2],
            "file_sub_type": kind,
        }
        for kind, path in _FILES
    ]


def sample_stats_rows(programme: Programme) -> pd.DataFrame:
    """Return one row for each sample of the aggregate whose participant had not withdrawn before the release."""
    stream = programme.stream(AggregateGvcfSampleStats)
    people, samples = programme.recruits.people, programme.samples
    predicted = predicted_ancestry(programme.seed, programme.truth)[samples.people]
    source = stream.choice(
        ["BLOOD", "SALIVA", "TISSUE", "FIBROBLAST"],
        size=len(samples),
        p=[0.987, 0.009, 0.002, 0.002],
    )
    error_rate = stream.gamma(30, 0.0001, size=len(samples))
    kept = np.array([programme.consents[person].in_tables for person in samples.people])
    sex = np.where(samples.male, "XY", "XX")
    columns: Columns = {
        "participant_id": people.number[samples.people],
        "platekey": np.array(samples.platekeys, dtype=object),
        "participant_phenotypic_sex": np.where(people.male[samples.people], "Male", "Female"),
        "karyotype": sex,
        "illumina_ploidy": sex,
        "sample_source": source,
        "sample_preparation_method": np.where(source == "SALIVA", "ORAGENE", "EDTA"),
        "sample_library_type": np.full(len(samples), "TruSeq PCR-Free High Throughput"),
        "illumina_autosome_mean_coverage": samples.coverage.round(2),
        "samtools_error_rate": error_rate.round(6),
        **sample_statistics(
            programme.seed,
            coverage=samples.coverage,
            male=samples.male,
            ancestry=expected_ancestry(programme.truth.recruits.people)[
                programme.truth.donor[samples.people]
            ],
            saliva=source == "SALIVA",
            parents_related=_are_parents_related(programme)[samples.people],
        ),
        "set_of_unrelated_individuals": programme.unrelated[samples.people].astype(int),
        **{
            _PREDICTED[ancestry]: predicted[:, place].round(4)
            for place, ancestry in enumerate(ANCESTRIES)
        },
    }
    if programme.components is not None:
        scores = programme.components.round(6)
        columns |= {f"pc{place + 1}": scores[:, place] for place in range(scores.shape[1])}
    return frame_of(
        AggregateGvcfSampleStats, {name: values[kept] for name, values in columns.items()}
    )


def _are_parents_related(programme: Programme) -> npt.NDArray[np.bool_]:
    """Return whose parents are related by blood: of consanguineous families the proband and full siblings."""
    people, families = programme.recruits.people, programme.recruits.families
    children = np.isin(people.role, (Role.PROBAND, Role.SIBLING, Role.SECOND_SIBLING))
    in_family = people.family >= 0
    related = np.zeros(len(people), dtype=bool)
    related[in_family] = families.consanguineous[people.family[in_family]]
    return related & children


def _consent_forms(programme: Programme, rare: npt.NDArray[np.bool_]) -> npt.NDArray[np.object_]:
    """Return the forms by which people consented; those of TracerX may not be used by commercial users."""
    stream = random_stream(programme.seed, "tracerx")
    in_tracerx = ~rare & (stream.random(len(rare)) < TRACERX_SHARE)
    forms = np.where(rare, "rd-adult-or-child-consent-v3", "cancer-consent-v3").astype(object)
    forms[in_tracerx] = "cohort-tracerx"
    return forms


def predicted_ancestry(seed: int, truth: GeneticTruth) -> npt.NDArray[np.float64]:
    """Return how similar the genome in each person's sample is to each ancestry, as a forest trained on references would say.

    Ancestry by pedigree with a little doubt: near 1 for those of one ancestry, near one half for
    children of two, whom a threshold of 0.8 leaves unassigned.
    """
    stream = random_stream(seed, "predicted ancestry")
    shares = expected_ancestry(truth.recruits.people)
    drawn = stream.gamma(shares * 45 + 0.12)
    predicted: npt.NDArray[np.float64] = drawn / drawn.sum(axis=1, keepdims=True)
    return predicted[truth.donor]


def frame_of(table: type[Table], columns: Columns) -> pd.DataFrame:
    """Return a frame with every column of the model in its order, empty where nothing is given.

    Raises
    ------
    KeyError
        When a column is given that the model does not have: a mistake of the generator's.
    """
    import pandas as pd

    unknown = set(columns) - set(table.columns)
    if unknown:
        raise KeyError(f"{table.name}: no column {sorted(unknown)[0]!r}")
    given = pd.DataFrame(columns)
    return given.reindex(columns=list(table.columns))


def _ancestry_labels(programme: Programme, places: Places) -> Sequence[str]:
    """Return each person's ancestry as they might see it: their parents', or mixed where these differ."""
    shares = expected_ancestry(programme.recruits.people)[places]
    return [ANCESTRIES[int(row.argmax())] if row.max() > 0.7 else MIXED for row in shares]


def _surrogates(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return surrogate keys: other numbers, one for each."""
    return 300_000_000 + (numbers * 7_919 + 104_729) % 999_999_937


def _of_family(
    rare: npt.NDArray[np.bool_], family: Places, numbers: npt.NDArray[np.int64]
) -> pd.Series[Any]:
    return _where(rare, numbers[family.clip(min=0)])


def _where(known: npt.NDArray[np.bool_], numbers: npt.NDArray[np.int64]) -> pd.Series[Any]:
    """Return whole numbers that are missing where they are not known."""
    import pandas as pd

    return pd.Series(numbers, dtype="Int64").where(pd.Series(known))

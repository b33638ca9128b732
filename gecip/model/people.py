"""The tables of people: who takes part, with whose consent, in which family.

Columns and codings after the Research Environment's user guide and scripts exported from LabKey on
main-programme v14. A column whose coding rests on recollection says so.
"""

from __future__ import annotations

from gecip.model.table import (
    DateOrder,
    FormerName,
    Reference,
    Sensitivity,
    Table,
    boolean,
    date,
    decimal,
    integer,
    text,
)

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL

CONSENT_STATUSES = ("Consenting", "Withdrawn (Partial)", "Withdrawn (Full)")
PROGRAMMES = ("Rare Diseases", "Cancer")
PHENOTYPIC_SEXES = ("Male", "Female", "Indeterminate")
KARYOTYPIC_SEXES = (
    "XX",
    "XY",
    "XO",
    "XXY",
    "XYY",
    "XXX",
    "XXXX",
    "XXXY",
    "XXYY",
    "other",
    "unknown",
)
YES_NO_UNKNOWN = ("Yes", "No", "Unknown")
# Names of the programme's own model (GelReportModels).
MEDICAL_REVIEW_STATES = (
    "noState",
    "passedMedicalReviewReadyForInterpretation",
    "passedMedicalReviewNotReadyForInterpretation",
    "queryToGel",
    "queryToGMC",
    "failed",
)
FAMILY_GROUP_TYPES = (
    "Singleton",
    "Duo with Mother or Father",
    "Duo with other Biological Relationship",
    "Trio with Mother and Father",
    "Trio with Mother or Father and other Biological Relationship",
    "Trio with other Biological Relationships",
    "Families with more than three Participants",
)


class Participant(Table):
    """One row for each person in the programme, with programme, consent, sex and place in the family."""

    name = "participant"
    key = ("participant_id",)
    one_row_per_participant = True
    date_orders = (
        DateOrder("year_of_birth", "registration_date"),
        DateOrder("year_of_birth", "date_of_consent"),
        DateOrder("date_of_consent", "withdrawal_of_consent_date"),
    )
    references = (
        Reference("rare_diseases_family_id", "rare_diseases_family", "rare_diseases_family_id"),
    )

    participant_id = integer(
        "The number by which a participant is known in every table.", sensitivity=_ID, required=True
    )
    gel_case_reference = text("Reference of the case in the recruitment system.", sensitivity=_ID)
    gel_case_programme_id = text(
        "Number of the programme in the recruitment system.", sensitivity=_TECHNICAL
    )
    latest_case_activity_datetime = date("When the case was last touched.", sensitivity=_TECHNICAL)
    participant_sk = integer("Surrogate key of the participant in the warehouse.", sensitivity=_ID)
    programme = text(
        "Arm of the programme to which the participant was recruited.",
        values=PROGRAMMES,
        required=True,
    )
    handling_gmc_ods_code = text(
        "ODS code of the Genomic Medicine Centre that handles the case.",
        code_system="ODS",
        sensitivity=_QUASI,
    )
    handling_gmc = text("Genomic Medicine Centre that handles the case.", sensitivity=_QUASI)
    handling_gmc_trust = text("NHS trust that handles the case.", sensitivity=_QUASI)
    year_of_birth = integer(
        "Calendar year of birth; month and day are not released.",
        sensitivity=_QUASI,
        alias="birth_year",
    )
    participant_ethnic_category = text(
        "Ethnic category as stated, in the words of the 2001 census; the wording is an assumption.",
        code_system="ONS 2001",
        sensitivity=_QUASI,
        assumption=True,
        alias="ethnic_category",
    )
    participant_phenotypic_sex = text(
        "Sex by appearance, as the clinician recorded it.",
        values=PHENOTYPIC_SEXES,
        sensitivity=_QUASI,
        alias="sex",
    )
    participant_karyotypic_sex = text(
        "Sex chromosomes as the clinician recorded them.",
        values=KARYOTYPIC_SEXES,
        alias="karyotypic_sex",
    )
    participant_stated_gender = text("Gender as the participant stated it.", sensitivity=_QUASI)
    registration_date = date("Day of registration with the programme.", sensitivity=_QUASI)
    registered_at_gmc_ods_code = text(
        "ODS code of the Genomic Medicine Centre of registration.",
        code_system="ODS",
        sensitivity=_QUASI,
    )
    registered_at_gmc = text("Genomic Medicine Centre of registration.", sensitivity=_QUASI)
    registered_at_gmc_trust = text("NHS trust of registration.", sensitivity=_QUASI)
    registered_at_ldp_ods_code = text(
        "ODS code of the local delivery partner; four codes mark research cohorts outside the NHS.",
        code_system="ODS",
        sensitivity=_QUASI,
    )
    registered_at_ldp_bioinformatics_ods_code = text(
        "Code of the local delivery partner in the bioinformatics systems.", sensitivity=_TECHNICAL
    )
    registered_at_ldp_organisation_name = text(
        "Name of the local delivery partner.", sensitivity=_QUASI
    )
    registered_at_ldp_site_name = text("Site of the local delivery partner.", sensitivity=_QUASI)
    programme_consent_status = text(
        "Whether the participant's data may be used: only `Consenting` may.",
        values=CONSENT_STATUSES,
        required=True,
        alias="consent",
    )
    date_of_consent = date("Day on which the participant consented.", sensitivity=_QUASI)
    consent_form = text("Version of the consent form that was signed.", sensitivity=_TECHNICAL)
    information_sheet = text(
        "Version of the information sheet that was given.", sensitivity=_TECHNICAL
    )
    withdrawal_of_consent_date = date(
        "Day of withdrawal, empty for those who consent.", sensitivity=_QUASI
    )
    withdrawal_option = text("Extent of the withdrawal that was chosen.", sensitivity=_QUASI)
    withdrawal_form = text("Version of the withdrawal form.", sensitivity=_TECHNICAL)
    rare_diseases_family_sk = integer(
        "Surrogate key of the family in the warehouse.", sensitivity=_ID
    )
    rare_diseases_family_id = integer(
        "Number of the family; empty for cancer participants. Nine digits are an assumption.",
        sensitivity=_ID,
        assumption=True,
        alias="family_id",
    )
    participant_type = text(
        "Whether the participant is the proband or a relative.",
        values=("Proband", "Relative"),
        alias="type",
    )
    fathers_ethnic_category = text(
        "Ethnic category of the father.", code_system="ONS 2001", sensitivity=_QUASI
    )
    fathers_ethnic_category_other = text(
        "Ethnic category of the father in free words.", sensitivity=_QUASI
    )
    fathers_other_relevant_ancestry = text("Other ancestry of the father.", sensitivity=_QUASI)
    mothers_ethnic_category = text(
        "Ethnic category of the mother.", code_system="ONS 2001", sensitivity=_QUASI
    )
    mothers_ethnic_category_other = text(
        "Ethnic category of the mother in free words.", sensitivity=_QUASI
    )
    mothers_other_relevant_ancestry = text("Other ancestry of the mother.", sensitivity=_QUASI)
    participant_medical_review_date = date(
        "Day of the participant's medical review.", sensitivity=_TECHNICAL
    )
    participant_medical_review_qc_state_code = text(
        "State of the participant's medical review, as a code; that the table has these upstream codes is an assumption.",
        values=MEDICAL_REVIEW_STATES,
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    participant_medical_review_qc_state_description = text(
        "State of the participant's medical review, in words.", sensitivity=_TECHNICAL
    )
    consanguinity = text(
        "Whether the parents are related by blood.", values=("Yes", "No", "Possible", "Unknown")
    )
    consanguinity_sk = integer(
        "Surrogate key of the answer on consanguinity.", sensitivity=_TECHNICAL
    )
    father_affected = text(
        "Whether the father is affected by the family's disease.", values=YES_NO_UNKNOWN
    )
    mother_affected = text(
        "Whether the mother is affected by the family's disease.", values=YES_NO_UNKNOWN
    )
    out_of_area_recruitment = text(
        "Whether the participant was recruited outside the centre's area.", sensitivity=_TECHNICAL
    )
    penetrance = text(
        "Penetrance under which the family is to be interpreted.", values=("complete", "incomplete")
    )
    full_brothers_affected = integer("Number of affected full brothers.")
    full_sisters_affected = integer("Number of affected full sisters.")
    total_full_brothers = integer("Number of full brothers.", sensitivity=_QUASI)
    total_full_sisters = integer("Number of full sisters.", sensitivity=_QUASI)
    biological_relationship_to_proband = text(
        "How the participant is related to the family's proband; empty for the proband.",
        alias="relationship",
    )
    other_biological_relationship_to_proband = text(
        "The relationship in free words where no code serves."
    )
    participant_pipeline_status_id = integer(
        "Number of the participant's state in the pipeline.", sensitivity=_TECHNICAL
    )
    participant_pipeline_status = text(
        "State of the participant in the pipeline.", sensitivity=_TECHNICAL
    )
    reproductive_additional_findings = text(
        "Whether reproductive additional findings were asked for."
    )
    health_related_additional_findings = text(
        "Whether health-related additional findings were asked for."
    )
    normalised_consent_form = text(
        "Consent form in one wording; contains `cohort-tracerx` for TracerX participants.",
        sensitivity=_TECHNICAL,
    )
    duplicated_participant_id = integer(
        "Number of the same person's other registration.", sensitivity=_ID
    )
    secondary_data_received_until_year = integer(
        "Year in which a child-consented participant turned 16; linked records stop there (from v14).",
        sensitivity=_QUASI,
        since="v14",
    )


class RareDiseasesFamily(Table):
    """One row for each rare-disease family, with its structure and medical review."""

    name = "rare_diseases_family"
    key = ("rare_diseases_family_id",)
    person_column = "rare_diseases_family_id"
    person_key = "family"

    rare_diseases_family_sk = integer(
        "Surrogate key of the family in the warehouse.", sensitivity=_ID
    )
    rare_diseases_family_id = integer(
        "Number of the family.", sensitivity=_ID, required=True, alias="family_id"
    )
    family_group_type = text(
        "Structure of the family by its recruited members; three of the codings are an assumption.",
        values=FAMILY_GROUP_TYPES,
        assumption=True,
    )
    family_medical_review_date = date("Day of the family's medical review.", sensitivity=_TECHNICAL)
    family_medical_review_qc_state_code = text(
        "State of the family's medical review, as a code; that the table has these upstream codes is an assumption.",
        values=MEDICAL_REVIEW_STATES,
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    family_medical_review_qc_state_description = text(
        "State of the family's medical review, in words.", sensitivity=_TECHNICAL
    )
    multiple_monogenic_likely_code = text(
        "Whether several monogenic diseases are likely, as a code."
    )
    multiple_monogenic_likely_description = text(
        "Whether several monogenic diseases are likely, in words."
    )
    family_non_penetrance_suspected_code = text(
        "Whether incomplete penetrance is suspected, as a code."
    )
    family_non_penetrance_suspected_description = text(
        "Whether incomplete penetrance is suspected, in words."
    )
    family_medical_review_gmc_ods_code = text(
        "ODS code of the centre that reviewed the family.", code_system="ODS", sensitivity=_QUASI
    )


class RareDiseasesPedigree(Table):
    """One row for each pedigree that a centre drew, of some of the families."""

    name = "rare_diseases_pedigree"
    person_column = "rare_diseases_family_id"
    person_key = "family"
    references = (
        Reference("rare_diseases_family_id", "rare_diseases_family", "rare_diseases_family_id"),
    )

    rare_diseases_pedigree_sk = integer(
        "Surrogate key of the pedigree; the name is an assumption.",
        sensitivity=_ID,
        assumption=True,
    )
    participant_id = integer(
        "The family's proband; that the column is called so is an assumption.",
        sensitivity=_ID,
        assumption=True,
    )
    rare_diseases_family_id = integer(
        "Number of the family.",
        sensitivity=_ID,
        required=True,
        alias="family_id",
        former_names=(FormerName("pedigree_family_id", "v5"),),
    )


class RareDiseasesPedigreeMember(Table):
    """One row for each person drawn in a pedigree, also relatives who did not take part."""

    name = "rare_diseases_pedigree_member"
    key = ("rare_diseases_pedigree_member_sk",)
    person_column = "rare_diseases_family_id"
    person_key = "family"
    date_orders = (DateOrder("year_of_birth", "date_of_death"),)
    references = (
        Reference("rare_diseases_family_id", "rare_diseases_family", "rare_diseases_family_id"),
        Reference(
            "rare_diseases_pedigree_member_father_sk",
            "rare_diseases_pedigree_member",
            "rare_diseases_pedigree_member_sk",
        ),
        Reference(
            "rare_diseases_pedigree_member_mother_sk",
            "rare_diseases_pedigree_member",
            "rare_diseases_pedigree_member_sk",
        ),
    )

    participant_id = integer(
        "The participant, empty for relatives who did not take part.",
        sensitivity=_ID,
        former_names=(FormerName("member_participant_id", "v5"),),
    )
    participant_sk = integer("Surrogate key of the participant.", sensitivity=_ID)
    rare_diseases_pedigree_sk = integer(
        "Surrogate key of the pedigree; the name is an assumption.",
        sensitivity=_ID,
        assumption=True,
    )
    rare_diseases_pedigree_member_sk = integer(
        "Surrogate key of the member; the name is an assumption.",
        sensitivity=_ID,
        assumption=True,
        required=True,
    )
    rare_diseases_family_id = integer(
        "Number of the family.",
        sensitivity=_ID,
        required=True,
        alias="family_id",
        former_names=(FormerName("pedigree_family_id", "v5"),),
    )
    rare_diseases_pedigree_member_father_sk = integer(
        "Surrogate key of the member's father in this pedigree; the name is an assumption.",
        sensitivity=_ID,
        assumption=True,
    )
    rare_diseases_pedigree_member_mother_sk = integer(
        "Surrogate key of the member's mother in this pedigree; the name is an assumption.",
        sensitivity=_ID,
        assumption=True,
    )
    affection_status = text(
        "Whether the member has the family's disease.",
        values=("Affected", "Unaffected", "Uncertain"),
    )
    biological_relationship_to_proband = text(
        "How the member is related to the proband.", alias="relationship"
    )
    phenotypic_sex = text(
        "Sex of the member; the name is an assumption.",
        values=PHENOTYPIC_SEXES,
        sensitivity=_QUASI,
        assumption=True,
        alias="sex",
    )
    year_of_birth = integer("Calendar year of birth.", sensitivity=_QUASI)
    date_of_death = date(
        "Day of death, empty for the living and where unknown.", sensitivity=_QUASI
    )
    twin_group = integer("Number that twins of one pregnancy share.", sensitivity=_QUASI)
    # The real table has 35 columns. These follow the members of a pedigree in GelReportModels, from
    # which the table is filled; how they are spelt there is an assumption for each.
    is_proband = boolean(
        "Whether the member is the family's proband; the name is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
    )
    karyotypic_sex = text(
        "Sex chromosomes of the member; the name is an assumption.",
        values=KARYOTYPIC_SEXES,
        sensitivity=_QUASI,
        assumption=True,
    )
    super_father_sk = integer(
        "Surrogate key of a forefather through whom lines are joined; the name is an assumption.",
        sensitivity=_ID,
        assumption=True,
        real_only=True,
    )
    super_mother_sk = integer(
        "Surrogate key of a foremother through whom lines are joined; the name is an assumption.",
        sensitivity=_ID,
        assumption=True,
        real_only=True,
    )
    monozygotic = text(
        "Whether the members of a twin group are identical; the name is an assumption.",
        values=("yes", "no", "unknown"),
        sensitivity=_QUASI,
        assumption=True,
    )
    adopted_status = text(
        "Whether the member was adopted into the family or out of it; the name is an assumption.",
        values=("notadopted", "adoptedin", "adoptedout"),
        sensitivity=_QUASI,
        assumption=True,
    )
    life_status = text(
        "Whether the member is alive; the name is an assumption.",
        values=("ALIVE", "ABORTED", "DECEASED", "UNBORN", "STILLBORN", "MISCARRIAGE"),
        sensitivity=_QUASI,
        assumption=True,
    )
    consanguineous_parents = text(
        "Whether the member's parents are related; the name is an assumption.",
        values=("yes", "no", "unknown"),
        sensitivity=_QUASI,
        assumption=True,
    )
    inbreeding_coefficient = decimal(
        "Share of the genome expected to be identical by descent; the name is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
    )
    mothers_ethnic_origin = text(
        "Ethnic category of the member's mother; the name is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
        real_only=True,
    )
    mothers_other_relevant_ancestry = text(
        "Other ancestry of the member's mother, in words; the name is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
        real_only=True,
    )
    fathers_ethnic_origin = text(
        "Ethnic category of the member's father; the name is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
        real_only=True,
    )
    fathers_other_relevant_ancestry = text(
        "Other ancestry of the member's father, in words; the name is an assumption.",
        sensitivity=_QUASI,
        assumption=True,
        real_only=True,
    )
    programme_consent = boolean(
        "Whether the member consented to the programme; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    primary_finding_consent = boolean(
        "Whether the member asked for main findings; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    secondary_finding_consent = boolean(
        "Whether the member asked for additional findings; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    carrier_status_consent = boolean(
        "Whether the member asked for carrier status; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )

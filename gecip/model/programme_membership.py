"""Who somebody is in the programme, in one place: the summary of a participant, and the domain of each.

`participant_summary` after the user guide. Its current tutorials and its table of columns disagree on
how ancestry is called there; both names are here, each with what it rests on.
"""

from __future__ import annotations

from gecip.model.people import KARYOTYPIC_SEXES, PHENOTYPIC_SEXES, PROGRAMMES
from gecip.model.rare_disease_clinic import DISEASE_GROUPS
from gecip.model.table import FormerName, Sensitivity, Table, date, decimal, integer, text

_ID = Sensitivity.IDENTIFIER
_QUASI = Sensitivity.QUASI_IDENTIFIER
_TECHNICAL = Sensitivity.TECHNICAL


class ParticipantSummary(Table):
    """One row for each combination of what is known of a participant, so that a join with it multiplies rows."""

    name = "participant_summary"
    since = "v16"
    former_names = (FormerName("key_columns", "v16"),)

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    participant_stated_gender = text("Gender as the participant stated it.", sensitivity=_QUASI)
    participant_karyotyped_sex = text(
        "Sex chromosomes; `participant` calls it participant_karyotypic_sex, and that the codings are the same is an assumption.",
        values=KARYOTYPIC_SEXES,
        assumption=True,
    )
    participant_phenotyped_sex = text(
        "Sex by appearance; `participant` calls it participant_phenotypic_sex, and that the codings are the same is an assumption.",
        values=PHENOTYPIC_SEXES,
        sensitivity=_QUASI,
        assumption=True,
    )
    yob = integer("Calendar year of birth.", sensitivity=_QUASI)
    genetically_inferred_ancestry_thr = text(
        "Ancestry inferred from the genome where its probability is 0.8 or more, as current tutorials read it.",
        sensitivity=_QUASI,
    )
    genetically_inferred_ancestry_nothr = text(
        "Likeliest ancestry inferred from the genome, whatever its probability, as current tutorials read it.",
        sensitivity=_QUASI,
    )
    genotyped_ancestry = text(
        "Ancestry inferred from the genome, as the user guide's table calls it.", sensitivity=_QUASI
    )
    predominant_ancestry = text(
        "Likeliest ancestry inferred from the genome, as the user guide's table calls it.",
        sensitivity=_QUASI,
    )
    predominant_ancestry_value = decimal(
        "Probability of the likeliest ancestry.", sensitivity=_QUASI
    )
    programme = text(
        "Arm of the programme to which the participant was recruited.", values=PROGRAMMES
    )
    participant_type = text(
        "Whether the participant is the proband or a relative.", values=("Proband", "Relative")
    )
    affection_status = text("Whether the participant has the family's disease.")
    date_of_consent = date("Day on which the participant consented.", sensitivity=_QUASI)
    cancer_diagnosis_date = date(
        "Day of the first diagnosis in cancer_staging_consolidated.", sensitivity=_QUASI
    )
    cancer_diagnosis_age = decimal("Age in years on that day.", sensitivity=_QUASI)
    cancer_study_name = text("Study of The Cancer Genome Atlas nearest to the tumour.")
    cancer_study_abbreviation = text("That study, abbreviated.", code_system="TCGA")
    cancer_disease_type = text(
        "Kind of tumour; the user guide writes it with a blank, and the underscore is an assumption.",
        assumption=True,
    )
    cancer_disease_sub_type = text("Kind of tumour in more detail.")
    disease_diagnosis_date = date(
        "Day on which the rare disease was diagnosed.", sensitivity=_QUASI
    )
    disease_diagnosis_age = decimal("Age in years on that day.", sensitivity=_QUASI)
    normalised_disease_group = text("Disease group in one wording.", values=DISEASE_GROUPS)
    normalised_disease_sub_group = text("Disease subgroup in one wording.")
    normalised_specific_disease = text("Rare disease in one wording.")
    hpo_term = text("Name of an HPO term that is present.", code_system="HPO")
    death_date = date("Day of death, empty for the living.", sensitivity=_QUASI)


class DomainAssignment(Table):
    """One row for each GeCIP domain to which a participant belonged, with the end of its moratorium on publication."""

    name = "domain_assignment"
    until = "v17"

    participant_id = integer("The participant.", sensitivity=_ID, required=True)
    rare_diseases_family_id = integer(
        "Number of the family; that the column is called as in `participant` is an assumption.",
        sensitivity=_ID,
        assumption=True,
        alias="family_id",
    )
    domain = text("Name of the GeCIP domain, as `Immune disorders`; six were reworded in v8.")
    disease_or_panel = text("Disease or panel by which the participant came to the domain.")
    origin = text("Where the assignment comes from.", sensitivity=_TECHNICAL)
    moratorium = text(
        "Whether the domain alone may publish on the participant; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )
    moratorium_end_date = date(
        "Day on which that ends, nine months after the data came; the name is an assumption.",
        sensitivity=_TECHNICAL,
        assumption=True,
    )

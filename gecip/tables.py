"""The clinical tables as cohort definitions speak of them; each names its real table.

```python
from gecip.tables import participants, phenotypes

phenotypes.where(phenotypes.term.is_a("HP:0000107")).exists_for_participant()
participants.age_on("2024-06-01") < 18
```

A table that has no name here is had by its real one: `rows_of("hes_cc")`.
"""

from __future__ import annotations

from gecip.cohort.language import Participants, Phenotypes, Rows
from gecip.errors import DefinitionError
from gecip.model.cancer import (
    CancerAnalysis,
    CancerParticipantDisease,
    CancerParticipantTumour,
    CancerTierAndDomainVariants,
)
from gecip.model.cancer_registry import AvTreatment, AvTumour, CancerRegistry
from gecip.model.cancer_staging import CancerStagingConsolidated
from gecip.model.cancer_treatment import Rtds, Sact
from gecip.model.covid_tests import CovidTestResults
from gecip.model.exomiser import Exomiser
from gecip.model.family_analysis import RareDiseaseAnalysis, RareDiseaseInterpreted
from gecip.model.genomes import AggregateGvcfSampleStats, GenomeFilePathsAndTypes
from gecip.model.hospital import DeathDetails, HesApc, Mortality
from gecip.model.hospital_visits import Did, Ecds, HesAe, HesCc, HesOp
from gecip.model.infection import TuberculosisIsolate
from gecip.model.interpretation import GmcExitQuestionnaire, SubmittedDiagnosticDiscovery
from gecip.model.people import Participant
from gecip.model.rare_disease_clinic import (
    RareDiseasesParticipantDisease,
    RareDiseasesParticipantPhenotype,
)
from gecip.model.table import TABLES, nearest
from gecip.model.tiering import PanelsApplied, TieringData

participants = Participants(Participant)
diseases = Rows(RareDiseasesParticipantDisease)
phenotypes = Phenotypes(RareDiseasesParticipantPhenotype)

genome_files = Rows(GenomeFilePathsAndTypes)
aggregate_samples = Rows(AggregateGvcfSampleStats)
analysed_genomes = Rows(RareDiseaseAnalysis)

interpreted_genomes = Rows(RareDiseaseInterpreted)
applied_panels = Rows(PanelsApplied)
tiered_variants = Rows(TieringData)
ranked_variants = Rows(Exomiser)
exit_questionnaires = Rows(GmcExitQuestionnaire)
discoveries = Rows(SubmittedDiagnosticDiscovery)

episodes = Rows(HesApc)
outpatient_appointments = Rows(HesOp)
emergency_attendances = Rows(HesAe)
emergency_care = Rows(Ecds)
critical_care = Rows(HesCc)
imaging = Rows(Did)
deaths = Rows(Mortality)
reported_deaths = Rows(DeathDetails)
covid_tests = Rows(CovidTestResults)

tumours = Rows(CancerAnalysis)
tumour_diagnoses = Rows(CancerParticipantTumour)
cancer_diseases = Rows(CancerParticipantDisease)
tumour_variants = Rows(CancerTierAndDomainVariants)
tumour_stages = Rows(CancerStagingConsolidated)
cancer_registrations = Rows(CancerRegistry)
registry_tumours = Rows(AvTumour)
registry_treatments = Rows(AvTreatment)
chemotherapy = Rows(Sact)
radiotherapy = Rows(Rtds)

tuberculosis_isolates = Rows(TuberculosisIsolate)


def rows_of(table: str) -> Rows:
    """Return the rows of any table of the model, by its real name.

    Raises
    ------
    DefinitionError
        When the model has no such table, or it speaks of nobody.
    """
    if table not in TABLES:
        raise DefinitionError(f"There is no table {table!r}{nearest(table, tuple(TABLES))}")
    if "participant_id" not in TABLES[table].columns:
        raise DefinitionError(
            f"The table {table} has no participant_id, so that no cohort can be defined by it."
        )
    return Rows(TABLES[table])


__all__ = [
    "aggregate_samples",
    "analysed_genomes",
    "applied_panels",
    "cancer_diseases",
    "cancer_registrations",
    "chemotherapy",
    "covid_tests",
    "critical_care",
    "deaths",
    "discoveries",
    "diseases",
    "emergency_attendances",
    "emergency_care",
    "episodes",
    "exit_questionnaires",
    "genome_files",
    "imaging",
    "interpreted_genomes",
    "outpatient_appointments",
    "participants",
    "phenotypes",
    "radiotherapy",
    "ranked_variants",
    "registry_treatments",
    "registry_tumours",
    "reported_deaths",
    "rows_of",
    "tiered_variants",
    "tuberculosis_isolates",
    "tumour_diagnoses",
    "tumour_stages",
    "tumour_variants",
    "tumours",
]

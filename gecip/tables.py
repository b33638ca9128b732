"""The clinical tables as cohort definitions speak of them; each names its real table.

```python
from gecip.tables import participants, phenotypes

phenotypes.where(phenotypes.term.is_a("HP:0000107")).exists_for_participant()
participants.age_on("2024-06-01") < 18
```
"""

from __future__ import annotations

from gecip.cohort.language import Participants, Rows
from gecip.model.cancer import CancerAnalysis, CancerParticipantTumour
from gecip.model.genomes import AggregateGvcfSampleStats, GenomeFilePathsAndTypes
from gecip.model.hospital import HesApc, Mortality
from gecip.model.infection import TuberculosisIsolate
from gecip.model.people import Participant
from gecip.model.rare_disease_clinic import (
    RareDiseasesParticipantDisease,
    RareDiseasesParticipantPhenotype,
)

participants = Participants(Participant)
diseases = Rows(RareDiseasesParticipantDisease)
phenotypes = Rows(RareDiseasesParticipantPhenotype)
genome_files = Rows(GenomeFilePathsAndTypes)
aggregate_samples = Rows(AggregateGvcfSampleStats)
episodes = Rows(HesApc)
deaths = Rows(Mortality)
tumours = Rows(CancerAnalysis)
tumour_diagnoses = Rows(CancerParticipantTumour)
tuberculosis_isolates = Rows(TuberculosisIsolate)

__all__ = [
    "aggregate_samples",
    "deaths",
    "diseases",
    "episodes",
    "genome_files",
    "participants",
    "phenotypes",
    "tuberculosis_isolates",
    "tumour_diagnoses",
    "tumours",
]

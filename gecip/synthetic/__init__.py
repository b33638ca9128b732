"""Invents a whole release in the real one's shape, with planted truths.

Start at `programme`, which makes a release step by step, and follow its calls. Each module's first line
says what it decides or writes; by topic, in the order in which a release is made:

- **The whole**: `programme`, `people_blocks` (who, block by block), `random_streams` (one stream a table),
  `release_tables` (as the version had them), `demo`, `generator_version`.
- **People**: `recruitment`, `life_dates`, `consenting`, `child_consent`, `kinship`, `sampling`,
  `further_patients`, `sample_mishaps`.
- **What is planted in families**: `casting` (which family shows what), `disease_plan`, `planting`, `decoys`,
  `planted_carriers`, `penetrance`.
- **Genomes**: `population_history`, `haplotype_simulation`, `common_variants`, `association_region`,
  `gene_structure`, `variant_sites`, `variant_effects`, `gene_dropping`, `sequencing`, `site_quality`,
  `principal_components`, `reference_panels`.
- **Files of genomes**: `aggregate_files`, `annotation_files`, `reference_sequence`, `person_calls`,
  `person_files`, `structural_variants`, `structural_variant_files`, `vcf_text`.
- **The clinic's tables**: `clinical_rows`, `phenotype_rows`, `sample_rows`, `sample_statistics`,
  `summary_rows`, `domain_assignments`, `trait_measurements`, `score_file`.
- **Interpretation**: `domain_tables`, `interpreted_families`, `coding_calls`, `gene_panels`,
  `interpretations`, `segregation_filters`, `tiering_rows`, `exomiser_rows`, `exit_questionnaires`,
  `discovery_rows`, `de_novo_rows`, `family_analysis_rows`.
- **Linked records**: `linked_records`, `linked_people`, `life_courses`, `hospital_care`, `hospital_stays`,
  `lasting_illnesses`, `clinic_visits`, `further_records`, `health_questionnaires`.
- **Cancer**: `tumours`, `tumour_plan`, `tumour_genome`, `tumour_mutations`, `mutational_signatures`,
  `tumour_quality`, `somatic_calls`, `somatic_aggregate`, `cancer_stages`, `cancer_registrations`,
  `treatment_plan`, `therapy_rows`, `risk_factors`.
- **Infection**: `isolates`, `tuberculosis_strains`, `outbreaks`.
- **The answer key**: `answer_key`, `planted_answers`, `cost_truths`, `resemblance_truths`, `answer_text`.
"""

from gecip.synthetic.answer_key import Answer, read_answers
from gecip.synthetic.demo import ensure_demo
from gecip.synthetic.programme import synthesise_release

__all__ = ["Answer", "ensure_demo", "read_answers", "synthesise_release"]

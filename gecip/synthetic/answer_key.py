"""The answer key: what was planted in a synthetic release, so that it can be asked whether it was found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gecip.errors import ReleaseError

ANSWERS = "answers.json"
ANSWERS_FORMAT = 1

KINDS: Mapping[str, str] = {
    # What explains a family, and what looks as if it did.
    "de_novo": "A damaging variant that is new in the proband.",
    "simple_recessive": "A damaging variant that the proband has from both parents, by consanguinity first.",
    "compound_heterozygous": "Two damaging variants of one gene, one from each parent.",
    "x_linked": "A damaging variant on X that a boy has from his mother.",
    "dominant": "A damaging variant that the affected have and the unaffected have not.",
    "partial_genotype": "A dominant variant at a place with a second allele, which decomposition writes as 1/.",
    "dominant_incomplete_penetrance": "A dominant variant that an unaffected relative carries too.",
    "outside_panel": "A diagnosis in a gene that is on no panel applied to the family.",
    "decoy_too_common": "A homozygous variant that is too common to explain the family.",
    "decoy_wrong_segregation": "A damaging variant that the unaffected father carries too.",
    "decoy_synonymous": "A new variant that changes no amino acid.",
    "decoy_too_common_in_one_population": "A homozygous variant that is rare over all and common in one population.",
    "decoy_not_shared": "A new damaging variant that an affected relative has not.",
    "decoy_failed_filter": "A new damaging variant at a site that fails the aggregate's filters.",
    "decoy_single_heterozygote": "One damaging variant of a gene whose disease takes two.",
    "decoy_lost_partner": "A damaging variant whose partner on the other copy is too common.",
    "decoy_same_copy": "Two damaging variants on one copy of a gene, both from one parent.",
    "decoy_amber_gene": "A new damaging variant in a gene that is amber on the applied panel: tier 3 and no more.",
    "decoy_outside_panel": "A new damaging variant in a gene on no applied panel, of another disease: tier 3 and no more.",
    "structural_variant": "A deletion of exons that Manta finds in the genome's own file, and a decoy beside it.",
    "copy_number_variant": "A loss of exons that Canvas finds too, and a decoy beside it.",
    "burden_gene": "A gene whose rare damaging variants are commoner in the probands of one disease group.",
    "diagnostic_yield": "How many probands have a diagnosis on their exit questionnaire.",
    # People and samples.
    "withdrawn": "Somebody who has withdrawn, and where they still are.",
    "small_group": "A disease group of fewer than five people.",
    "empty_group": "A disease group whose only proband has withdrawn.",
    "sample_swap": "Two people whose samples were exchanged.",
    "wrong_sex": "Somebody recorded with the other sex than the genome's.",
    "hidden_relative": "Two people of different families who are brother and sister.",
    "duplicated_participant": "One person recruited twice, under two numbers.",
    "ancestry_outlier": "Somebody whose genome is of another ancestry than stated.",
    # Associations.
    "gwas_locus": "A common variant with an effect on height.",
    "polygenic_score": "Many variants of small effect that together explain a part of height.",
    "score_coverage": "How many rows of the score's file match, are swapped, flipped, ambiguous or not here.",
    # Faults of the real tables and files, each with how often it occurs.
    "duplicate_row": "One variant in two rows of the aggregate, as block substitutions leave it.",
    "doubled_tier_rows": "Variants that stand in tiering_data more than once.",
    "missing_partner": "Compound heterozygotes of tiering_data without their partner.",
    "comma_consequences": "Cells of tiering_data that hold several consequences.",
    "semicolon_gene_names": "Cells of gmc_exit_questionnaire that hold several genes.",
    "families_without_proband": "Families of whom no proband is in the release.",
    "two_builds": "People whose genome was delivered on two assemblies.",
    "rows_of_the_summary": "How many rows participant_summary has for how many people: joins multiply them.",
    "diagnoses_of_researchers": "Diagnoses that researchers sent in after a report without one.",
    "de_novo_candidates": "How many candidates the search for de novo variants lists, and how many pass its filters.",
    # Tumours.
    "driver_gene": "A gene mutated in a share of the tumours of one kind.",
    "mutational_burden": "How many coding variants tumours of one kind have per megabase.",
    "hypermutated_tumour": "A tumour with far more mutations than any other.",
    "mutational_signatures": "Which processes mutated a tumour, and how much each.",
    "survival": "A mutated gene after which people die sooner, with delayed entry.",
    "targeted_treatment": "A drug that only patients with the matching mutation are given.",
    "treatment_survival": "A drug after which people live longer.",
    # Hospital and quality of life.
    "hospital_admissions": "How often people are admitted before and after a diagnosis.",
    "hospital_cost": "How much less a year in hospital costs after a diagnosis.",
    "quality_of_life": "How much better people say they are after a diagnosis.",
    # Infection.
    "isolate": "A tuberculosis isolate, and which drugs it resists.",
    "transmission_chain": "Who infected whom.",
    # Resemblance.
    "genetic_ancestry": "Each person's shares of ancestry by pedigree.",
    "features_shared_in_families": "How alike the features of affected relatives are.",
}


@dataclass(frozen=True)
class Answer:
    """One planted truth.

    Parameters
    ----------
    kind
        What was planted, a key of `KINDS`, which says what each is.
    domain
        The domain whose question it answers, or `release`.
    gene, mode
        The gene and how it causes disease, in the codings of `tiering_data`.
    family, participant
        Whose truth it is; the proband's for a family's.
    variants
        The variants that have to be found, as `chr1:123:A:T`; two for a compound heterozygote.
    expected
        What an analysis should say, by name: `found`, `segregation_pattern`, `genotypes` by
        participant, `because` and others that depend on the kind; of a mishap `families`,
        `participants` and `samples` in one order, and `check`, what quality control should say.
    """

    kind: str
    domain: str
    gene: str | None = None
    family: int | None = None
    participant: int | None = None
    variants: tuple[str, ...] = ()
    mode: str | None = None
    expected: Mapping[str, Any] = field(default_factory=dict)

    @property
    def variant(self) -> str | None:
        """Return the variant, or the first of two, or None where the truth is no variant."""
        return self.variants[0] if self.variants else None

    def __repr__(self) -> str:
        return f"Answer({self.kind!r}, domain={self.domain!r}, gene={self.gene!r})"


def write_answers(folder: Path, answers: Sequence[Answer]) -> None:
    """Write the answer key into a release folder."""
    document = {"format": ANSWERS_FORMAT, "answers": [asdict(answer) for answer in answers]}
    (folder / ANSWERS).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read_answers(folder: str | Path) -> tuple[Answer, ...]:
    """Return what was planted in the synthetic release at `folder`.

    Raises
    ------
    ReleaseError
        When the release has no answer key, as a real one has none, or the key is damaged.
    """
    path = Path(folder) / ANSWERS
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return tuple(
            Answer(**{**answer, "variants": tuple(answer["variants"])})
            for answer in document["answers"]
        )
    except FileNotFoundError:
        raise ReleaseError(
            f"{folder}: this release has no answer key, since only synthetic ones have: "
            "name one made by `gecip synthesise` or `gecip demo`."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise ReleaseError(f"{path}: this answer key is damaged: make the release again.") from None

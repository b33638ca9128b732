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


@dataclass(frozen=True)
class Answer:
    """One planted truth.

    Parameters
    ----------
    kind
        What was planted: `de_novo`, `simple_recessive`, `compound_heterozygous`, `x_linked`,
        `dominant`, `dominant_incomplete_penetrance` (a parent carries the variant and is well),
        `outside_panel` (a new variant in a gene of another disease than the family's),
        `gwas_locus` and `polygenic_score` (of adults' heights, `n` in `expected`),
        `burden_gene` (14 probands of one disease group, in releases of 100 families),
        `partial_genotype`, `decoy_too_common`, `decoy_wrong_segregation`,
        `decoy_synonymous`, or a truth about the release: `small_group`, `empty_group`, `withdrawn`,
        and what went wrong with samples: `sample_swap` (two in a release of 100 families, one in a
        smaller one), `wrong_sex`, `hidden_relative` (one each), and with 100 families
        `duplicated_participant` and `ancestry_outlier` (one each).
        Faults of the real tables, each with how often it occurs: `doubled_tier_rows`,
        `missing_partner`, `comma_consequences`, `semicolon_gene_names`, `families_without_proband`,
        `two_builds`, `diagnoses_of_researchers`, `de_novo_candidates`, `rows_of_the_summary`.
        A fault of the real aggregate: `duplicate_row`, one variant in two rows (n = up to 4).
        In the files of single genomes, each with a decoy beside it: `structural_variant`, a deletion
        of exons that Manta finds, and `copy_number_variant`, a loss that Canvas finds too.
        In the somatic aggregate, of each tumour: `mutational_signatures`, the exposures by number.
        In the linked records: `hospital_admissions` and what they cost (`hospital_cost`) before and
        after a result, `targeted_treatment` of tumours with a mutated gene, and `treatment_survival`, a
        drug with which people live longer; in questionnaires `quality_of_life`. Each with its people.
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

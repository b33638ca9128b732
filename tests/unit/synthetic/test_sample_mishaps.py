"""Sample mishaps are found in the genomes, with kinship, sex and ancestry reckoned anew from the VCFs."""

from __future__ import annotations

from collections import Counter
from functools import cache, cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.release.layout import newest_sample_list
from gecip.synthetic import Answer, read_answers
from tests.unit.synthetic.aggregate_reading import sample_of_participant, table, trios
from tests.unit.synthetic.genome_reading import (
    CommonVariants,
    mendelian_error_rate,
    one_parent_error_rate,
    read_common_variants,
)

RELATED = 0.15
SIBLINGS = (0.16, 0.34)
SAME_PERSON = 0.45
ERRORS_OF_STRANGERS = 0.05
# A male's calls on X are of one copy; a girl of small ancestral diversity still has a tenth.
HETEROZYGOUS_LIKE_A_WOMAN = 0.1
MISHAPS = {
    "sample_swap",
    "wrong_sex",
    "hidden_relative",
    "duplicated_participant",
    "ancestry_outlier",
}


class Release:
    """A release's genomes and what its tables say of the people who still consent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.answers = [answer for answer in read_answers(folder) if answer.kind in MISHAPS]

    @cached_property
    def genomes(self) -> CommonVariants:
        return read_common_variants(self.folder)

    @cached_property
    def column(self) -> dict[str, int]:
        return {sample: at for at, sample in enumerate(self.genomes.samples)}

    @cached_property
    def people(self) -> pd.DataFrame:
        """The listed samples with what the participant table says of their people, by platekey."""
        listing = newest_sample_list(self.folder)
        assert listing is not None
        listed = set(listing.read_text().split())
        sample = sample_of_participant(self.folder)
        people = table(self.folder, "participant")
        people["sample"] = people["participant_id"].map(sample)
        return people[people["sample"].isin(listed)].set_index("sample", drop=False)

    def of_kind(self, kind: str) -> list[Answer]:
        return [answer for answer in self.answers if answer.kind == kind]

    def kinship(self, one: str, other: str) -> float:
        return float(self.genomes.kinship[self.column[one], self.column[other]])

    def relatives_elsewhere(self) -> dict[frozenset[str], float]:
        """Pairs of samples of different families whose genomes are related."""
        family = self.people["rare_diseases_family_id"]
        return {
            frozenset((one, other)): self.kinship(one, other)
            for one, other in combinations(self.people.index, 2)
            if family[one] != family[other] and self.kinship(one, other) > RELATED
        }

    def family_of(self, sample: str) -> int:
        return int(self.people.loc[sample, "rare_diseases_family_id"])

    def members(self, family: int) -> list[str]:
        return self.people.index[self.people["rare_diseases_family_id"] == family].tolist()


@cache
def opened(folder: Path) -> Release:
    return Release(folder)


@pytest.fixture(params=["small_release_folder", "demo_release_folder"])
def release(request: pytest.FixtureRequest) -> Release:
    return opened(request.getfixturevalue(request.param))


@pytest.fixture
def demo(demo_release_folder: Path) -> Release:
    return opened(demo_release_folder)


def test_a_large_release_has_every_mishap_and_a_small_one_the_commonest(
    small_release_folder: Path, demo_release_folder: Path
) -> None:
    small, large = (
        Counter(answer.kind for answer in opened(folder).answers)
        for folder in (small_release_folder, demo_release_folder)
    )
    assert small == {"sample_swap": 1, "wrong_sex": 1, "hidden_relative": 1}
    assert large == dict.fromkeys(MISHAPS, 1) | {"sample_swap": 2}


def test_mishaps_befall_consenting_families_in_which_nothing_is_planted(release: Release) -> None:
    families = [family for answer in release.answers for family in answer.expected["families"]]
    assert len(families) == len(set(families))
    others = {
        answer.family
        for answer in read_answers(release.folder)
        if "found" in answer.expected or answer.kind == "withdrawn"
    }
    assert not others & set(families)
    for answer in release.answers:
        expected = answer.expected
        assert [release.family_of(sample) for sample in expected["samples"]] == expected["families"]
        assert (
            release.people.loc[expected["samples"], "participant_id"].tolist()
            == (expected["participants"])
        )


def test_trios_break_where_samples_were_swapped_and_nowhere_else(release: Release) -> None:
    copies = release.genomes.autosomal
    broken = set()
    trios_seen = [trio for trio in trios(release.folder) if set(trio) <= set(release.people.index)]
    assert len(trios_seen) >= 5
    for trio in trios_seen:
        child, father, mother = (copies[:, release.column[sample]] for sample in trio)
        rate = mendelian_error_rate(child, father, mother)
        assert rate < 0.001 or rate > ERRORS_OF_STRANGERS
        if rate > ERRORS_OF_STRANGERS:
            assert one_parent_error_rate(child, father) > 0.02
            broken.add(release.family_of(trio[0]))
    swapped = {f for answer in release.of_kind("sample_swap") for f in answer.expected["families"]}
    assert broken == swapped & {release.family_of(trio[0]) for trio in trios_seen}
    assert broken


def test_a_swapped_sample_is_a_stranger_at_home_and_a_relative_elsewhere(release: Release) -> None:
    swaps = release.of_kind("sample_swap")
    assert swaps
    for answer in swaps:
        one, other = answer.expected["samples"]
        assert answer.expected["genome_of"] == {
            one: answer.expected["participants"][1],
            other: answer.expected["participants"][0],
        }
        for sample, away in ((one, other), (other, one)):
            at_home = [
                release.kinship(sample, member)
                for member in release.members(release.family_of(sample))
                if member != sample
            ]
            elsewhere = [
                release.kinship(sample, member)
                for member in release.members(release.family_of(away))
                if member != away
            ]
            assert at_home
            assert max(at_home) < 0.1
            assert SIBLINGS[0] < max(elsewhere) < SIBLINGS[1]


def test_relatives_across_families_are_those_of_the_answer_key(release: Release) -> None:
    found = release.relatives_elsewhere()
    known = [
        set(answer.expected["families"])
        for answer in release.answers
        if len(answer.expected["families"]) == 2
    ]
    for pair in found:
        assert {release.family_of(sample) for sample in pair} in known
    for answer in release.of_kind("hidden_relative"):
        kinship = found[frozenset(answer.expected["samples"])]
        assert SIBLINGS[0] < kinship < SIBLINGS[1]
    for answer in release.of_kind("duplicated_participant"):
        assert found[frozenset(answer.expected["samples"])] > SAME_PERSON


def test_two_registrations_of_one_person_name_each_other(demo: Release) -> None:
    (answer,) = demo.of_kind("duplicated_participant")
    people = table(demo.folder, "participant").set_index("participant_id")
    one, other = answer.expected["participants"]
    named = people["duplicated_participant_id"].dropna()
    assert named.to_dict() == {one: other, other: one}
    for column in ("year_of_birth", "participant_phenotypic_sex", "participant_ethnic_category"):
        assert people.loc[one, column] == people.loc[other, column]


def test_recorded_sex_contradicts_the_x_chromosomes_where_the_key_says_so(release: Release) -> None:
    female = release.genomes.heterozygosity_on_x > HETEROZYGOUS_LIKE_A_WOMAN
    recorded = release.people["participant_phenotypic_sex"] == "Female"
    contradicting = {
        sample
        for sample in release.people.index
        if female[release.column[sample]] != recorded[sample]
    }
    wrong = {answer.expected["samples"][0] for answer in release.of_kind("wrong_sex")}
    swapped = {
        sample
        for answer in release.of_kind("sample_swap")
        if answer.expected["sexes_differ"]
        for sample in answer.expected["samples"]
    }
    assert wrong
    assert contradicting == wrong | swapped


def test_the_samples_karyotype_follows_the_genome_and_not_the_record(release: Release) -> None:
    stats = table(release.folder, "aggregate_gvcf_sample_stats").set_index("platekey")
    female = release.genomes.heterozygosity_on_x > HETEROZYGOUS_LIKE_A_WOMAN
    for sample, row in stats.iterrows():
        assert row["karyotype"] == ("XX" if female[release.column[str(sample)]] else "XY")
    recorded = stats["participant_id"].map(
        table(release.folder, "participant").set_index("participant_id")[
            "participant_phenotypic_sex"
        ]
    )
    assert (stats["participant_phenotypic_sex"] == recorded).all()
    for answer in release.of_kind("wrong_sex"):
        (sample,) = answer.expected["samples"]
        assert stats.loc[sample, "karyotype"] == answer.expected["karyotype"]
        assert recorded[sample] == answer.expected["recorded"]


def test_the_set_of_unrelated_people_knows_of_hidden_relatives(release: Release) -> None:
    stats = table(release.folder, "aggregate_gvcf_sample_stats").set_index("platekey")
    unrelated = stats["set_of_unrelated_individuals"] == 1
    for answer in (*release.of_kind("hidden_relative"), *release.of_kind("duplicated_participant")):
        assert unrelated[answer.expected["samples"]].sum() == 1


def test_an_outliers_genome_lies_with_another_ancestry_than_is_stated(demo: Release) -> None:
    (answer,) = demo.of_kind("ancestry_outlier")
    (sample,) = answer.expected["samples"]
    stated = demo.people["participant_ethnic_category"]
    assert stated[sample] == answer.expected["stated"] == "White: British"
    scores = demo.genomes.principal_components(4)
    places = [demo.column[one] for one in stated.index]
    scores = pd.DataFrame(scores[places], index=stated.index)
    centres = {
        "EUR": scores[stated == "White: British"].median(),
        "SAS": scores[stated.str.endswith(("Pakistani", "Indian"))].median(),
        "AFR": scores[stated.str.startswith("Black")].median(),
    }
    distance = pd.DataFrame(
        {name: np.sqrt(((scores - centre) ** 2).sum(axis=1)) for name, centre in centres.items()}
    )
    nearest = distance.idxmin(axis=1)
    assert nearest[sample] == answer.expected["ancestry"] == "SAS"
    # Whoever has a parent of either ancestry lies half way between the two.
    near = distance["SAS"] < distance["EUR"] / 3
    white = stated == "White: British"
    assert white.sum() > 100
    swapped = {s for swap in demo.of_kind("sample_swap") for s in swap.expected["samples"]}
    assert set(stated.index[white & near]) - swapped == {sample}
    stats = table(demo.folder, "aggregate_gvcf_sample_stats").set_index("platekey")
    assert stats.loc[sample, "pred_south_asian_ancestries"] > 0.8

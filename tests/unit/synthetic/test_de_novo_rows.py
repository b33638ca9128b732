from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.synthetic.aggregate_reading import Aggregate, table
from tests.unit.synthetic.interpretation_reading import family_truths, named, the_answer

if TYPE_CHECKING:
    import pandas as pd

SIX = ["altreadparent", "abratio", "proximity", "segmentalduplication", "simplerepeat", "patch"]
READS = {"0/0", "0/1", "1/1", "0", "1", "./.", "."}


@pytest.fixture(scope="module")
def flagged(demo_release_folder: Path) -> pd.DataFrame:
    return named(demo_release_folder, "denovo_flagged_variants")


def trios(folder: Path) -> dict[int, tuple[int, int, int]]:
    """Child, father and mother of each trio, by the child."""
    members = table(folder, "denovo_cohort_information")
    wide = members.pivot_table(index="trio_id", columns="member", values="participant_id")
    return {
        int(row.Offspring): (int(row.Offspring), int(row.Father), int(row.Mother))
        for row in wide.itertuples()
    }


def test_planted_de_novos_pass_both_filters(
    demo_release_folder: Path, flagged: pd.DataFrame
) -> None:
    searched = trios(demo_release_folder)
    planted = [
        answer
        for answer in family_truths(demo_release_folder)
        if answer.kind == "de_novo" and answer.participant in searched
    ]
    assert len(planted) > 10
    for answer in planted:
        row = flagged[
            (flagged["participant_id"] == answer.participant)
            & (flagged["variant"] == answer.variant)
        ]
        assert row["base_filter"].item() == "1"
        # Two candidates that happen to lie together are both set aside.
        assert row["stringent_filter"].item() == row["proximity"].item()
    stringent = flagged[flagged["stringent_filter"] == "1"]
    found = {(answer.participant, answer.variant) for answer in planted}
    hits = set(zip(stringent["participant_id"], stringent["variant"], strict=True))
    assert len(found & hits) > 0.9 * len(found)


def test_the_stringent_filter_is_the_base_filter_and_the_six(flagged: pd.DataFrame) -> None:
    passed = (flagged[["base_filter", *SIX]] == "1").all(axis=1)
    assert (passed == (flagged["stringent_filter"] == "1")).all()


def test_candidates_are_as_many_as_the_answer_key_says(
    demo_release_folder: Path, flagged: pd.DataFrame
) -> None:
    expected = the_answer(demo_release_folder, "de_novo_candidates").expected
    assert expected["trios"] == len(trios(demo_release_folder))
    assert expected["candidates"] == len(flagged)
    assert expected["base_filter"] == sum(flagged["base_filter"] == "1")
    assert expected["stringent_filter"] == sum(flagged["stringent_filter"] == "1")
    # An artefact fails exactly one of the six, and nothing else.
    alone = (flagged["base_filter"] == "1") & ((flagged[SIX] == "0").sum(axis=1) == 1)
    assert 0 < expected["artefacts"] <= alone.sum()


def test_flags_are_those_of_the_aggregates_reads(small_release_folder: Path) -> None:
    aggregate = Aggregate(small_release_folder)
    column = {name: place for place, name in enumerate(aggregate.samples)}
    stats = table(small_release_folder, "aggregate_gvcf_sample_stats")
    sample = dict(zip(stats["participant_id"], stats["platekey"], strict=True))
    searched = trios(small_release_folder)
    times = Counter(site.name for site in aggregate.rows)
    compared = 0
    for row in named(small_release_folder, "denovo_flagged_variants").itertuples():
        # Of an artefact the aggregate has no row, and of a duplicate it has two.
        if times[row.variant] != 1:
            continue
        site = aggregate.by_name[row.variant]
        calls = [
            site.calls[column[sample[person]]].split(":") for person in searched[row.participant_id]
        ]
        genotypes = [call[0] for call in calls]
        assert "1" in genotypes[0]
        assert not any("1" in genotype for genotype in genotypes[1:])
        depth = [int(call[4]) for call in calls]
        reads = [int(call[6].split(",")[1]) if "," in call[6] else 0 for call in calls]
        if set(genotypes) <= READS:
            compared += 1
            base = (
                genotypes[0] == "0/1"
                and all(genotype in {"0/0", "0"} for genotype in genotypes[1:])
                and min(depth) >= 20
                and depth[0] <= 98
            )
            assert row.base_filter == "0" or base
            assert (row.altreadparent == "1") == (max(reads[1:]) <= 1)
            assert (row.abratio == "1") == (0.3 <= reads[0] / max(depth[0], 1) <= 0.7)
    assert compared > 100


def test_trios_are_whole_families_of_the_tables(demo_release_folder: Path) -> None:
    people = table(demo_release_folder, "participant").set_index("participant_id")
    for child, father, mother in trios(demo_release_folder).values():
        family = people.loc[child, "rare_diseases_family_id"]
        assert people.loc[father, "rare_diseases_family_id"] == family
        assert people.loc[mother, "rare_diseases_family_id"] == family

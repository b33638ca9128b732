"""What is planted in the isolates, found again over several seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domains.infectious_disease.resistance_prediction import Prediction, predict_resistance
from domains.infectious_disease.sequenced_isolates import (
    LEAST_COVERAGE,
    LEAST_MEAN_DEPTH,
    Isolates,
)
from domains.infectious_disease.transmission import find_clusters
from gecip.model.infection import (
    TuberculosisDrugSusceptibility,
    TuberculosisIsolate,
    TuberculosisIsolateUncalledRegion,
    TuberculosisIsolateVariant,
)
from gecip.provenance import Provenance
from gecip.synthetic.isolates import IsolateTables, draw_isolates
from gecip.synthetic.outbreaks import FEW_CHAIN_SIZES, chain_sizes

PEOPLE = np.arange(400) * 7 + 110_000_000
FAMILIES = np.where(np.arange(400) < 370, np.arange(400) // 3 + 115_000_000, 0)
WITHDRAWN = np.array([110_500_000, 110_500_001, 110_500_002, 110_500_003])


@pytest.fixture(scope="module", params=[1, 2, 3])
def drawn(request: pytest.FixtureRequest) -> IsolateTables:
    return draw_isolates(request.param, PEOPLE, FAMILIES, withdrawn=WITHDRAWN)


@pytest.fixture(scope="module")
def isolates(drawn: IsolateTables) -> Isolates:
    """The isolates that were read well enough, of those who may be read."""
    rows = drawn.rows[TuberculosisIsolate]
    good = rows[
        (rows["mean_depth"] >= LEAST_MEAN_DEPTH)
        & (rows["coverage"] >= LEAST_COVERAGE)
        & ~rows["participant_id"].isin(WITHDRAWN)
    ].reset_index(drop=True)

    def of(table: Any) -> pd.DataFrame:
        frame = drawn.rows[table]
        return frame[frame["isolate"].isin(good["isolate"])].reset_index(drop=True)

    family = dict(zip(PEOPLE.tolist(), FAMILIES.tolist(), strict=True))
    return Isolates(
        provenance=Provenance("drawn"),
        isolates=good.assign(family_id=good["participant_id"].map(family)),
        variants=of(TuberculosisIsolateVariant),
        uncalled_regions=of(TuberculosisIsolateUncalledRegion),
        susceptibility=of(TuberculosisDrugSusceptibility),
        set_aside=len(rows) - len(good),
    )


@pytest.fixture(scope="module")
def key(drawn: IsolateTables) -> Mapping[str, Mapping[str, Any]]:
    return {
        answer.expected["isolate"]: answer.expected
        for answer in drawn.answers
        if answer.kind == "isolate"
    }


@pytest.mark.slow
def test_every_planted_resistance_is_found_with_its_gaps_and_reversions(
    isolates: Isolates, key: Mapping[str, Mapping[str, Any]]
) -> None:
    rows = predict_resistance(isolates.first_of_each_participant()).rows
    assert len(rows)
    for name, judged in rows.groupby("isolate"):
        expected = key[str(name)]
        resistant = judged[judged["prediction"] == Prediction.RESISTANT]["drug"]
        assert sorted(resistant) == sorted(expected["found"])
        assert sorted(judged[~judged["called"]]["drug"]) == sorted(expected["not_called"])
        assert sorted(judged[judged["taken_back"] != ""]["drug"]) == sorted(expected["taken_back"])


@pytest.mark.slow
def test_every_kind_of_truth_occurs(key: Mapping[str, Mapping[str, Any]]) -> None:
    found = list(key.values())
    assert sum(bool(one["taken_back"]) for one in found) >= 5
    assert sum(bool(one["not_called"]) for one in found) == 4
    assert sum(one["is_badly_read"] for one in found) >= 3
    assert any(set(one["resistant"]) > set(one["found"]) for one in found if not one["not_called"])


def test_the_badly_read_isolates_are_those_that_are_set_aside(
    isolates: Isolates, key: Mapping[str, Mapping[str, Any]]
) -> None:
    bad = {name for name, expected in key.items() if expected["is_badly_read"]}
    assert not bad & set(isolates.isolates["isolate"])
    assert isolates.set_aside >= len(bad)


def chains_of(drawn: IsolateTables) -> set[frozenset[int]]:
    return {
        frozenset(answer.expected["participants"])
        for answer in drawn.answers
        if answer.kind == "transmission_chain"
    }


def clusters_of(isolates: Isolates, **facts: Any) -> set[frozenset[int]]:
    cases = find_clusters(isolates, **facts).cases.dropna(subset=["cluster"])
    return {frozenset(rows["participant_id"]) for _, rows in cases.groupby("cluster")}


def test_the_planted_chains_are_the_clusters_found(
    isolates: Isolates, drawn: IsolateTables
) -> None:
    assert len(chains_of(drawn)) >= 10
    assert clusters_of(isolates) == chains_of(drawn)


def test_without_the_mask_false_variants_in_repeats_break_chains(
    isolates: Isolates, drawn: IsolateTables
) -> None:
    assert clusters_of(isolates, mask_pe_ppe=False) != chains_of(drawn)


def test_strains_of_no_chain_lie_far_from_every_other(isolates: Isolates) -> None:
    cases = find_clusters(isolates).cases
    assert cases.loc[cases["cluster"].isna(), "nearest"].min() > 50


def test_more_than_half_of_the_steps_are_real_infections_and_not_all(
    isolates: Isolates, drawn: IsolateTables
) -> None:
    found = find_clusters(isolates)
    person = dict(zip(found.cases["isolate"], found.cases["participant_id"], strict=True))
    steps = {
        frozenset((person[row.earlier], person[row.later])) for row in found.links.itertuples()
    }
    real = {
        frozenset((int(later), earlier))
        for answer in drawn.answers
        if answer.kind == "transmission_chain"
        for later, earlier in answer.expected["infected_by"].items()
    }
    assert 0.4 < len(steps & real) / len(steps) < 1


def test_nothing_is_called_within_a_gap(drawn: IsolateTables) -> None:
    variants = drawn.rows[TuberculosisIsolateVariant][["isolate", "position"]]
    regions = drawn.rows[TuberculosisIsolateUncalledRegion]
    both = variants.merge(regions, on="isolate")
    assert not ((both["position"] >= both["start"]) & (both["position"] <= both["stop"])).any()


def test_some_people_who_have_withdrawn_have_isolates_and_no_answer(drawn: IsolateTables) -> None:
    people = set(drawn.rows[TuberculosisIsolate]["participant_id"]) & set(WITHDRAWN.tolist())
    assert len(people) == 3
    assert not people & {answer.participant for answer in drawn.answers}


def test_pairs_are_households_where_there_are_any(drawn: IsolateTables) -> None:
    family = dict(zip(PEOPLE.tolist(), FAMILIES.tolist(), strict=True))
    pairs = [chain for chain in chains_of(drawn) if len(chain) == 2]
    assert pairs
    assert all(len({family[person] for person in pair}) == 1 for pair in pairs)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    first, again, other = (draw_isolates(seed, PEOPLE, FAMILIES) for seed in (4, 4, 5))
    for table, rows in first.rows.items():
        pd.testing.assert_frame_equal(rows, again.rows[table])
    assert not first.rows[TuberculosisIsolate].equals(other.rows[TuberculosisIsolate])
    assert first.answers == again.answers


def test_a_small_release_has_its_chains_too() -> None:
    assert chain_sizes(25) == sorted(FEW_CHAIN_SIZES, reverse=True)
    small = draw_isolates(1, PEOPLE[:80], FAMILIES[:80])
    assert len(chains_of(small)) == len(FEW_CHAIN_SIZES)

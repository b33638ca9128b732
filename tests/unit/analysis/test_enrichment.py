"""Enrichment: counts by hand, statistics against scipy and statsmodels, broader terms by every parent."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from statsmodels.stats.contingency_tables import Table2x2
from statsmodels.stats.multitest import multipletests

from gecip.analysis.clinical.enrichment import _tested, enrichment, odds_ratio
from gecip.errors import AnalysisError
from gecip.release import Release
from gecip.reporting import list_rows, plot_enrichment, summarise
from tests.handmade import person, phenotype
from tests.handmade_cohorts import cohort_of, release_of
from tests.known_people import ids_of, unknown_numbers, whole_of

KIDNEY, CYST, POLYCYSTIC = "HP:0000077", "HP:0000107", "HP:0000113"
SEIZURE, NERVES = "HP:0001250", "HP:0000707"
CASES = [110000011 + 10 * number for number in range(8)]
OTHERS = [110000211 + 10 * number for number in range(12)]
SISTER = CASES[0] + 1


@pytest.fixture
def release(tmp_path: Path) -> Release:
    people = [person(one) for one in (*CASES, *OTHERS)]
    people.append(person(SISTER, participant_type="Relative"))
    return release_of(
        tmp_path / "own",
        people,
        rare_diseases_participant_phenotype=[
            *(phenotype(one, CYST) for one in (*CASES[:4], SISTER)),
            # The same feature twice, and a narrower one: still one person.
            phenotype(CASES[0], CYST),
            phenotype(CASES[0], POLYCYSTIC),
            phenotype(CASES[4], KIDNEY),
            *(phenotype(one, SEIZURE) for one in (CASES[5], *OTHERS[:6])),
            phenotype(OTHERS[6], CYST),
            # Looked for and not found, or not known: assessed, and without it.
            *(phenotype(one, CYST, present="No") for one in OTHERS[7:10]),
            phenotype(CASES[6], CYST, present="Unknown"),
        ],
        hes_apc=[
            *({"participant_id": one, "diag_01": "N185", "diag_02": "I10X"} for one in CASES[:5]),
            *({"participant_id": one, "diag_01": "N180"} for one in CASES[:5]),
            *({"participant_id": one, "diag_01": "I219"} for one in OTHERS[:3]),
        ],
    )


def of_terms(release: Release, **options: object):
    return enrichment(
        cohort_of(release, [*CASES, SISTER], "Cases"),
        cohort_of(release, [], "Everybody"),
        **{"fewest_people": 1} | options,
    )


def row_of(result: object, code: str) -> dict[str, float]:
    terms = result.terms  # type: ignore[attr-defined]
    (row,) = terms[terms["code"] == code].to_dict("records")
    return row


def test_a_term_counts_everybody_once_with_all_that_it_implies(release: Release) -> None:
    result = of_terms(release)
    # Asked are those assessed: seven cases and the sister, and ten others.
    assert (result.people_asked, result.others_asked) == (8, 10)
    cyst = row_of(result, CYST)
    assert (cyst["people"], cyst["families"], cyst["others"]) == (5, 4, 1)
    kidney = row_of(result, KIDNEY)
    assert (kidney["people"], kidney["families"], kidney["others"]) == (6, 5, 1)
    assert row_of(result, POLYCYSTIC)["people"] == 1


def test_a_broader_term_of_the_same_people_is_left_out(release: Release) -> None:
    result = of_terms(release)
    codes = set(result.terms["code"])
    # Whoever has an abnormal nervous system here has seizures: the narrower one says it.
    assert SEIZURE in codes
    assert NERVES not in codes
    assert result.same_people > 0
    # And the tops of the ontology never count.
    assert not {"HP:0000001", "HP:0000118"} & codes


def test_fewer_people_than_asked_for_are_not_tested(release: Release) -> None:
    result = of_terms(release, fewest_people=6)
    assert set(result.terms["code"]) == {CYST, KIDNEY, SEIZURE}
    assert result.too_rare > 0
    assert of_terms(release, fewest_people=99).terms.empty


def test_statistics_are_those_of_scipy(release: Release) -> None:
    result = of_terms(release)
    row = row_of(result, CYST)
    table = [[5, 3], [1, 9]]
    assert row["p"] == pytest.approx(fisher_exact(table).pvalue)
    assert row["odds_ratio"] == pytest.approx((5 * 9) / (3 * 1))
    assert result.terms["p"].is_monotonic_increasing


def test_one_person_of_each_family_is_asked_if_wished(release: Release) -> None:
    result = of_terms(release, one_per_family=True)
    assert (result.people_asked, result.families_asked) == (7, 7)
    assert row_of(result, CYST)["people"] == 4
    alone = enrichment(
        cohort_of(release, CASES, "Probands"),
        cohort_of(release, [*OTHERS, SISTER], "Others"),
        one_per_family=True,
        fewest_people=1,
    )
    # The sister is a relative of a case, and not asked among the others.
    assert alone.others_asked == 10


def test_an_obsolete_term_counts_as_its_successor(tmp_path: Path) -> None:
    release = release_of(
        tmp_path / "own",
        [person(one) for one in (*CASES, *OTHERS)],
        rare_diseases_participant_phenotype=[
            *(phenotype(one, "HP:0000057") for one in CASES),
            *(phenotype(one, "HP:9999999") for one in OTHERS),
        ],
    )
    result = enrichment(
        cohort_of(release, CASES, "Cases"), cohort_of(release, OTHERS, "Others"), fewest_people=1
    )
    assert row_of(result, "HP:0008665")["people"] == len(CASES)
    assert "HP:9999999" not in set(result.terms["code"])


def test_diagnoses_count_for_block_and_chapter_among_everybody(release: Release) -> None:
    result = of_terms(release, of="icd10")
    assert (result.people_asked, result.others_asked) == (9, 12)
    kidney = row_of(result, "N17-N19")
    assert (kidney["people"], kidney["others"]) == (5, 0)
    heart = row_of(result, "Heart and circulation (I00-I99)")
    assert (heart["people"], heart["others"]) == (5, 3)
    assert row_of(result, "I20-I25")["others"] == 3
    # The chapter of the kidneys holds exactly the people of its block, and is left out.
    assert "Kidneys, urinary tract and genitals (N00-N99)" not in set(result.terms["code"])
    assert result.broader["I20-I25"] == {"Heart and circulation (I00-I99)"}


@pytest.mark.slow
@given(
    counts=st.lists(
        st.tuples(st.integers(0, 20), st.integers(0, 30)).filter(lambda pair: sum(pair) > 0),
        min_size=1,
        max_size=30,
    )
)
def test_false_discovery_rates_are_those_of_statsmodels(counts: list[tuple[int, int]]) -> None:
    rows = pd.DataFrame(
        [
            {"code": f"T{place:02d}", "people": people, "families": people}
            | {"others": others, "other_families": others, "who": place}
            for place, (people, others) in enumerate(counts)
        ]
    )
    tested = _tested(rows, 20, 30)
    expected = [fisher_exact([[a, 20 - a], [b, 30 - b]]).pvalue for a, b in counts]
    assert np.allclose(sorted(tested["p"]), sorted(np.minimum(expected, 1)))
    q = multipletests(tested["p"], method="fdr_bh")[1]
    assert np.allclose(tested["q"], q)


@given(st.tuples(*[st.integers(1, 200)] * 4))
def test_the_interval_of_an_odds_ratio_is_woolfs(counts: tuple[int, int, int, int]) -> None:
    a, b, c, d = counts
    ratio, low, high = odds_ratio([[a, b], [c, d]])
    table = Table2x2(np.array([[a, b], [c, d]]))
    assert ratio == pytest.approx(table.oddsratio)
    assert (low, high) == pytest.approx(table.oddsratio_confint())


def test_with_an_empty_cell_a_half_is_added_to_all_four() -> None:
    ratio, low, high = odds_ratio([[5, 0], [2, 8]])
    assert ratio == pytest.approx((5.5 * 8.5) / (0.5 * 2.5))
    assert 0 < low < ratio < high < math.inf


def test_a_summary_shows_counts_of_both_groups_and_a_listing_all(release: Release) -> None:
    result = of_terms(release)
    summary = summarise(result)
    row = summary.table.loc["Renal cyst (HP:0000107)"]
    assert row[["people", "of", "others", "of others", "families"]].tolist() == [5, 8, 1, 10, 4]
    assert row["share"] == 5 / 8
    assert summary.n_people == 18
    assert len(list_rows(result)) == len(result.terms)
    wholes = {(total.whole, total.parts[0]) for total in summary.totals if not total.complete}
    assert ("Abnormality of the kidney (HP:0000077)", "Renal cyst (HP:0000107)") in wholes
    assert "Renal cyst" in plot_enrichment(summary).alt_text


def test_nothing_tested_is_a_summary_and_a_figure_too(release: Release) -> None:
    summary = summarise(of_terms(release, fewest_people=99))
    assert summary.table.empty
    assert "Nothing was tested" in plot_enrichment(summary).alt_text
    assert plot_enrichment(summary).png().startswith(b"\x89PNG")


def test_what_cannot_be_compared_is_refused(release: Release, tmp_path: Path) -> None:
    cases = cohort_of(release, CASES, "Cases")
    with pytest.raises(AnalysisError, match="'hpo' and of 'icd10'"):
        enrichment(cases, cases, of="opcs")  # type: ignore[arg-type]
    with pytest.raises(AnalysisError, match="Nobody of the cohort 'Cases' is left"):
        enrichment(cases, cases)
    bare = release_of(tmp_path / "bare", [person(one) for one in (*CASES, *OTHERS)])
    own, others = cohort_of(bare, CASES, "Cases"), cohort_of(bare, OTHERS, "Others")
    with pytest.raises(AnalysisError, match="rare_diseases_participant_phenotype"):
        enrichment(own, others)
    with pytest.raises(AnalysisError, match="hes_apc"):
        enrichment(own, others, of="icd10")
    with pytest.raises(AnalysisError, match="two releases"):
        enrichment(own, cases)


def test_everybody_asked_stands_behind_the_statistics_and_who_has_a_term_behind_its_count(
    release: Release,
) -> None:
    result = of_terms(release)
    summary = summarise(result)
    assert unknown_numbers(summary) == 0
    having = {CASES[0], CASES[1], CASES[2], CASES[3], SISTER}
    row = next(label for label in summary.table.index if CYST in label)
    assert ids_of(summary, row, "people") == having
    assert ids_of(summary, row, "families") == having
    assert ids_of(summary, row, "others") == {OTHERS[6]}
    assessed = {*CASES[:7], SISTER, *OTHERS[:10]}
    assert ids_of(summary, row, "of") == assessed - set(OTHERS)
    assert ids_of(summary, row, "of others") == assessed & set(OTHERS)
    for column in ("odds ratio", "95 % from", "95 % to", "p", "q"):
        assert ids_of(summary, row, column) == assessed
    assert whole_of(summary) == assessed

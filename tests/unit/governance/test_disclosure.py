from __future__ import annotations

import pytest

from gecip.configuration import policy_document
from gecip.governance.disclosure import (
    Finding,
    Verdict,
    band_around,
    identifier_shapes,
    is_small,
    possible_identifiers,
    problems_of_request,
    rounded_up,
    verdict_of,
    without_identifiers,
)
from gecip.governance.policy import parse_policy

POLICY = parse_policy(policy_document())
GOOD = {"project": "RR91", "purpose": "Table 2 of the paper", "role": "academic"}


@pytest.mark.parametrize(
    ("count", "small", "height"),
    [(0, False, 0), (1, True, 5), (4, True, 5), (5, False, 5), (6, False, 6)],
)
def test_counts_from_one_to_four_are_small_and_drawn_at_five(
    count: int, small: bool, height: float
) -> None:
    assert is_small(count, POLICY) is small
    assert rounded_up(count, POLICY) == height


@pytest.mark.parametrize(
    ("total", "band"), [(20, (20, 24)), (24, (20, 24)), (25, (25, 29)), (7, (5, 9))]
)
def test_a_total_is_banded_as_the_rule_shows_it(total: int, band: tuple[int, int]) -> None:
    assert band_around(total, POLICY) == band


@pytest.mark.parametrize(
    "text",
    [
        "111000012",
        "participant 226000012, twice",
        "LP3000204-DNA_B11",
        "/genomes/by_date/2016-01-01/HX98765432/",
        "pp123456789",
    ],
)
def test_words_of_an_identifiers_shape_are_found(text: str) -> None:
    assert identifier_shapes(text, POLICY) == 1


@pytest.mark.parametrize(
    "text",
    [
        "chr1:155239934",
        "chr1:155239934-155239999",
        "chr1_155239934_A_T",
        "1:155239934:A:T",
        "0.111000012",
        "1110000123",
        "HP:0000107",
        "ENSG00000008710",
        "1,234,567",
    ],
)
def test_places_in_the_genome_and_other_numbers_are_no_identifiers(text: str) -> None:
    assert identifier_shapes(text, POLICY) == 0


def test_only_words_of_five_characters_may_be_identifiers_of_a_release() -> None:
    assert possible_identifiers("HG00096, (S1) and 12345.", POLICY) == {"HG00096", "12345"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"project": " "}, "names no project"),
        ({"purpose": "a paper"}, "fewer than 3 words"),
        ({"purpose": "The plot of 111000012"}, "holds an identifier"),
        ({"role": "visitor"}, "set GECIP_ROLE to one of academic, commercial, trainee"),
    ],
)
def test_what_a_request_lacks_is_said(change: dict[str, str], sentence: str) -> None:
    (problem,) = problems_of_request(**GOOD | change, policy=POLICY)
    assert sentence in problem
    assert "111000012" not in problem


def test_a_whole_request_has_no_problems() -> None:
    assert problems_of_request(**GOOD, policy=POLICY) == []


def test_the_worst_finding_decides() -> None:
    rule = POLICY.rules["small_counts"]
    findings = [Finding(rule, verdict, "…") for verdict in (Verdict.REVIEW, Verdict.PASS)]
    assert verdict_of(findings) is Verdict.REVIEW
    assert verdict_of([*findings, Finding(rule, Verdict.FAIL, "…")]) is Verdict.FAIL
    assert verdict_of([]) is Verdict.PASS


def test_every_rule_names_its_source_and_what_to_do() -> None:
    assert POLICY.rules
    for rule in POLICY.rules.values():
        assert rule.source
        assert rule.remedy


def test_a_rule_gives_its_own_numbers_and_says_which_is_missing() -> None:
    assert POLICY.access["moratorium"]["months"] == 9
    with pytest.raises(KeyError, match=r"'moratorium' of policy\.toml has no 'weeks'"):
        POLICY.access["moratorium"]["weeks"]


def test_identifiers_are_hidden_in_words_of_others_and_the_rest_stays() -> None:
    said = "KeyError: 111000012 in LP3000204-DNA_B11, row 17 of 118,273,645"
    assert without_identifiers(said, POLICY) == "KeyError: … in …, row 17 of 118,273,645"

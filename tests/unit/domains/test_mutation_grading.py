from __future__ import annotations

import pytest
from scipy.stats import fisher_exact

from domains.infectious_disease.mutation_grading import GradedAssociations, grade_mutations
from gecip.errors import AnalysisError
from tests.unit.domains.handmade_isolates import isolates_of, variant

NAME = "rpoB_p.Ser450Leu"


def graded(present: tuple[int, int], absent: tuple[int, int]) -> GradedAssociations:
    """Return the grading of one mutation, given how many resistant and susceptible isolates have it or not."""
    variants, tests = {}, {}
    for has_it, counts in ((True, present), (False, absent)):
        for phenotype, count in zip("RS", counts, strict=True):
            for number in range(count):
                name = f"{has_it}-{phenotype}-{number}"
                variants[name] = [variant(NAME)] if has_it else [variant("rpoB_p.Ala1Val")]
                tests[name, "Rifampicin"] = phenotype
    return grade_mutations(isolates_of(variants, tests=tests), drug="Rifampicin", genes=("rpoB",))


def test_the_table_the_odds_and_the_probability_are_those_of_the_counts() -> None:
    row = graded((8, 2), (3, 17)).rows.loc[NAME]
    assert row[["present_resistant", "present_susceptible"]].tolist() == [8, 2]
    assert row[["absent_resistant", "absent_susceptible"]].tolist() == [3, 17]
    assert row["odds_ratio"] == pytest.approx(8 * 17 / (2 * 3))
    assert row["p"] == pytest.approx(fisher_exact([[8, 2], [3, 17]]).pvalue)
    assert row["predictive_value"] == pytest.approx(0.8)


@pytest.mark.parametrize(
    ("present", "absent", "associated"),
    [
        ((8, 2), (3, 17), True),
        ((4, 0), (3, 40), False),  # four isolates are one too few
        ((5, 0), (3, 40), True),
        ((2, 8), (20, 2), False),  # it goes with susceptibility
        ((5, 4), (5, 6), False),  # chance would do it
        ((12, 48), (3, 300), False),  # too few of its carriers are resistant
    ],
)
def test_a_mutation_is_associated_when_all_four_conditions_hold(
    present: tuple[int, int], absent: tuple[int, int], associated: bool
) -> None:
    assert bool(graded(present, absent).rows.at[NAME, "associated"]) is associated


def test_only_the_genes_asked_for_are_looked_at() -> None:
    isolates = isolates_of(
        {"a": [variant(NAME)], "b": [variant("katG_p.Ser315Thr")]},
        tests={("a", "Rifampicin"): "R", ("b", "Rifampicin"): "S"},
    )
    rows = grade_mutations(isolates, drug="Rifampicin", genes=("rpoB",)).rows
    assert rows.index.tolist() == [NAME]


def test_without_both_kinds_of_isolates_nothing_can_be_graded() -> None:
    isolates = isolates_of({"a": [variant(NAME)]}, tests={("a", "Rifampicin"): "R"})
    with pytest.raises(AnalysisError, match="not both resistant and susceptible"):
        grade_mutations(isolates, drug="Rifampicin", genes=("rpoB",))

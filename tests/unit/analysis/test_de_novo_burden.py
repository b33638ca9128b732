"""The burden of de novo variants against denovolyzeR's published table."""

from __future__ import annotations

import math

import pytest

from gecip.analysis.genetic.de_novo_burden import de_novo_burden
from gecip.errors import InputError

# Ware and others 2015, vignette of denovolyzeR: 1,078 trios with autism.
TRIOS = 1_078
PUBLISHED = {
    "syn": (254, 302.3, 0.840, 0.998),
    "mis": (655, 679.0, 0.965, 0.826),
    "lof": (131, 94.3, 1.39, 1.99e-4),
    "prot": (786, 773.2, 1.02, 0.328),
    "all": (1040, 1075.5, 0.967, 0.864),
}


def test_the_published_table_comes_out() -> None:
    # Expected counts are published to one decimal: the published p lies between those of both ends.
    low, published, high = (
        de_novo_burden(
            {name: row[0] for name, row in PUBLISHED.items()},
            {name: (row[1] + change) / (2 * TRIOS) for name, row in PUBLISHED.items()},
            TRIOS,
        ).rows.set_index("key")
        for change in (-0.05, 0.0, 0.05)
    )
    for name, (_, expected, enrichment, p_value) in PUBLISHED.items():
        assert published.loc[name, "expected"] == pytest.approx(expected)
        assert published.loc[name, "enrichment"] == pytest.approx(enrichment, rel=4e-3)
        rounding = 5e-4 if p_value > 1e-3 else 5e-7
        assert (
            low.loc[name, "p_value"] - rounding <= p_value <= high.loc[name, "p_value"] + rounding
        )


def test_it_is_the_sum_of_poisson_s_tail() -> None:
    found = de_novo_burden({("A", "lof"): 3}, {("A", "lof"): 1e-3, ("B", "lof"): 2e-3}, 500)
    below = sum(math.exp(-1) / math.factorial(number) for number in range(3))
    assert found.rows["p_value"].tolist() == pytest.approx([1 - below, 1.0])
    assert found.rows["observed"].tolist() == [3, 0]


def test_every_problem_is_named() -> None:
    with pytest.raises(InputError) as caught:
        de_novo_burden({"mis": -1, "syn": 2}, {"mis": 0.0}, 0)
    assert len(caught.value.problems) == 4
    assert "observed['syn'] has no rate" in str(caught.value)

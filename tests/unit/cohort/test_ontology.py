"""The ontology as cohorts and analyses ask it."""

from __future__ import annotations

import pytest

from gecip.cohort.ontology import ancestors, checked_term, descendants
from gecip.errors import DefinitionError

RENAL_CYST, ABNORMALITY_OF_THE_KIDNEY, ROOT = "HP:0000107", "HP:0000077", "HP:0000001"


def test_broader_terms_go_up_every_parent_to_the_root() -> None:
    above = ancestors(RENAL_CYST)
    assert {ABNORMALITY_OF_THE_KIDNEY, "HP:0000118", ROOT} <= above
    assert RENAL_CYST not in above
    assert ancestors(ROOT) == frozenset()


def test_a_term_is_below_each_of_its_broader_ones() -> None:
    assert all(RENAL_CYST in descendants(term) for term in ancestors(RENAL_CYST))


def test_a_term_that_is_not_known_has_no_broader_ones() -> None:
    assert ancestors("HP:9999999") == frozenset()


def test_a_term_that_is_not_known_is_refused_where_it_is_asked_for() -> None:
    with pytest.raises(DefinitionError, match="no term 'HP:9999999'"):
        checked_term("HP:9999999")

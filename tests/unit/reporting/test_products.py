from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
import pytest

from gecip.analysis.result import Result
from gecip.errors import ReportingError
from gecip.reporting import Listing, Summary, list_rows, summarise
from tests.products import BY_HAND, carriers_of, counted

GROUPS = {"renal": 40, "skin": 10}
GENES = {"PKD1": {"renal": 12, "skin": 0}, "PKD2": {"renal": 5, "skin": 3}}


@dataclass(frozen=True, repr=False, eq=False)
class Unheard(Result):
    """A result of which nobody has said how it is reported."""


def test_an_unknown_result_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ReportingError, match=r"A Unheard cannot be summarised: .*CarrierCounts"):
        summarise(Unheard(BY_HAND))
    with pytest.raises(ReportingError, match=r"A Unheard cannot be listed: .*CarrierCounts"):
        list_rows(Unheard(BY_HAND))


def test_a_domain_registers_its_own_results() -> None:
    @dataclass(frozen=True, repr=False, eq=False)
    class Own(Result):
        """A domain's result."""

    @summarise.register(Own)
    def summarise_own(result: Own) -> Summary:
        return counted({"a": 5}, provenance=result.provenance)

    assert summarise(Own(BY_HAND)).n_people == 5


def test_carriers_per_gene_hold_no_phenotypes() -> None:
    summary = summarise(carriers_of(GENES, groups=GROUPS, by=None))
    assert not summary.phenotypic
    assert summary.table.loc["PKD2"].to_dict() == {
        "carriers": 8,
        "families of carriers": 8,
        "alleles": 9,
        "people": 50,
        "carrier rate": 8 / 50,
    }
    assert summary.people.loc["PKD2"].to_dict() == {
        "carriers": 8,
        "families of carriers": 8,
        "alleles": 8,
        "people": 50,
        "carrier rate": 50,
    }
    assert summary.behind == "50 people in 50 families"


def test_carriers_by_group_hold_phenotypes_and_a_line_for_all_groups() -> None:
    summary = summarise(carriers_of(GENES, groups=GROUPS))
    assert summary.phenotypic
    assert summary.title == "Carriers per gene by disease group"
    assert summary.table["carriers"].to_dict() == {
        ("PKD1", "renal"): 12,
        ("PKD1", "skin"): 0,
        ("PKD1", "All groups"): 12,
        ("PKD2", "renal"): 5,
        ("PKD2", "skin"): 3,
        ("PKD2", "All groups"): 8,
    }
    assert summary.table.loc[("PKD2", "skin"), "carrier rate"] == 0.3


def test_a_gene_that_nobody_carries_is_shown_as_nobody() -> None:
    summary = summarise(carriers_of(GENES | {"UMOD": {}}, groups=GROUPS, by=None))
    assert summary.table.loc["UMOD", ["carriers", "alleles", "people"]].tolist() == [0, 0, 50]


def test_a_listing_shows_its_rows_and_its_text_gives_none() -> None:
    listing = list_rows(carriers_of(GENES, groups=GROUPS))
    assert len(listing) == 20
    assert repr(listing) == "Listing('Carriers', rows=20)"
    assert "Row level: this stays in the environment." in listing._repr_html_()


def test_numbers_of_people_are_not_written_with_thousands() -> None:
    rows = pd.DataFrame({"gene": ["PKD1"], "participant_id": [110000011], "score": [1234.5]})
    shown = Listing(title="Rows", rows=rows, provenance=BY_HAND)._repr_html_()
    assert ">110000011</td>" in shown
    assert ">1,234</td>" in shown or ">1,235</td>" in shown

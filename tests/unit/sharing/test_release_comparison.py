"""The same notebook on two releases, whose differences are known person by person."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gecip.cli import main
from gecip.errors import NotebookError
from gecip.provenance import Provenance
from gecip.release import open_release
from gecip.sharing.cohort_changes import CohortChange
from gecip.sharing.product_changes import compared_estimates, compared_hits
from gecip.sharing.release_comparison import ReleaseComparison, compare_releases
from tests.unit.sharing.shared_notebook import (
    ALWAYS,
    CONSENTED_LATER,
    COUNT,
    LIST,
    NEW_CYSTS,
    NO_CYSTS_ANY_MORE,
    ONLY_18,
    ONLY_19,
    SELECT,
    WITHDREW,
    write_notebook,
)

RELEASES = ("v18", "v19")
BY_HAND = Provenance("by hand")
CYSTS = "did not meet “a renal cyst was found” in"


@pytest.fixture(scope="module")
def compared(ran_once: Path, tmp_path_factory: pytest.TempPathFactory) -> ReleaseComparison:
    notebook = write_notebook(tmp_path_factory.mktemp("compared") / "n.ipynb", SELECT, COUNT, LIST)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GECIP_RELEASES", str(ran_once / "releases"))
        return compare_releases(notebook, *RELEASES)


@pytest.mark.slow
def test_who_came_and_who_left_is_counted_by_the_step_that_did_it(
    compared: ReleaseComparison,
) -> None:
    (change,) = compared.cohorts
    assert (change.older, change.newer) == (len(ALWAYS) + 3, len(ALWAYS) + 3)
    assert change.balance == "+3/−3"
    assert change.gained == {
        "is not in v18": 1,
        "may not be read in v18, for want of consent": 1,
        f"{CYSTS} v18": 1,
    }
    assert change.lost == {
        "is not in v19": 1,
        "may not be read in v19, for want of consent": 1,
        f"{CYSTS} v19": 1,
    }
    assert set(change.came) == {ONLY_19, CONSENTED_LATER, NEW_CYSTS}
    assert set(change.left) == {ONLY_18, WITHDREW, NO_CYSTS_ANY_MORE}
    assert compared.steps.rows["people"].sum() == 6


@pytest.mark.slow
def test_hits_are_gained_and_lost_with_the_reason_of_whom_they_are_about(
    compared: ReleaseComparison,
) -> None:
    rows = compared.hits.rows
    assert set(rows["product"]) == {"Who has cysts"}
    reason_of = {
        (row.change, int(row.hit.split(",")[0])): row.reason for row in rows.itertuples(index=False)
    }
    assert set(reason_of) == {
        *(("gained", one) for one in (ONLY_19, CONSENTED_LATER, NEW_CYSTS)),
        *(("lost", one) for one in (ONLY_18, WITHDREW, NO_CYSTS_ANY_MORE)),
    }
    assert reason_of["gained", NEW_CYSTS] == (
        f"the participant came into “People with cysts”: {CYSTS} v18"
    )
    assert reason_of["lost", WITHDREW].endswith("may not be read in v19, for want of consent")


@pytest.mark.slow
def test_each_number_stands_beside_the_other(compared: ReleaseComparison) -> None:
    people = compared.estimates.rows.query("column == 'people'").set_index("line")
    assert people.loc["1990-1999", "v18"] == 1
    assert people.loc["1990-1999", "v19"] != people.loc["1990-1999", "v19"]  # no such line there
    for line in ("1960-1969", "1970-1979", "1980-1989", "Total"):
        row = people.loc[line]
        assert row["difference"] == row["v19"] - row["v18"]
    assert people.loc["Total", "difference"] == 0
    assert not people.loc["Total", "differs"]
    assert set(compared.changed["line"]) >= {"1990-1999"}


@pytest.mark.slow
def test_it_shows_counts_in_its_own_line_and_everything_in_the_notebook(
    compared: ReleaseComparison,
) -> None:
    assert "'People with cysts' +3/−3; hits gained=3, lost=3" in repr(compared)
    assert not any(str(number) in repr(compared) for number in ALWAYS)
    assert "stays in the environment" in compared._repr_html_()
    assert "51 → 51 people" in compared._repr_html_()


@pytest.mark.slow
def test_the_command_tells_counts_and_writes_the_rest_into_a_page(
    compared: ReleaseComparison,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(
        "gecip.sharing.release_comparison.compare_releases", lambda *_, **__: compared
    )
    assert main(["compare", "n.ipynb", *RELEASES, "--html", str(tmp_path / "c.html")], {}) == 0
    said = capsys.readouterr().out
    assert "People with cysts: 51 to 51 people (+3/−3)\n" in said
    assert f"  +1 {CYSTS} v18\n" in said
    assert "Hits: 3 gained, 3 lost\n" in said
    assert not any(str(number) in said for number in ALWAYS)
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert str(NEW_CYSTS) in page
    assert "stays in the environment" in page
    assert "http" not in page


def test_a_release_is_not_compared_with_itself() -> None:
    with pytest.raises(NotebookError, match="name two releases"):
        compare_releases("n.ipynb", "v19", "v19")


def listing(*rows: tuple[Any, ...]) -> dict[str, Any]:
    columns = [["family_id"], ["gene"], ["variant"], ["tier"]]
    return {"title": "Variants", "listing": {"columns": columns, "cells": list(map(list, rows))}}


def hits(older: dict[str, Any], newer: dict[str, Any], *changes: CohortChange) -> list[list[str]]:
    found = compared_hits(
        [(older, newer)], changes, releases=RELEASES, significant=0.05, provenance=BY_HAND
    )
    return found.rows[["change", "hit", "reason"]].to_numpy().tolist()


def test_a_row_that_is_known_again_tells_what_changed_and_copies_are_counted() -> None:
    older = listing(
        (1, "PKD1", "a", "TIER3"), (2, "PKD2", "b", "TIER1"), (3, "UMOD", "c", "TIER2"), (4, "HNF1B", "d", "TIER1")
    )  # fmt: skip
    newer = listing(
        (1, "PKD1", "a", "TIER1"), (2, "PKD2", "b", "TIER1"), (2, "PKD2", "b", "TIER1"), (5, "UMOD", "e", "TIER2")
    )  # fmt: skip
    cohort = CohortChange("Cystic", 3, 3, {}, {}, came={50: "is not in v18"}, families={50: 5})
    assert hits(older, newer, cohort) == [
        ["changed", "1, PKD1, a", "tier: TIER3 → TIER1"],
        ["gained", "2, PKD2, b", "in the cohorts of both: what v19 holds of them differs"],
        ["lost", "3, UMOD, c", "in the cohorts of both: what v19 holds of them differs"],
        ["lost", "4, HNF1B, d", "in the cohorts of both: what v19 holds of them differs"],
        ["gained", "5, UMOD, e", "somebody of the family came into “Cystic”: is not in v18"],
    ]


def burden_of(**genes: tuple[int, float | None, float]) -> dict[str, Any]:
    cells = [list(values) for values in genes.values()]
    table = {
        "rows": [[gene] for gene in genes],
        "columns": [["people"], ["q"], ["p"]],
        "cells": cells,
    }
    return {
        "title": "Burden",
        "table": table,
        "people": {**table, "cells": [[n, n, n] for n, _, _ in cells]},
    }


def test_a_line_of_a_summary_is_a_hit_by_q_and_says_what_it_was_and_is() -> None:
    older = burden_of(
        PKD1=(9, 0.20, 0.01), PKD2=(8, 0.01, 0.001), UMOD=(7, 0.001, 1e-5), HNF1B=(3, None, 0.5)
    )
    newer = burden_of(
        PKD1=(12, 0.03, 0.001), PKD2=(8, 0.30, 0.1), HNF1B=(3, None, 0.5), COL4A5=(6, 0.04, 1e-3)
    )
    assert hits(older, newer) == [
        ["gained", "PKD1", "q: 0.2 → 0.03; people behind it: 9 → 12"],
        ["lost", "PKD2", "q: 0.01 → 0.3; people behind it: 8 → 8"],
        ["lost", "UMOD", "q: 0.001 → no such line; people behind it: 7 → 0"],
        ["gained", "COL4A5", "q: no such line → 0.04; people behind it: 0 → 6"],
    ]
    assert hits(older, older) == []


def test_what_was_computed_twice_is_one_number_and_what_is_missing_on_one_side_differs() -> None:
    older = burden_of(PKD1=(9, 0.1 + 0.2, 0.01), UMOD=(7, None, 0.5))
    newer = burden_of(PKD1=(9, 0.3, 0.02), UMOD=(7, 0.5, 0.5))
    found = compared_estimates([(older, newer)], releases=RELEASES, provenance=BY_HAND).rows
    differs = found.set_index(["line", "column"])["differs"]
    assert not differs["PKD1", "q"]
    assert differs["PKD1", "p"]
    assert differs["UMOD", "q"]
    assert not differs["UMOD", "p"]
    assert found.set_index(["line", "column"])["difference"]["PKD1", "p"] == pytest.approx(0.01)


@pytest.mark.slow
def test_a_release_says_of_whom_earlier_results_may_stand(ran_once: Path) -> None:
    from gecip.governance.access import Use

    older, newer = (open_release(ran_once / "releases" / name) for name in RELEASES)
    assert CONSENTED_LATER not in older.consent.participants
    assert CONSENTED_LATER in older.participants_open_to(Use.STANDING)  # withdrew in part
    assert WITHDREW not in newer.participants_open_to(Use.STANDING)
    assert older.participants_open_to(Use.ROWS) == older.consent.participants
    assert newer.has_participant(WITHDREW)
    assert not newer.has_participant(ONLY_18)

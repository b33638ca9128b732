"""The programme's de novo filters on candidates written by hand, one fault each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domains.rare_disease.de_novo_filters import (
    DeNovoLimits,
    inside,
    read_track,
    with_verdicts,
)
from gecip.errors import InputError

SOUND: dict[str, Any] = {
    "participant_id": "c", "contig": "chr1", "position": 1_000, "reference": "A", "alternate": "T", "site": "PASS",
    "one_copy": False, "child_depth": 40.0, "father_depth": 30.0, "mother_depth": 30.0, "balance": 0.5, "parent_reads": 0.0,
}  # fmt: skip


def judged(*changes: dict[str, Any], without: tuple[str, ...] = (), **options: Any) -> pd.DataFrame:
    rows = pd.DataFrame([SOUND | change for change in changes])
    rows.attrs = {"has_depth": "depth" not in without, "has_reads": "reads" not in without}
    arguments = {"has_site_filters": True, "tracks": {}} | options
    return with_verdicts(rows, arguments.pop("limits", DeNovoLimits()), **arguments)


@pytest.mark.parametrize(
    ("change", "verdict", "is_base"),
    [
        ({"child_depth": 19.0}, "least_depth_filter", True),
        ({"mother_depth": 19.0}, "least_depth_filter", True),
        ({"father_depth": float("nan")}, "least_depth_filter", True),
        ({"child_depth": 99.0}, "most_depth_filter", True),
        ({"site": "LowQual"}, "site_filter", True),
        ({"parent_reads": 2.0}, "altreadparent", False),
        ({"parent_reads": float("nan")}, "altreadparent", False),
        ({"balance": 0.29}, "abratio", False),
        ({"balance": 0.71}, "abratio", False),
    ],
)
def test_one_fault_fails_one_filter(change: dict[str, Any], verdict: str, is_base: bool) -> None:
    row = judged(change).iloc[0]
    failed = {name for name in ("least_depth_filter", "most_depth_filter", "site_filter", "altreadparent", "abratio", "proximity") if not row[name]}  # fmt: skip
    assert failed == {verdict}
    assert not row["stringent_filter"]
    assert bool(row["base_filter"]) is not is_base


def test_the_limits_themselves_pass() -> None:
    at_limits = {
        "child_depth": 98.0,
        "father_depth": 20.0,
        "mother_depth": 20.0,
        "parent_reads": 1.0,
    }
    rows = judged(at_limits | {"balance": 0.3}, at_limits | {"balance": 0.7, "position": 1_021})
    assert rows["stringent_filter"].tolist() == [True, True]


def test_neighbours_of_one_child_fail_and_of_two_do_not() -> None:
    rows = judged({}, {"position": 1_020}, {"position": 1_010, "participant_id": "d"})
    assert rows["proximity"].tolist() == [False, False, True]


def test_what_is_not_there_is_not_applied() -> None:
    row = judged({"site": "LowQual"}, without=("depth", "reads"), has_site_filters=False).iloc[0]
    assert all(row[name] is pd.NA for name in ("least_depth_filter", "altreadparent", "abratio", "site_filter", "patch"))  # fmt: skip
    assert row["stringent_filter"]


def test_one_copy_of_x_asks_nothing_of_the_father() -> None:
    row = judged({"one_copy": True, "balance": 1.0, "father_depth": float("nan")}).iloc[0]
    assert row["stringent_filter"]


@pytest.mark.slow
@given(
    stretches=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 15)), min_size=1, max_size=8),
    position=st.integers(1, 80),
    length=st.integers(1, 4),
)
def test_inside_is_what_each_base_says(
    tmp_path_factory: pytest.TempPathFactory,
    stretches: list[tuple[int, int]],
    position: int,
    length: int,
) -> None:
    file = tmp_path_factory.mktemp("track") / "some.bed"
    file.write_text("".join(f"1\t{start}\t{start + size}\n" for start, size in stretches))
    covered = {base for start, size in stretches for base in range(start + 1, start + size + 1)}
    rows = pd.DataFrame([{"contig": "chr1", "position": position, "reference": "A" * length}])
    told = bool(covered & set(range(position, position + length)))
    assert inside(rows, read_track(file)).tolist() == [told]


def test_a_line_that_is_no_bed_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.bed").write_text("1\t5\t9\n1\tfive\t9\n")
    with pytest.raises(InputError, match="line 2"):
        read_track(tmp_path / "bad.bed")

from __future__ import annotations

from pathlib import Path

import pytest

from gecip.errors import UnknownTableError
from gecip.model.infection import TuberculosisIsolate
from gecip.model.table import TABLES
from gecip.release import open_release
from tests.handmade import person, write_release


def test_a_release_without_an_invented_table_says_that_the_programme_has_none(
    tmp_path: Path,
) -> None:
    release = open_release(write_release(tmp_path / "real", participant=[person(110000011)]))
    with pytest.raises(UnknownTableError, match="invented for the synthetic releases"):
        release.read(TuberculosisIsolate)


def test_a_misspelt_name_is_still_answered_with_the_nearest(tmp_path: Path) -> None:
    release = open_release(write_release(tmp_path / "real", participant=[person(110000011)]))
    with pytest.raises(UnknownTableError, match="did you mean 'participant'"):
        release.read("particpant")


def test_every_pathogen_table_is_marked_as_invented() -> None:
    names = [name for name in TABLES if name.startswith("tuberculosis")]
    assert len(names) == 4
    assert all(TABLES[name].invented for name in names)

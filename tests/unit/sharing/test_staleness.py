"""What was published before somebody withdrew, and what is said of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gecip.cli import main
from gecip.errors import InputError, ReleaseError
from gecip.model.table import TABLES
from gecip.release import open_release
from gecip.release.parquet import write_table
from gecip.sharing.publication import Publication, publications, publish, take_down
from gecip.sharing.staleness import stale
from tests.handmade import person, write_release
from tests.unit.sharing.conftest import Shared
from tests.unit.sharing.shared_notebook import ALWAYS, NEW_CYSTS, ONLY_18, WITHDREW

pytestmark = pytest.mark.slow


@pytest.fixture
def published(shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publication:
    """A publication, and releases of which a test may change its own copy."""
    shutil.copytree(shared.releases, tmp_path / "releases")
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path / "releases"))
    return publish(shared.executed, domain="renal")


def withdraw(folder: Path, statuses: dict[int, str]) -> None:
    """Write v18 again, with other words of consent."""
    people = [
        person(one, programme_consent_status=statuses.get(one, "Consenting"))
        for one in (*ALWAYS, ONLY_18, WITHDREW)
    ]
    write_release(folder / "releases" / "v18", participant=people)


def test_nobody_has_withdrawn_and_everything_stands(published: Publication) -> None:
    found = stale()
    assert (found.stale, found.unknown, found.fresh) == ((), (), 1)
    assert found.to_run_again == ()
    assert main(["stale"], {}) == 0


def test_who_withdrew_in_full_makes_it_run_again_and_who_did_in_part_does_not(
    published: Publication, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    withdraw(tmp_path, {ALWAYS[0]: "Withdrawn (Full)", ALWAYS[1]: "Withdrawn (Partial)"})
    (result,) = stale().stale
    # Beside the one who withdrew, three are not in this v18 at all.
    assert result.withdrawn == 4
    assert result.publication.name == published.name
    assert result.must_run_again
    assert result.in_part == 1
    assert (result.results, result.products) == (2, 2)
    assert result.command == (
        "gecip publish 01-how-many.ipynb --domain renal --release v18 -p sex=Female"
    )
    assert main(["stale"], {}) == 1
    said = capsys.readouterr().out
    assert result.command in said
    assert "withdrawn in part, whose earlier results may stand" in said
    assert not any(str(number) in said for number in (*ALWAYS, ONLY_18, WITHDREW))


def change_status(folder: Path, participant_id: int, status: str) -> None:
    """Give one person of v18 another word of consent, and leave all else."""
    rows = open_release("v18").read("participant")
    rows.loc[rows["participant_id"] == participant_id, "programme_consent_status"] = status
    table = folder / "releases" / "v18" / "tables" / "participant.parquet"
    write_table(rows, table, table=TABLES["participant"])


def test_a_partial_withdrawal_alone_lets_it_stand(published: Publication, tmp_path: Path) -> None:
    change_status(tmp_path, ALWAYS[1], "Withdrawn (Partial)")
    found = stale()
    (result,) = found.stale
    # Somebody had withdrawn in part before: they were never read, and count for nothing.
    assert (result.withdrawn, result.in_part, result.results) == (0, 1, 0)
    assert not result.must_run_again
    assert found.to_run_again == ()


def test_a_result_knows_whether_it_rests_on_them(published: Publication, tmp_path: Path) -> None:
    # No cysts: in neither table, but in the answer of a query somebody may have seen them.
    change_status(tmp_path, NEW_CYSTS, "Withdrawn (Full)")
    (result,) = stale().stale
    assert (result.withdrawn, result.results, result.products) == (1, 0, 2)
    change_status(tmp_path, ONLY_18, "Withdrawn (Full)")
    (result,) = stale().stale
    assert (result.withdrawn, result.results) == (2, 2)


def test_the_word_of_a_newer_release_counts_where_it_is_asked_for(published: Publication) -> None:
    (result,) = stale(on="v19").stale
    # One is not in v19 any more, one has withdrawn in full there.
    assert result.withdrawn == 2
    with pytest.raises(ReleaseError, match="no release called 'v20'"):
        stale(on="v20")


def test_of_what_was_not_recorded_here_nobody_can_tell(
    published: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GECIP_RECORDS", str(tmp_path / "elsewhere"))
    found = stale()
    assert found.fresh == 0
    assert found.unknown == (
        (published.name, "whom its run touched is not among the records here."),
    )


def test_a_release_that_is_gone_is_told(published: Publication, tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "releases" / "v18")
    ((name, why),) = stale().unknown
    assert name == published.name
    assert "no release called 'v18'" in why


def test_what_is_taken_down_is_gone(published: Publication) -> None:
    assert main(["unpublish", published.name], {}) == 0
    assert publications() == []
    assert list(published.folder.parent.iterdir()) == []
    with pytest.raises(InputError, match="Nothing is published as"):
        take_down(published.name)

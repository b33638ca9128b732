from __future__ import annotations

import hashlib
import pkgutil
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gecip.synthetic
from gecip.errors import InputError, ReleaseError
from gecip.synthetic import clinical_rows, programme, synthesise_release
from gecip.synthetic.clinical_rows import Programme
from gecip.synthetic.random_streams import random_stream

if TYPE_CHECKING:
    import pandas as pd


def digests(folder: Path) -> dict[str, str]:
    """Each file's digest; the manifest's name is the folder's, so it is left out."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "release.json"
    }


def test_the_same_seed_gives_the_same_bytes_and_a_new_table_changes_no_other(
    small_release_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One making serves both: its family table is made otherwise, from a stream drawn further."""
    plain = clinical_rows.family_rows

    def drawn_further(made: Programme) -> pd.DataFrame:
        frame = plain(made)
        stream = random_stream(made.seed, "tables/rare_diseases_family")
        return frame.assign(family_medical_review_gmc_ods_code=str(stream.integers(1_000)))

    monkeypatch.setattr(clinical_rows, "family_rows", drawn_further)
    again = synthesise_release(tmp_path / "small", participants=80, seed=7, progress=False)
    first, second = digests(small_release_folder), digests(again)
    changed = "tables/rare_diseases_family.parquet"
    assert first.pop(changed) != second.pop(changed)
    assert first == second
    assert len(first) > 90
    manifests = [(folder / "release.json").read_bytes() for folder in (small_release_folder, again)]
    assert manifests[0] == manifests[1]


def test_the_map_of_the_package_names_every_module_once() -> None:
    named = re.findall(r"`(\w+)`", (gecip.synthetic.__doc__ or "").partition("\n\n- ")[2])
    modules = [module.name for module in pkgutil.iter_modules(gecip.synthetic.__path__)]
    assert sorted(named) == sorted(modules)


def test_what_exists_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    with pytest.raises(InputError, match="already exists"):
        synthesise_release(tmp_path / "mine", participants=80, progress=False)
    assert list((tmp_path / "mine").iterdir()) == []


def test_an_unknown_version_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="no release 'v99'"):
        synthesise_release(tmp_path / "new", version="v99", progress=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_run_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("planned")

    monkeypatch.setattr(programme, "write_chunk", fail)
    with pytest.raises(RuntimeError, match="planned"):
        synthesise_release(tmp_path / "new", participants=80, progress=False)
    assert list(tmp_path.iterdir()) == []


def test_the_release_opens_and_gives_consenting_people_only(small_release_folder: Path) -> None:
    from gecip import open_release

    release = open_release(small_release_folder)
    assert release.version == "v19"
    assert release.manifest.folder == "/main-programme/main-programme_v19_2024-10-31"
    assert release.consent.withdrawn_since_release >= 1
    people = release.read("participant")
    assert set(people["programme_consent_status"]) == {"Consenting"}
    assert len(people) == len(release.consent.participants) < 80

"""One run of a small notebook, for all tests that need an executed one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from gecip.sharing.notebooks import run_notebook
from tests.unit.sharing.shared_notebook import (
    COUNT,
    FRAME,
    LIST,
    SAY,
    SELECT,
    write_notebook,
    write_releases,
)


@dataclass(frozen=True)
class Shared:
    """The notebook, the same executed, and the folder of releases."""

    notebook: Path
    executed: Path
    releases: Path


@pytest.fixture(scope="session")
def ran_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the releases, the notebook, its executed form and the records of its run."""
    folder = tmp_path_factory.mktemp("shared")
    write_releases(folder / "releases")
    notebook = write_notebook(folder / "01-how-many.ipynb", SELECT, COUNT, LIST, FRAME, SAY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GECIP_RELEASES", str(folder / "releases"))
        patch.setenv("GECIP_RECORDS", str(folder / "records"))
        run_notebook(notebook, save=folder / "executed.ipynb")
    return folder


@pytest.fixture
def shared(ran_once: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shared:
    """The executed notebook, with a gallery and a door of the test's own."""
    monkeypatch.setenv("GECIP_RELEASES", str(ran_once / "releases"))
    monkeypatch.setenv("GECIP_RECORDS", str(ran_once / "records"))
    monkeypatch.setenv("GECIP_GALLERY", str(tmp_path / "gallery"))
    monkeypatch.setenv("GECIP_EXPORTS", str(tmp_path / "exports"))
    return Shared(
        ran_once / "01-how-many.ipynb", ran_once / "executed.ipynb", ran_once / "releases"
    )

"""What tests of the synthetic programme share: a release of clinical tables with probands enough for means."""

from __future__ import annotations

from pathlib import Path

import pytest

from gecip.synthetic import synthesise_release


@pytest.fixture(scope="session")
def clinical_release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release without genomes of 2,500 people, made in half a minute."""
    folder = tmp_path_factory.mktemp("clinical") / "tables"
    return synthesise_release(folder, participants=2_500, genomes=False, seed=4, progress=False)

"""What the tests of notebooks leave for each other."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def executed_notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the notebooks of this run are kept as they ran; empty if none was run."""
    return tmp_path_factory.mktemp("executed")

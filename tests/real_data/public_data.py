"""Where real public data lie: beside the project, or where `GECIP_TEST_DATA` says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("GECIP_TEST_DATA") or PROJECT.parent / "shared" / "data")


def public_data(path: str) -> Path:
    """Return a file of the public data, or skip the test where it is absent."""
    file = DATA / path
    if not file.exists():
        pytest.skip(f"{path} is not at {DATA}: set GECIP_TEST_DATA to the folder that has it")
    return file

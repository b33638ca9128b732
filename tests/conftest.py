"""What all tests share: releases made once a run, folders of their own, and one Hail session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gecip.provenance import digest_of

SESSION_MEMORY_GIGABYTES = "3"
WHOLE_RELEASES = {
    "clinical_release_folder",
    "demo_catalogue",
    "demo_release_folder",
    "small_release_folder",
}


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the user's releases, stores and exports out of the tests, and the tests out of them."""
    folder = tmp_path_factory.mktemp("user")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GECIP_CACHE", str(folder / "cache"))
        patch.setenv("GECIP_RELEASES", str(folder / "releases"))
        patch.setenv("GECIP_EXPORTS", str(folder / "exports"))
        patch.setenv("GECIP_GALLERY", str(folder / "gallery"))
        patch.setenv("GECIP_RECORDS", str(folder / "records"))
        patch.setenv("GECIP_AUDIT", str(folder / "audit"))
        patch.setenv("GECIP_MEMORY_GB", SESSION_MEMORY_GIGABYTES)
        patch.delenv("GECIP_SPARK_MASTER", raising=False)
        patch.delenv("GECIP_ROLE", raising=False)
        patch.delenv("GECIP_PROJECTS", raising=False)
        patch.delenv("GECIP_DOMAINS", raising=False)
        yield folder


@pytest.fixture(autouse=True)
def own_ledger(
    own_folders: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Give each test a ledger of its own: the same numbers are other people in another test."""
    monkeypatch.setenv(
        "GECIP_LEDGER", str(own_folders / "ledgers" / digest_of(request.node.nodeid))
    )


@pytest.fixture(scope="session")
def demo_catalogue(own_folders: Path) -> Path:
    """A catalogue in which `open_release("demo")` finds the demo release."""
    from gecip.synthetic.demo import ensure_demo

    return ensure_demo().parent


@pytest.fixture(scope="session")
def demo_release_folder(demo_catalogue: Path) -> Path:
    """The demo release."""
    return demo_catalogue / "demo"


@pytest.fixture(scope="session")
def small_release_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A synthetic release of 80 people with every kind of planted truth at least once; not to be changed."""
    from gecip.synthetic import synthesise_release

    folder = tmp_path_factory.mktemp("synthetic") / "small"
    return synthesise_release(folder, participants=80, seed=7, progress=False)


@pytest.fixture(scope="session")
def hail(own_folders: Path) -> Iterator[Any]:
    """Hail, started once for the whole test process with little memory."""
    from gecip.genotypes import hail_session, stop_session

    hail_session()
    import hail as hl

    yield hl
    stop_session()


def pytest_configure(config: pytest.Config) -> None:
    """Keep what numba compiled from one run of the tests to the next, though the user's cache is a new one each time."""
    cache: pytest.Cache | None = getattr(config, "cache", None)
    if cache is not None:
        folder = cache.mkdir(f"compiled-{_kernels_as_they_are()}")
        os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))


def _kernels_as_they_are() -> str:
    """Return what changes with any module of compiled functions: numba looks at a function's own module alone."""
    sources = (Path(__file__).parents[1] / "gecip").rglob("*.py")
    texts = sorted(path.read_text(encoding="utf-8") for path in sources)
    return digest_of([text for text in texts if "def compiled(" in text or "@compiled(" in text])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Take every test for slow that wants a whole synthetic release, or reads real data: both take seconds."""
    for item in items:
        if WHOLE_RELEASES & _wanted_by(item) or item.path.parent.name == "real_data":
            item.add_marker(pytest.mark.slow)


def _wanted_by(item: pytest.Item) -> set[str]:
    """Return the fixtures that a test wants, also those that a parameter names."""
    parameters = getattr(item, "callspec", None)
    named = parameters.params.values() if parameters else ()
    return {*getattr(item, "fixturenames", ()), *(one for one in named if isinstance(one, str))}

"""The demo release: made once for each user, remade when the generator has changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from gecip.configuration import release_folders
from gecip.errors import ReleaseError
from gecip.release.layout import MANIFEST, read_manifest
from gecip.synthetic.generator_version import release_digest
from gecip.synthetic.programme import (
    DEMO_CANCER_PATIENTS,
    DEMO_PARTICIPANTS,
    DEMO_SEED,
    synthesise_release,
)

DEMO = "demo"
_VERSION = "v19"


def ensure_demo(
    *,
    participants: int = DEMO_PARTICIPANTS,
    cancer_patients: int = DEMO_CANCER_PATIENTS,
    seed: int = DEMO_SEED,
    progress: bool = True,
) -> Path:
    """Return the folder of the release `demo`, making it if it is not there or of another generator.

    It lies in the first folder of `GECIP_RELEASES`. A release that is there stays in place until the
    new one is whole. Seconds when nothing is to be done.

    Raises
    ------
    ReleaseError
        When something is called `demo` there that this did not make: it is left alone.
    """
    folder = release_folders()[0] / DEMO
    wanted = release_digest(
        participants=participants, cancer_patients=cancer_patients, seed=seed, version=_VERSION
    )
    if folder.exists() and _digest_of_demo(folder) == wanted:
        return folder
    successor, predecessor = (folder.with_name(f".{DEMO}.{word}") for word in ("new", "old"))
    if successor.exists() and _digest_of_demo(successor) != wanted:
        shutil.rmtree(successor)
    if not successor.exists():
        synthesise_release(
            successor,
            name=DEMO,
            participants=participants,
            cancer_patients=cancer_patients,
            seed=seed,
            version=_VERSION,
            progress=progress,
        )
    if folder.exists():
        shutil.rmtree(predecessor, ignore_errors=True)
        folder.rename(predecessor)
    successor.rename(folder)
    shutil.rmtree(predecessor, ignore_errors=True)
    return folder


def _digest_of_demo(folder: Path) -> str:
    if not (folder / MANIFEST).is_file():
        raise ReleaseError(
            f"{folder}: the demo release belongs here, but this is no release: "
            "move it away, or name another folder in GECIP_RELEASES."
        )
    manifest = read_manifest(folder)
    if manifest.origin != "synthetic":
        raise ReleaseError(
            f"{folder}: the demo release belongs here, but this release was not synthesised: "
            "give it another name, or name another folder in GECIP_RELEASES."
        )
    return manifest.digest

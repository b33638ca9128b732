"""Find a release by its name, its LabKey folder or its path."""

from __future__ import annotations

from pathlib import Path

from gecip.configuration import release_folders
from gecip.errors import ReleaseError
from gecip.release.layout import MANIFEST, read_manifest


def find_release(name: str | Path) -> Path:
    """Return the folder of the release called `name`.

    `name` is a folder, a name in the catalogue (`demo`), or the LabKey folder string that official
    notebooks use (`/main-programme/main-programme_v19_2024-10-31`).

    Raises
    ------
    ReleaseError
        When nothing is called so; the message lists what there is.
    """
    path = Path(name).expanduser()
    if (path / MANIFEST).is_file():
        return path.resolve()
    if path.is_dir():
        raise ReleaseError(
            f"{path}: this folder is not a release, since it has no {MANIFEST}: "
            "name one made by `gecip synthesise` or `gecip import`."
        )
    there = catalogue()
    if str(name) in there:
        return there[str(name)]
    wanted = str(name).strip("/")
    for folder in there.values():
        manifest = read_manifest(folder)
        if wanted and wanted in (
            manifest.name,
            manifest.folder.strip("/"),
            manifest.folder.rpartition("/")[2],
        ):
            return folder
    known = f"the catalogue has {', '.join(sorted(there))}" if there else "the catalogue is empty"
    hint = (
        "make it with `gecip demo`"
        if str(name) == "demo"
        else "name one of these or a release folder"
    )
    raise ReleaseError(f"There is no release called {str(name)!r} ({known}): {hint}.")


def catalogue() -> dict[str, Path]:
    """Return the releases that have a name, by name: the folders in `GECIP_RELEASES`, first match first."""
    found: dict[str, Path] = {}
    for folder in release_folders():
        if folder.is_dir():
            for entry in sorted(folder.iterdir()):
                if not entry.name.startswith(".") and (entry / MANIFEST).is_file():
                    found.setdefault(entry.name, entry.resolve())
    return found

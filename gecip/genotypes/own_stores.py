"""Stores of callsets that are not cut into chunks: a researcher's own files, and gVCFs that were combined."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.cohort.selection import Cohort
from gecip.configuration import cache_folder
from gecip.errors import GenotypesError
from gecip.genotypes.cache import CONTENTS, hold, make_room, open_to_domain, stores_folder
from gecip.genotypes.store import MATRIX, STORE_FORMAT, Store, count_variants, size_of_matrix
from gecip.progress import step
from gecip.provenance import digest_of, software_versions
from gecip.writing import aside, new_folder, sole_user

if TYPE_CHECKING:
    import hail as hl

Make = Callable[[Sequence[int], Path], "tuple[hl.MatrixTable, dict[str, Any]]"]


@dataclass(frozen=True)
class OwnFiles:
    """Files that are loaded as one callset: what they are called, what they are, and how they are read (plain data)."""

    name: str
    files: tuple[Path, ...]
    making: Any

    @cached_property
    def digest(self) -> str:
        """Sixteen hexadecimal digits that change when a file does."""
        stamps = [
            [str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns]
            for file in self.files
        ]
        return digest_of([stamps, self.making, STORE_FORMAT, software_versions()["hail"]])


def own_store(
    own: OwnFiles,
    cohort: Cohort,
    samples: Sequence[str],
    members: Mapping[str, int | str],
    make: Make,
) -> tuple[Store, dict[str, Any]]:
    """Return the store of a callset, made now unless it is there, and what was noted when it was made.

    Parameters
    ----------
    samples
        The callset's samples, in order.
    members
        Those that may be used; no other gets into the store.
    make
        Returns the MatrixTable of the samples at given places, and plain facts to note; it is given a
        folder that becomes part of the store, for what it has to write on the way.
    """
    import hail as hl

    usable = [place for place, sample in enumerate(samples) if sample in members]
    kept = [samples[place] for place in usable]
    destination = stores_folder() / f"own-{own.digest}" / digest_of(kept)
    title = f"{own.name} for release {cohort.release.name}"
    while True:
        with sole_user(destination, waiting=f"Another session is loading {own.name}: waiting."):
            if _facts(destination) is None:
                _remove(destination)
                try:
                    with step(f"Loading {own.name} into Hail"), new_folder(destination) as partial:
                        mt, facts = make(usable, partial)
                        mt.write(str(partial / MATRIX))
                        _note(partial, title, own.name, facts)
                except hl.utils.java.FatalError as error:
                    raise GenotypesError(_why_not_read(own, error)) from None
        noted = _facts(destination)
        if noted is not None and hold(destination):
            make_room()
            return _store(destination, own.name, tuple(kept)), noted


def scratch_folder() -> Path:
    """Return a folder of this process's own for passing files; it is removed with the others of dead processes."""
    # The session's own folder, which goes with the session.
    scratch = cache_folder() / "scratch" / f"{socket.gethostname()}-{os.getpid()}"
    scratch.mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=scratch, prefix="own-"))


def _note(partial: Path, title: str, name: str, facts: dict[str, Any]) -> None:
    matrix = partial / MATRIX
    contents = {
        "callset": title,
        "chunks": {name: []},
        "size": size_of_matrix(matrix),
        "variants": count_variants(matrix),
        "facts": facts,
    }
    (partial / CONTENTS).write_text(json.dumps(contents), encoding="utf-8")
    open_to_domain(partial)


def _facts(folder: Path) -> dict[str, Any] | None:
    """Return what was noted when a store was made, or None where it is not there or damaged."""
    try:
        contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        whole = contents["size"] == size_of_matrix(folder / MATRIX)
    except (OSError, ValueError, KeyError):
        return None
    return dict(contents["facts"]) if whole else None


def _store(folder: Path, name: str, samples: tuple[str, ...]) -> Store:
    contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
    return Store(
        folder,
        frozenset({name}),
        samples,
        variants=contents["variants"],
        bytes=contents["size"][1],
    )


def _remove(destination: Path) -> None:
    with suppress(FileNotFoundError):
        gone = aside(destination).with_suffix(".gone")
        shutil.rmtree(gone, ignore_errors=True)
        destination.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _why_not_read(own: OwnFiles, error: Exception) -> str:
    if "No space left on device" in str(error):
        return (
            f"{cache_folder()}: the disk is full, and nothing half-loaded was left behind: free some space, or set "
            "GECIP_CACHE to a folder on another disk."
        )
    said = (str(error).splitlines() or [""])[0][:200]
    return (
        f"{own.files[0] if own.files else own.name}: Hail could not read it ({said}): check that the file is whole, and that it "
        "is on the assembly that was said."
    )

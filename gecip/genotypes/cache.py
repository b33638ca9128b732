"""The cache of genotype stores: where it lies, who uses what, and what goes when it is full.

A session holds a shared lock on every store that it reads, for as long as it lives; the kernel gives the lock
back even after a kill. What somebody holds is never removed. When the stores take more than the limit, those that
were used longest ago go, until the rest fits.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gecip.configuration import cache_folder, cache_gigabytes, shared_stores
from gecip.progress import say
from gecip.writing import aside

CONTENTS = "contents.json"
USED = "used"
GIGABYTE = 1024**3
# What a killed load left is cleared when nobody can be writing it any more.
SECONDS_UNTIL_LEFTOVERS_GO = 24 * 3600

# The stores that this process holds: folder to open file.
_held: dict[str, int] = {}


@dataclass(frozen=True)
class StoredEntry:
    """One store of the cache: of which callset, how many chunks and variants, how large, when last used."""

    folder: Path
    callset: str
    chunks: int
    variants: int
    bytes: int
    last_used: float
    in_use: bool


def stores_folder() -> Path:
    """Return the folder of the genotype stores: the domain's where one is set, else the user's own."""
    return shared_stores() or cache_folder() / "genotypes"


def hold(store: Path) -> bool:
    """Hold a store for as long as this process lives, and note that it was used; False if it is gone."""
    handle = _open_lock(store)
    if handle is None:
        return False
    known = _held.get(str(store))
    if known is not None and os.path.sameopenfile(known, handle):
        os.close(handle)
    else:
        fcntl.flock(handle, fcntl.LOCK_SH)
        _held[str(store)] = handle
    # Between opening and locking somebody may have removed it.
    if not (store / CONTENTS).exists():
        return False
    with suppress(PermissionError):
        os.utime(store / USED)
    return True


def cached_stores() -> list[StoredEntry]:
    """Return the whole stores of the cache, those used longest ago first."""
    found = [entry for entry in map(_entry, _stores()) if entry is not None]
    return sorted(found, key=lambda entry: entry.last_used)


def clear_cache(callset: str | None = None) -> tuple[int, int]:
    """Remove stores that nobody holds, of one callset or of all; return how many went and their bytes.

    Parameters
    ----------
    callset
        A release's name.
    """
    of_it = [
        entry
        for entry in cached_stores()
        if callset is None or entry.callset in (callset, f"release {callset}")
    ]
    gone = [entry for entry in of_it if _remove(entry.folder)]
    _clear_leftovers(all_of_them=callset is None)
    return len(gone), sum(entry.bytes for entry in gone)


def make_room() -> int:
    """Remove the stores used longest ago, as far as nobody holds them, until the limit is kept; return how many."""
    _clear_leftovers(all_of_them=False)
    limit = cache_gigabytes() * GIGABYTE
    entries = cached_stores()
    total = sum(entry.bytes for entry in entries)
    gone = 0
    for entry in entries:
        if total <= limit:
            break
        if _remove(entry.folder):
            total -= entry.bytes
            gone += 1
    if gone:
        say(
            f"The genotype stores took more than {cache_gigabytes():g} GB (GECIP_CACHE_GB): {gone:,} that were used longest "
            "ago were removed, and are loaded again when they are asked for."
        )
    return gone


def open_to_domain(folder: Path) -> None:
    """Let the group read, use and remove a store in a shared folder, whatever this user's umask."""
    if shared_stores() is None:
        return
    for parent, _, files in os.walk(folder):
        Path(parent).chmod(0o2775)
        for name in files:
            Path(parent, name).chmod(0o664)
    with suppress(PermissionError):
        folder.parent.chmod(0o2775)


def _stores() -> Iterator[Path]:
    for path in stores_folder().glob(f"*/*/{CONTENTS}"):
        if not path.parent.name.startswith("."):
            yield path.parent


def _entry(folder: Path) -> StoredEntry | None:
    try:
        contents = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    except (OSError, ValueError):
        return None
    used = folder / USED
    return StoredEntry(
        folder=folder,
        callset=str(contents.get("callset", "of an older gecip")),
        chunks=len(contents.get("chunks", ())),
        variants=int(contents.get("variants", 0)),
        bytes=sum(sizes),
        last_used=_time_of(used if used.exists() else folder),
        in_use=_is_held(folder),
    )


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _open_lock(store: Path) -> int | None:
    """Return the open lock file of a store, which need not be this user's own; None where the store is gone."""
    try:
        return os.open(store / USED, os.O_RDWR | os.O_CREAT, 0o664)
    except PermissionError:
        pass
    except OSError:
        return None
    try:
        return os.open(store / USED, os.O_RDONLY)
    except OSError:
        return os.open(store, os.O_RDONLY) if store.exists() else None


@contextmanager
def _alone_with(store: Path) -> Iterator[None]:
    """Keep everybody else from a store within the block.

    Raises
    ------
    BlockingIOError
        When somebody holds it, be it this process.
    FileNotFoundError
        When it is gone.
    """
    if str(store) in _held:
        raise BlockingIOError
    handle = _open_lock(store)
    if handle is None:
        raise FileNotFoundError
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _is_held(store: Path) -> bool:
    try:
        with _alone_with(store):
            return False
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False


def _remove(store: Path) -> bool:
    """Remove a store unless somebody holds it; whoever comes in the middle finds it gone, never half there."""
    try:
        with _alone_with(store):
            gone = aside(store).with_suffix(f".{os.getpid()}.gone")
            store.rename(gone)
            shutil.rmtree(gone, ignore_errors=True)
    except (BlockingIOError, PermissionError, FileNotFoundError):
        return False
    return True


def _clear_leftovers(*, all_of_them: bool) -> None:
    """Remove what killed loads and removals left behind; half-written folders only once they are old or unlocked."""
    for path in _hidden(stores_folder()):
        old = time.time() - _time_of(path) > SECONDS_UNTIL_LEFTOVERS_GO
        if path.suffix == ".gone" or ((old or all_of_them) and not _is_written(path)):
            shutil.rmtree(path, ignore_errors=True)


def _hidden(folder: Path) -> Iterable[Path]:
    return [path for path in folder.glob("*/.*") if path.suffix in (".gone", ".partial")]


def _is_written(partial: Path) -> bool:
    """Return whether a run is writing this folder now (it holds the folder's lock: `gecip.writing`)."""
    try:
        handle = os.open(partial, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False

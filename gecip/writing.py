"""Write aside, then rename: what has a name is whole.

A folder or file is written beside its destination under a hidden name and takes its real name in
one step at the end. A run that is killed leaves only the hidden one, which nothing opens and which
the next run continues or clears.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from gecip.errors import InputError
from gecip.progress import say


def aside(destination: Path) -> Path:
    """Return the hidden name beside `destination` under which it is written."""
    return destination.with_name(f".{destination.name}.partial")


@contextmanager
def new_folder(destination: Path, *, resume: bool = False) -> Iterator[Path]:
    """Give a folder to fill; it becomes `destination` when the block ends without an error.

    An error removes what was written; a kill cannot, so with `resume` the next run is given the
    same folder back to continue (it decides what in it is good), else it starts with an empty one.
    Two runs for one destination exclude each other.

    Raises
    ------
    InputError
        When `destination` exists, another run is writing it, or the disk is full.
    """
    if os.path.lexists(destination):
        raise InputError(
            f"{destination}: this already exists and is left as it is: name another folder or remove this one first."
        )
    partial = aside(destination)
    with _complain_of_disk(destination):
        made = [folder for folder in destination.parents if not folder.exists()]
        try:
            _make_parents(destination)
            with _sole_writer(destination, partial):
                if not resume:
                    _empty(partial)
                try:
                    yield partial
                    _flush_tree(partial)
                    partial.rename(destination)
                    _flush_folder(destination.parent)
                except BaseException:
                    shutil.rmtree(partial, ignore_errors=True)
                    raise
        except BaseException:
            _remove_empty(made)
            raise


@contextmanager
def new_file(destination: Path) -> Iterator[Path]:
    """Give a path to write; it replaces `destination` in one step when the block ends without an error.

    Raises
    ------
    InputError
        When the disk is full or the place cannot be written.
    """
    with _complain_of_disk(destination), written_aside(destination) as partial:
        yield partial


@contextmanager
def written_aside(destination: Path) -> Iterator[Path]:
    """Do what `new_file` does, for a file within a new folder: a full disk is left to that folder to report."""
    partial = destination.with_name(f".{destination.name}.{os.getpid()}.partial")
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(destination)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


@contextmanager
def sole_user(destination: Path, *, waiting: str) -> Iterator[None]:
    """Wait until no other run holds `destination`, saying so, and hold it for the block.

    For what several runs may want at once and one makes for all. The lock is a hidden file beside
    `destination`, which stays; the kernel gives the lock back even after a kill.
    """
    with _complain_of_disk(destination):
        destination.parent.mkdir(parents=True, exist_ok=True)
        lock = destination.with_name(f".{destination.name}.lock")
        handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o666)
        # Colleagues who share the folder must be able to wait for the same lock, whatever this user's umask.
        with suppress(PermissionError):
            os.fchmod(handle, 0o666)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(waiting)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _sole_writer(destination: Path, partial: Path) -> Iterator[None]:
    """Hold the hidden folder's lock, which the kernel gives back even after a kill."""
    partial.mkdir(exist_ok=True)
    handle = os.open(partial, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A run that ended while this one waited has renamed or removed what was locked.
            alone = partial.exists() and os.path.samestat(os.fstat(handle), partial.stat())
        except BlockingIOError:
            alone = False
        if not alone:
            raise InputError(
                f"{destination}: another run is writing it at this moment: "
                "wait for that run, or name another folder."
            )
        yield
    finally:
        os.close(handle)


def _make_parents(destination: Path) -> None:
    try:
        destination.parent.mkdir(parents=True, exist_ok=True)
    except (NotADirectoryError, FileExistsError):
        raise InputError(
            f"{destination}: one of the folders above it is a file: name another place."
        ) from None


def _remove_empty(folders: Sequence[Path]) -> None:
    """Remove the folders that were made for a thing which then was not made, the innermost first."""
    for folder in folders:
        with suppress(OSError):
            folder.rmdir()


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


@contextmanager
def _complain_of_disk(destination: Path) -> Iterator[None]:
    """Turn a full or unwritable disk into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise InputError(
                f"{destination}: the disk is full, and nothing was left behind: free some space or name a folder on another disk."
            ) from None
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise InputError(
                f"{destination}: this place cannot be written: name a folder where you may write."
            ) from None
        raise


def _flush_tree(folder: Path) -> None:
    for parent, _, files in os.walk(folder):
        for name in files:
            with Path(parent, name).open("rb") as written:
                os.fsync(written.fileno())
        _flush_folder(Path(parent))


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

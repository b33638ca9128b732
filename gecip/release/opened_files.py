"""Files that a user names: what is said where one cannot be opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gecip.errors import InputError


@contextmanager
def opening(path: Path, *, wanted: str) -> Iterator[None]:
    """Turn what keeps a file from being opened within the block into a sentence.

    Parameters
    ----------
    path
        What the user named.
    wanted
        What should have been named where that is a folder, as `the VCF files`.

    Raises
    ------
    InputError
        When it is a folder, is not there or may not be read.
    """
    if path.is_dir():
        raise InputError(f"{path}: this is a folder: name {wanted} in it.")
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file: check the path.") from None
    except OSError as error:
        raise InputError(
            f"{path}: this file cannot be read ({error.strerror}): check who may read it."
        ) from None

"""The ledger: everything that asked to leave and what was decided, in a chain of files that only grows.

Each entry is one file, named by its number, that ends with the SHA-256 of itself and holds that of the
entry before, so that a change anywhere breaks the chain from there on. To append is to give a finished
file the next number by a hard link, which a shared file system grants to one of two writers: the other
one sees the new entry, checks again and tries the number after it. So nothing is locked, nothing has to
be released, and a run that is killed has either appended its entry or not.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from gecip.errors import ConfigurationError, LedgerError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ids = npt.NDArray[np.uint64]

_FORMAT = 1
_ENTRIES, _SALT = "entries", "salt"
_DIGITS, _HEX = 9, 64
_BEGINNING = "0" * _HEX
# A file of these many seconds that never became an entry belongs to a run that is no more.
_LEFT_BEHIND = 3600.0
# Colleagues of one group share a ledger: they add entries and change none.
_READ_ONLY, _SHARED = 0o440, 0o2770
_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})

Answer = TypeVar("Answer")


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry: its number, the digest that seals it, what it says, and the sets of people it tells of.

    `facts` is plain data. `sets` are salted ids, each set ascending.
    """

    number: int
    digest: str
    facts: Mapping[str, Any]
    sets: tuple[Ids, ...] = field(repr=False, default=())


@dataclass(frozen=True, eq=False)
class Draft:
    """What is to become an entry: plain data, and sets of salted ids, each ascending and none empty."""

    facts: Mapping[str, Any]
    sets: tuple[Ids, ...] = ()


class TakenError(Exception):
    """Somebody else appended an entry first."""


@dataclass(frozen=True)
class Ledger:
    """The ledger in a folder, which several people may share; made when something is first appended.

    Raises
    ------
    LedgerError
        From every method that reads, when a file of the ledger is not what was appended.
    """

    folder: Path

    def append_after(self, decide: Callable[[int], tuple[Answer, Draft | None]]) -> Answer:
        """Append what `decide` makes of the ledger as it stands, and return its answer.

        `decide` is given how many entries there are, and returns its answer with the facts and sets to
        append, or with None to append nothing. Where another entry came in between it is asked again:
        what is appended was always decided on everything before it.

        Raises
        ------
        ConfigurationError
            When the folder cannot hold a ledger.
        """
        known = 0
        while True:
            known = self.count(known)
            answer, draft = decide(known)
            if draft is None:
                return answer
            try:
                self._append(known, draft)
            except TakenError:
                continue
            return answer

    def count(self, known: int = 0) -> int:
        """Return how many entries there are, of which `known` are known to be there."""
        step = 1
        # In strides and then by halves: a long ledger is not looked through entry by entry.
        while self._path(known + step).exists():
            known += step
            step *= 2
        while step > 1:
            step //= 2
            if self._path(known + step).exists():
                known += step
        return known

    def entry(self, number: int) -> Entry:
        """Return an entry, its seal checked."""
        return self._parsed(number, self._read(number))

    def digest(self, number: int) -> str:
        """Return the digest that an entry ends with; that of the beginning for 0."""
        if number == 0:
            return _BEGINNING
        path = self._path(number)
        try:
            with path.open("rb") as file:
                file.seek(-_HEX, os.SEEK_END)
                return file.read().decode("ascii", errors="replace")
        except OSError:
            raise self._broken(number) from None

    def entries(self, since: int = 0) -> Iterator[Entry]:
        """Yield the entries after a number in order, each checked against the one before."""
        before = self.digest(since)
        for number in range(since + 1, self.count(since) + 1):
            entry = self.entry(number)
            if entry.facts["previous"] != before:
                raise self._broken(number)
            before = entry.digest
            yield entry

    def verify(self) -> int:
        """Read everything and return how many entries there are, each as it was appended.

        Raises
        ------
        LedgerError
            When an entry was changed, is missing or stands where another was.
        """
        numbers = sorted(
            int(path.name) for path in self._entries.glob("[0-9]*") if path.name.isdigit()
        )
        n_entries = sum(1 for _ in self.entries())
        if numbers != list(range(1, n_entries + 1)):
            raise self._broken(n_entries + 1)
        return n_entries

    def salted(self, identifiers: npt.NDArray[np.object_]) -> Ids:
        """Return a 64-bit number for each identifier, the same every time and in this ledger only."""
        import numpy as np

        salt = self._salt()
        digests = [
            hashlib.blake2b(str(one).encode(), key=salt, digest_size=8).digest()
            for one in identifiers
        ]
        return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64)

    # -- files ----------------------------------------------------------------------------------------

    @property
    def _entries(self) -> Path:
        return self.folder / _ENTRIES

    def _path(self, number: int) -> Path:
        return self._entries / f"{number:0{_DIGITS}d}"

    def _append(self, known: int, draft: Draft) -> None:
        import numpy as np

        header = {
            "format": _FORMAT,
            "number": known + 1,
            "previous": self.digest(known),
            **draft.facts,
            "sizes": [len(one) for one in draft.sets],
        }
        body = b"".join(np.asarray(one, dtype="<u8").tobytes() for one in draft.sets)
        content = json.dumps(header, separators=(",", ":")).encode() + b"\n" + body
        _make_shared(self.folder)
        _make_shared(self._entries)
        self._clear()
        self._link(content + hashlib.sha256(content).hexdigest().encode(), self._path(known + 1))

    def _link(self, content: bytes, path: Path) -> None:
        """Give content a name that nobody else has given yet, whole or not at all."""
        partial = self.folder / f".{socket.gethostname()}.{os.getpid()}.{secrets.token_hex(6)}"
        try:
            with partial.open("xb") as file:
                file.write(content)
                os.fchmod(file.fileno(), _READ_ONLY)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(partial, path)
            except FileExistsError:
                # A file server that answers twice says so of its own first answer.
                if not partial.samefile(path):
                    raise TakenError from None
            except OSError as error:
                if error.errno in _NO_LINKS:
                    raise ConfigurationError(
                        f"{self.folder}: this file system knows no hard links, by which the airlock's ledger is kept: "
                        "name a folder on another one in GECIP_LEDGER."
                    ) from None
                raise
            _flush(path.parent)
        finally:
            partial.unlink(missing_ok=True)

    def _clear(self) -> None:
        """Remove what runs that were killed have left, long after."""
        for path in self.folder.glob(".*.*.*"):
            with contextlib.suppress(OSError):
                if path.is_file() and time.time() - path.stat().st_mtime > _LEFT_BEHIND:
                    path.unlink()

    def _salt(self) -> bytes:
        path = self.folder / _SALT
        if not path.exists():
            _make_shared(self.folder)
            with contextlib.suppress(TakenError):
                self._link(secrets.token_hex(_HEX // 2).encode(), path)
        salt = path.read_bytes()
        if len(salt) != _HEX:
            raise LedgerError(
                f"{path}: the ledger's salt was changed, so that its people can no longer be compared: "
                "bring the file back from a backup."
            )
        return salt

    def _read(self, number: int) -> bytes:
        try:
            return self._path(number).read_bytes()
        except OSError:
            raise self._broken(number) from None

    def _parsed(self, number: int, content: bytes) -> Entry:
        import numpy as np

        content, seal = content[:-_HEX], content[-_HEX:].decode("ascii", errors="replace")
        if hashlib.sha256(content).hexdigest() != seal:
            raise self._broken(number)
        line, _, body = content.partition(b"\n")
        facts = json.loads(line)
        if facts["number"] != number:
            raise self._broken(number)
        borders = np.cumsum(facts["sizes"], dtype=np.int64)[:-1]
        ids = np.frombuffer(body, dtype="<u8").astype(np.uint64)
        sets = tuple(np.split(ids, borders)) if len(ids) else ()
        return Entry(number, seal, facts, sets)

    def read_set(self, number: int, start: int, size: int) -> Ids:
        """Return one set of an entry: `size` ids that begin `start` ids before the end of all; its seal is not checked."""
        import numpy as np

        try:
            with self._path(number).open("rb") as file:
                file.seek(-_HEX - 8 * start, os.SEEK_END)
                return np.frombuffer(file.read(8 * size), dtype="<u8").astype(np.uint64)
        except OSError:
            raise self._broken(number) from None

    def _broken(self, number: int) -> LedgerError:
        return LedgerError(
            f"{self._path(number)}: this entry of the airlock's ledger is missing or is not what was appended, so that "
            "nothing can be checked against it: bring the ledger back from a backup."
        )


def _make_shared(folder: Path) -> None:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):
            folder.chmod(_SHARED)


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

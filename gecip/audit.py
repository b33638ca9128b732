"""The audit log: who read which table and callset, and when.

A line of JSON for each reading, appended in one write and never changed. Every user has a file of
their own for each machine and month, so that no two machines write into one, and the processes of one
machine take turns by a lock that the kernel gives back after a kill; a line that a kill or a full
disk cut short is skipped by whoever reads, and the next one begins on a line of its own. A line holds names of
releases, tables and callsets, never what was in them. The log guards against forgetting, not against
its own author: what only the environment's walls can keep is that a file stays as it was written.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import os
import re
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from gecip.configuration import audit_folder, role
from gecip.errors import ConfigurationError

Kind = Literal["table", "callset"]

# The consent of a reading that took in everybody's rows.
EVERYBODY = ""

# The same thing read again within so many seconds by one process is one line.
ONE_READING = 60.0
_ENDING = ".jsonl"
_last_written: dict[tuple[str, ...], float] = {}


@dataclass(frozen=True)
class Reading:
    """One line of the log: at which moment (UTC) who, in which role, read what of which release.

    `consent` is the day of the consent snapshot, as text, and empty where everybody's rows were read, as
    validation does, which gives counts of them alone.
    """

    at: str
    user: str
    role: str
    release: str
    version: str
    kind: Kind
    name: str
    consent: str
    host: str
    process: int

    @property
    def moment(self) -> datetime.datetime:
        """When it was read, with its zone."""
        return datetime.datetime.fromisoformat(self.at)


@dataclass(frozen=True)
class AuditLog:
    """What the log says, oldest first; `torn` counts the lines that a kill or a full disk cut short."""

    readings: tuple[Reading, ...]
    torn: int

    def __len__(self) -> int:
        return len(self.readings)


def record_reading(kind: Kind, name: str, *, release: str, version: str, consent: str) -> None:
    """Append a line to the log, unless it is off (`GECIP_AUDIT=off`) or just said the same.

    Raises
    ------
    ConfigurationError
        When the log cannot be written: nothing is read that nobody can know of.
    """
    folder = audit_folder()
    if folder is None:
        return
    said = (str(folder), str(os.getpid()), role(), release, version, kind, name, consent)
    now = time.monotonic()
    if now - _last_written.get(said, -ONE_READING) < ONE_READING:
        return
    moment = datetime.datetime.now(tz=datetime.UTC)
    reading = Reading(
        at=moment.isoformat(timespec="milliseconds"),
        user=user_name(),
        role=role(),
        release=release,
        version=version,
        kind=kind,
        name=name,
        consent=consent,
        host=socket.gethostname(),
        process=os.getpid(),
    )
    path = folder / f"{moment:%Y-%m}_{_plain(reading.user)}_{_plain(reading.host)}{_ENDING}"
    try:
        _append(path, json.dumps(asdict(reading), ensure_ascii=True) + "\n")
    except OSError as error:
        raise ConfigurationError(
            f"{folder}: the audit log cannot be written here ({error.strerror}), and nothing is read unrecorded: set "
            "GECIP_AUDIT to a folder where you may write."
        ) from None
    _last_written[said] = now


def read_audit_log(
    *,
    user: str | None = None,
    name: str | None = None,
    release: str | None = None,
    days: int | None = None,
    folder: str | Path | None = None,
) -> AuditLog:
    """Return what the log says, oldest first.

    Parameters
    ----------
    user, name, release
        Only readings of this user, of this table or callset, of this release.
    days
        Only those of the last so many times 24 hours.
    folder
        Where the log lies; that of `GECIP_AUDIT` if not given.

    Raises
    ------
    ConfigurationError
        When the log is off and no folder is given, or a file of it cannot be read.
    """
    place = audit_folder() if folder is None else Path(folder).expanduser()
    if place is None:
        raise ConfigurationError(
            "The audit log is off: set GECIP_AUDIT to the folder in which it lies, or unset it."
        )
    since = (
        None
        if days is None
        else datetime.datetime.now(tz=datetime.UTC) - datetime.timedelta(days=days)
    )
    wanted = {"user": user, "name": name, "release": release}
    found, torn = [], 0
    for reading in _readings(_files(place, since)):
        if reading is None:
            torn += 1
        elif (since is None or reading.moment >= since) and all(
            value is None or getattr(reading, key) == value for key, value in wanted.items()
        ):
            found.append(reading)
    return AuditLog(tuple(sorted(found, key=lambda one: (one.at, one.user, one.process))), torn)


def forget_last_readings() -> None:
    """Let every next reading be a line again, as in a process that has just begun."""
    _last_written.clear()


def user_name() -> str:
    """Return the name of the account that runs this process, whatever its environment says."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an account without a name, as in some containers
        return str(os.getuid())


def _append(path: Path, line: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        size = os.fstat(handle).st_size
        is_torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        content = (b"\n" if is_torn else b"") + line.encode()
        written = os.write(handle, content)
        if written < len(content):
            # The rest has no place: what is there is a torn line, and the disk says why.
            os.write(handle, content[written:])
    finally:
        os.close(handle)


def _files(folder: Path, since: datetime.datetime | None) -> list[Path]:
    """Return the files of the log, without those of months that ended before `since`."""
    first = "" if since is None else f"{since:%Y-%m}"
    return sorted(path for path in folder.glob(f"*{_ENDING}") if path.name[: len(first)] >= first)


def _readings(files: Iterable[Path]) -> Iterator[Reading | None]:
    """Give every line of the files, and None for one that is torn."""
    for path in files:
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError as error:
            raise ConfigurationError(
                f"{path}: this file of the audit log cannot be read ({error.strerror}): ask its owner."
            ) from None
        for line in filter(None, lines):
            yield _reading(line)


def _reading(line: bytes) -> Reading | None:
    try:
        document = json.loads(line)
        reading = Reading(**document)
        reading.moment  # noqa: B018 - a moment that is none is no line of the log
    except (ValueError, TypeError):
        return None
    return reading


def _plain(word: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]", "-", word)

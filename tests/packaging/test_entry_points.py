"""What pyproject.toml promises to others can be imported."""

from __future__ import annotations

import pkgutil
import tomllib
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parents[2]
METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
DOMAINS = METADATA["entry-points"]["gecip.domains"]


@pytest.mark.parametrize("command", METADATA["scripts"])
def test_every_command_names_a_function(command: str) -> None:
    assert callable(pkgutil.resolve_name(METADATA["scripts"][command]))


@pytest.mark.parametrize("name", DOMAINS)
def test_every_domain_answers_to_its_name(name: str) -> None:
    domain = pkgutil.resolve_name(DOMAINS[name])
    assert domain.name == name


def test_every_domain_of_the_project_is_registered() -> None:
    folders = {path.parent.name for path in (PROJECT / "domains").glob("*/__init__.py")}
    assert set(DOMAINS) == folders


def test_the_citation_names_the_version() -> None:
    citation = yaml.safe_load((PROJECT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == METADATA["version"]
    assert citation["license"] == METADATA["license"]
    assert [author["name"] for author in citation["authors"]] == ["The gecip developers"]

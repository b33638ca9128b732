"""Codes of diseases, operations and findings: how they are written, and which code stands for which others.

Codes only: the texts of SNOMED CT, ICD-10 and OPCS-4 are licensed by their owners.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from gecip.cohort.nodes import Codes
from gecip.errors import DefinitionError

# What parts the codes of a column that holds several, as `diag_all`.
SEPARATORS = "|,; "
ICD_10, OPCS_4, SNOMED_CT = "ICD-10", "OPCS-4", "SNOMED CT"


@dataclass(frozen=True)
class Notation:
    """How one system's codes are written, without dots and in capitals, and how they are compared."""

    name: str
    pattern: re.Pattern[str]
    compared: Codes
    written: str


SYSTEMS = {
    system.name: system
    for system in (
        Notation(
            ICD_10,
            re.compile(r"[A-Z]\d[0-9A-Z][0-9A-Z]{0,4}"),
            Codes.PREFIXES,
            "a letter and two to six further characters, as N18 or N18.1",
        ),
        Notation(
            OPCS_4,
            re.compile(r"[A-Z]\d{2}\d?"),
            Codes.PREFIXES,
            "a letter and two or three digits, as M01 or M01.2",
        ),
        Notation(SNOMED_CT, re.compile(r"\d{6,18}"), Codes.WHOLE, "six to eighteen digits"),
    )
}


# Letters and digits of a code before which a dot never stands.
STEM = 3


def plain_code(code: str) -> str:
    """Return a code in capitals without blanks around it and without the dot after its stem: `n18.1` is `N181`."""
    whole = code.strip().upper()
    return whole[:STEM] + whole[STEM:].removeprefix(".")


def codes_in(text: str) -> list[str]:
    """Return the codes that a column's value holds, one or several, as `plain_code` writes them."""
    return [plain_code(part) for part in re.split(f"[{re.escape(SEPARATORS)}]+", text) if part]


def checked_codes(
    column: str, system: str | None, codes: str | Iterable[str]
) -> tuple[tuple[str, ...], Codes]:
    """Return codes as they are compared, sorted and each once, and how: as prefixes or whole.

    Parameters
    ----------
    column
        What the column is called in a sentence.
    system
        The column's code system, or None where the model names none: then the codes tell.
    codes
        A code, several, or a code list that says of which system it is.

    Raises
    ------
    DefinitionError
        When the column holds no codes, the list is of another system, is empty, or a code is not
        written as one.
    """
    listed = [codes] if isinstance(codes, str) else list(codes)
    of_list = getattr(codes, "system", None)
    if system is not None and system not in SYSTEMS:
        raise DefinitionError(
            f"{column} holds {system}, not ICD-10, OPCS-4 or SNOMED CT codes: compare it with == or .is_in()."
        )
    if of_list is not None and system is not None and of_list != system:
        raise DefinitionError(
            f"{column} holds {system} codes, and the list is of {of_list}: take one of {system}."
        )
    if not listed:
        raise DefinitionError(f"{column} .has_code() was given no code: name at least one.")
    plain = sorted({plain_code(str(code)) for code in listed})
    named = SYSTEMS.get(system or of_list or _system_of(plain))
    for code in plain:
        if named is None or not named.pattern.fullmatch(code):
            written = (
                named.written
                if named
                else "; ".join(f"{one.name} {one.written}" for one in SYSTEMS.values())
            )
            raise DefinitionError(
                f"{code!r} is no {named.name if named else 'code'}"
                f"{' code' if named else ' of a known system'}: one has {written}."
            )
    return tuple(plain), named.compared if named else Codes.WHOLE


def _system_of(codes: list[str]) -> str:
    return SNOMED_CT if all(code.isdigit() for code in codes) else ICD_10

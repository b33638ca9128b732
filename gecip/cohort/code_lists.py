"""Code lists: which codes a study counts, in a file that says where they come from.

A list is a CSV file with a header of lines that begin with `#`, and two columns:

    # title: Kidney replacement therapy
    # system: OPCS-4
    # source: OPCS-4 tabular list, chapter X and M, read for this list
    # version: 1
    # author: The lead of the rare-disease domain
    # licence: Apache-2.0
    code,meaning
    X40,dialysis
    M01,transplanted kidney

One list is of one system. The meaning is a note of the author's own: the texts of SNOMED CT are licensed and are left
out. Lists of domains lie in `domains/<name>/code_lists/` and are read by name.
"""

from __future__ import annotations

import csv
import enum
import importlib.metadata
import importlib.util
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from gecip.cohort.ontology import current_term
from gecip.errors import CohortError, InputError
from gecip.model.icd10 import is_icd10, plain_icd10
from gecip.model.table import nearest

FOLDER = "code_lists"
# That of `gecip.domain`, which lies above this room.
DOMAINS = "gecip.domains"
HEADER = ("title", "system", "source", "version", "author", "licence")
COLUMNS = ("code", "meaning")


class CodeSystem(enum.StrEnum):
    """A system of codes, by the name that the data model gives it."""

    ICD10 = "ICD-10"
    OPCS4 = "OPCS-4"
    SNOMED_CT = "SNOMED CT"
    HPO = "HPO"


@dataclass(frozen=True)
class CodeList:
    """Codes of one system, with where they come from; iterating gives the codes, in the order of the file.

    Codes are as the tables have them: ICD-10 and OPCS-4 without a dot.

    Attributes
    ----------
    name
        The file's name without its ending.
    title, system, source, version, author, licence
        From the header; `author` is a role.
    codes
        The codes, each once.
    meanings
        What the author noted of a code.
    """

    name: str
    title: str
    system: CodeSystem
    codes: tuple[str, ...]
    source: str
    version: str
    author: str
    licence: str
    meanings: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def __contains__(self, code: object) -> bool:
        return isinstance(code, str) and _plain(code, self.system) in self.codes

    def __repr__(self) -> str:
        return f"CodeList({self.name!r}, {self.system.value}, codes={len(self):,}, version={self.version!r})"


def read_code_list(path_or_name: str | Path) -> CodeList:
    """Return a code list of a file, or of an installed domain by its name.

    Parameters
    ----------
    path_or_name
        A path that ends in `.csv`, or a name as `"tuberculosis"`, or `"infectious_disease/tuberculosis"`
        where two domains have a list of one name.

    Raises
    ------
    CohortError
        When there is no such file or name.
    InputError
        With everything that is wrong in the file, each with its line and what to do.
    """
    path = Path(path_or_name)
    if path.suffix != ".csv":
        path = _path_of(str(path_or_name))
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise CohortError(
            f"{path}: there is no such code list. Lists of the domains go by their names: "
            f"{', '.join(sorted(code_lists())) or 'none so far'}."
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8 text. Save the list as CSV in UTF-8.") from None
    return _Reading(path, text).code_list()


def code_lists() -> Mapping[str, Path]:
    """Return the lists of all installed domains, as `domain/list` and where each lies; no domain is imported."""
    found = {}
    for entry in importlib.metadata.entry_points(group=DOMAINS):
        try:
            spec = importlib.util.find_spec(entry.module)
        except (ImportError, ValueError):
            continue
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for path in sorted((Path(folder) / FOLDER).glob("*.csv")):
                found[f"{entry.name}/{path.stem}"] = path
    return MappingProxyType(found)


def _path_of(name: str) -> Path:
    known = code_lists()
    matching = [full for full in known if name in (full, full.partition("/")[2])]
    if len(matching) == 1:
        return known[matching[0]]
    if matching:
        raise CohortError(
            f"There are {len(matching)} code lists {name!r}: write one of {', '.join(map(repr, sorted(matching)))}."
        )
    raise CohortError(f"There is no code list {name!r}{nearest(name, tuple(known))}")


class _Reading:
    """One file under way: what is wrong collects here with its line, and is told at once."""

    def __init__(self, path: Path, text: str) -> None:
        self._path = path
        self._lines = text.splitlines()
        self._problems: list[str] = []

    def code_list(self) -> CodeList:
        header = self._header()
        system = self._system(header)
        meanings = self._codes(system) if system is not None else {}
        if self._problems or system is None:
            raise InputError(self._problems)
        return CodeList(
            name=self._path.stem,
            system=system,
            codes=tuple(meanings),
            meanings=MappingProxyType({code: text for code, text in meanings.items() if text}),
            **{name: header[name] for name in HEADER if name != "system"},
        )

    def _wrong(self, line: int, sentence: str) -> None:
        self._problems.append(f"{self._path}, line {line}: {sentence}")

    def _header(self) -> dict[str, str]:
        header: dict[str, str] = {}
        for number, line in self._header_lines():
            name, colon, value = line.removeprefix("#").partition(":")
            name = name.strip().lower()
            if not colon or name not in HEADER:
                self._wrong(
                    number,
                    f"the header has no {name!r}: write '# name: value', with {', '.join(HEADER)}.",
                )
            elif name in header:
                self._wrong(number, f"the header says its {name} twice: keep one.")
            elif value.strip():
                header[name] = value.strip()
        missing = [name for name in HEADER if name not in header]
        if missing:
            self._wrong(
                1,
                f"the header does not say {', '.join(missing)}: add '# {missing[0]}: …' at the top.",
            )
        return header

    def _header_lines(self) -> Iterator[tuple[int, str]]:
        for number, line in enumerate(self._lines, start=1):
            if not line.startswith("#"):
                return
            yield number, line

    def _system(self, header: Mapping[str, str]) -> CodeSystem | None:
        known = {system.value.lower(): system for system in CodeSystem}
        given = header.get("system", "")
        if given and given.lower() not in known:
            line = next(n for n, text in self._header_lines() if "system" in text.lower())
            systems = ", ".join(system.value for system in CodeSystem)
            self._wrong(
                line, f"{given!r} is no system of codes known here: write one of {systems}."
            )
        return known.get(given.lower())

    def _codes(self, system: CodeSystem) -> dict[str, str]:
        first = len(list(self._header_lines())) + 1
        rows = list(csv.reader(io.StringIO("\n".join(self._lines[first - 1 :]))))
        if not rows or tuple(cell.strip() for cell in rows[0]) not in (COLUMNS, COLUMNS[:1]):
            self._wrong(
                first, "the header is followed by the line 'code,meaning', and this is another."
            )
            return {}
        found: dict[str, str] = {}
        seen: dict[str, int] = {}
        for number, row in enumerate(rows[1:], start=first + 1):
            if any(cell.strip() for cell in row):
                self._code(number, row, system, found, seen)
        if not found and not self._problems:
            self._wrong(first, "there is no code below this line: add some.")
        return found

    def _code(
        self,
        number: int,
        row: list[str],
        system: CodeSystem,
        found: dict[str, str],
        seen: dict[str, int],
    ) -> None:
        written, meaning = row[0].strip(), ",".join(row[1:]).strip()
        code = _plain(written, system)
        fault = _fault_of(written, system)
        if fault:
            self._wrong(number, fault)
        elif code in seen:
            self._wrong(
                number,
                f"the code {written!r} stands in line {seen[code]} already: keep one of them.",
            )
        elif system is CodeSystem.SNOMED_CT and meaning:
            self._wrong(number, "texts of SNOMED CT are licensed: leave the meaning empty.")
        else:
            seen[code] = number
            found[code] = meaning


def _plain(code: str, system: CodeSystem) -> str:
    """Return a code as the tables have it."""
    if system in (CodeSystem.ICD10, CodeSystem.OPCS4):
        return plain_icd10(code)
    return code.strip()


def _fault_of(code: str, system: CodeSystem) -> str | None:
    """Return what is wrong with a code of a system and what to do, or None."""
    if not _HAS_SHAPE[system](code):
        others = [other for other in CodeSystem if other is not system and _HAS_SHAPE[other](code)]
        if others:
            return (
                f"{code!r} is a code of {others[0].value} in a list of {system.value}: "
                "put it into a list of its own."
            )
        return f"{code!r} has not the shape of a code of {system.value}: {_SHAPES[system]}."
    if system is CodeSystem.HPO:
        return _fate_of(code)
    return None


def _fate_of(term: str) -> str | None:
    """Return why an HPO term is not current, and what to write instead, or None."""
    current = current_term(term)
    if current == term:
        return None
    if current is None:
        return f"the Human Phenotype Ontology has no current term {term!r}: take it out, or look up its successor."
    return f"the HPO term {term!r} is obsolete: write {current!r}, which replaced it."


def _is_opcs4(code: str) -> bool:
    return re.fullmatch(r"[A-Z]\d{2}(?:\.?\d)?", code.strip().upper()) is not None


def _is_hpo(code: str) -> bool:
    return re.fullmatch(r"HP:\d{7}", code) is not None


def _is_snomed(code: str) -> bool:
    """Return whether a number is that of a SNOMED CT concept: its kind and check digit tell."""
    is_concept = re.fullmatch(r"[1-9]\d{5,17}", code) is not None and code[-3:-1] in ("00", "10")
    return is_concept and _verhoeff(code) == 0


# Verhoeff's check digit: multiplication in the dihedral group of order ten, and its permutation.
_TIMES = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
_SHIFT = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]


def _verhoeff(number: str) -> int:
    """Return 0 for a number whose last digit is its right check digit."""
    check = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit)
        for _ in range(place % 8):
            value = _SHIFT[value]
        check = _TIMES[check][value]
    return check


_HAS_SHAPE = {
    CodeSystem.ICD10: is_icd10,
    CodeSystem.OPCS4: _is_opcs4,
    CodeSystem.SNOMED_CT: _is_snomed,
    CodeSystem.HPO: _is_hpo,
}
_SHAPES = {
    CodeSystem.ICD10: "write it as N18 or N18.5",
    CodeSystem.OPCS4: "write it as M01 or M01.2",
    CodeSystem.SNOMED_CT: "write the number of a concept, and check its last digits",
    CodeSystem.HPO: "write it as HP:0000107",
}

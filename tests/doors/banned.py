"""Which calls open or write files, and where each may stand: read by name in the syntax tree, however a library was imported.

Ruff's banned calls (`pyproject.toml`) know a library's function by its module and miss methods, aliases that a
function makes, `getattr` and SQL. This looks at names alone, so that it finds too much rather than too
little; the doors are listed in `pyproject.toml` too, under `[tool.gecip.doors]`.
"""

from __future__ import annotations

import ast
import fnmatch
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ban:
    """A kind of call: the names that make it, and the doors at which it may stand, by their kind in `pyproject.toml`."""

    kind: str
    names: str
    doors: tuple[str, ...]

    def has(self, name: str) -> bool:
        return re.fullmatch(self.names, name) is not None


BANS = (
    Ban(
        "reads rows of participants",
        r"read_(clipboard|csv|excel|feather|fwf|gbq|hdf|html|json|orc|pandas|parquet|pickle|sas|spss|sql\w*|stata|table|xml)"
        r"|ExcelFile|HDFStore|ParquetFile|ParquetDataset|from_csv_auto|from_parquet",
        ("rows", "genomes"),
    ),
    Ban(
        "reads genomes",
        r"read_(matrix_table|vds|dense_mt|expression)|get_vcf_\w+|impex|VariantFile|AlignmentFile|TabixFile"
        r"|import_(avro|bed|bgen|csv|fam|gen|gtf|gvcf\w*|lines|locus_intervals|matrix_table|plink|table|vcf)|load_dataset",
        ("genomes", "references"),
    ),
    Ban(
        "writes what was computed in a format to carry away",
        r"to_(clipboard|csv|excel|feather|gbq|hdf|html|json|latex|markdown|orc|parquet|pickle|sql|stata|string|xml)"
        r"|export|export_(bgen|elasticsearch|gen|plink|vcf)|savefig|savetxt|savez\w*|tofile|dump|ExcelWriter|ParquetWriter|write_(csv|dataset|feather|table)",
        ("rows", "genomes", "airlock", "formats"),
    ),
    Ban(
        "writes a file or a table of Hail's",
        r"write|write_many|checkpoint",
        ("rows", "genomes", "airlock", "files"),
    ),
    Ban(
        "opens a file",
        r"open|read_text|read_bytes|write_text|write_bytes|fdopen|memmap|load|loadtxt|fromfile|genfromtxt",
        ("rows", "genomes", "airlock", "files"),
    ),
    Ban("runs what it is given", r"(exec|eval|compile|__import__)\(\)|os\.(system|popen)", ()),
)
_IN_SQL = re.compile(
    r"\b(read_(csv|json|ndjson|parquet|text|blob)\w*|parquet_scan|sniff_csv|glob)\s*\(|\bCOPY\b.*\bTO\b|\bATTACH\b\s+['\"]",
    re.DOTALL,
)
_SHELL = re.compile(r"^\s*[!%]")


@dataclass(frozen=True)
class Found:
    """A call where it does not belong: what it does, the name, and the line."""

    kind: str
    name: str
    line: int

    def __str__(self) -> str:
        return f"line {self.line}: {self.name} {self.kind}"


@cache
def doors() -> Mapping[str, tuple[str, ...]]:
    """Return the doors by kind, as patterns of paths from the project's folder."""
    configuration = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    return {kind: tuple(paths) for kind, paths in configuration["tool"]["gecip"]["doors"].items()}


def is_door(path: str, kind: str) -> bool:
    """Return whether a file, by its path from the project's folder, is a door of a kind."""
    return any(fnmatch.fnmatch(path, pattern) for pattern in doors()[kind])


def found_in(source: str, path: str) -> list[Found]:
    """Return every call in a piece of code that does not belong into the file of this path."""
    open_here = {ban.kind for ban in BANS for kind in ban.doors if is_door(path, kind)}
    return [one for one in _calls(ast.parse(source)) if one.kind not in open_here]


def found_in_notebook(path: Path) -> list[Found]:
    """Return every such call in a notebook, to which no door is open, nor a shell."""
    found = []
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        lines = cell.source.splitlines()
        found += [
            Found("runs a shell or magic", line.strip(), 0) for line in lines if _SHELL.match(line)
        ]
        plain = "\n".join("pass" if _SHELL.match(line) else line for line in lines)
        found += list(_calls(ast.parse(plain)))
    return found


def _calls(tree: ast.AST) -> Iterator[Found]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        for name in _names(node):
            yield from (Found(ban.kind, name, line) for ban in BANS if ban.has(name))
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and _IN_SQL.search(node.value)
        ):
            yield Found("reads rows of participants", f"SQL {node.value[:30]!r}", line)


def _names(node: ast.AST) -> Iterator[str]:
    """Give the names by which a node reaches a function: a method, an imported name, a word given to `getattr`."""
    if isinstance(node, ast.Attribute):
        yield node.attr
        if isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"
    elif isinstance(node, ast.ImportFrom):
        yield from (alias.name for alias in node.names)
        yield from (node.module or "").split(".")[-1:]
    elif isinstance(node, ast.Import):
        yield from (alias.name.split(".")[-1] for alias in node.names)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield from (node.func.id, f"{node.func.id}()")
        if node.func.id in ("getattr", "attrgetter", "methodcaller"):
            yield from (
                word.value
                for word in node.args
                if isinstance(word, ast.Constant) and isinstance(word.value, str)
            )

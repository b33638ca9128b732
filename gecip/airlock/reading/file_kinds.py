"""Which reader a file gets: by what its first bytes are, and by its name where these do not tell."""

from __future__ import annotations

import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from typing import Any

from gecip.airlock.reading.delimited import form_of, read_delimited, title_of
from gecip.airlock.reading.documents import read_office, read_pdf, read_workbook
from gecip.airlock.reading.grids import printed_tables, tables_in
from gecip.airlock.reading.notebook_files import read_notebook
from gecip.airlock.reading.opened import Opened, decoded, is_text
from gecip.airlock.reading.pictures import read_picture, read_svg
from gecip.airlock.reading.pieces import Grid, Piece, Remark, Speech, Words
from gecip.airlock.reading.variant_calls import read_vcf
from gecip.airlock.reading.web_pages import read_page
from gecip.governance.disclosure import Verdict

_MOST_DEEP, _MOST_MEMBERS, _MOST_BYTES = 4, 2_000, 1_000_000_000
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM", b"RIFF")
_OFFICE = ("docx", "pptx", "odt", "odp")

# What may not leave whatever is in it: by its first bytes (uncompressed), and by its name.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"BAM\x01", "sequence reads (BAM)"),
    (b"CRAM", "sequence reads (CRAM)"),
    (b"BCF\x02", "a callset (BCF)"),
    (b"\x6c\x1b", "genotypes (PLINK)"),
    (b"PAR1", "a Parquet file"),
    (b"ARROW1", "an Arrow file"),
    (b"FEA1", "a Feather file"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"SQLite format 3", "a database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"RDX", "R data"),
    (b"X\n\x00\x00", "R data"),
    (b"\xd0\xcf\x11\xe0", "an Office file of the old kind: save it as .xlsx or CSV"),
    (b"bgen", "genotypes (BGEN)"),
    (b"@HD\t", "sequence reads (SAM)"),
    (b"tree\nversion=", "a trained model (LightGBM)"),
)
_TEXT_MAGIC = (b"@HD\t", b"tree\nversion=")
_NAMED = {
    "a pickle, which may hold anything, also a trained model": "pkl pickle joblib dill cloudpickle",
    "a trained model": "pt pth ckpt onnx pb tflite safetensors bst cbm keras mlmodel pmml skops gguf xgb lgb mod caffemodel",
    "R data": "rds rdata rda",
    "an array or a data file that only programs read": "npy npz h5 hdf5 h5ad loom zarr parquet feather arrow mat sav dta sas7bdat db sqlite bin dat",
    "sequence reads": "bam cram sam fastq fq",
    "genotypes": "bcf pgen bgen bed.gz",
    "a pedigree or a list of samples, with a line for each": "fam ped psam sample",
    "a compiled program": "pyc so dll exe class jar o",
    "a locked archive, or one of a kind that cannot be opened here": "7z rar xz bz2 zst",
}  # fmt: skip
# Files of these names are now and then texts, which are then read.
_MAY_BE_TEXT = frozenset(["dat", "bin", "o", "mod", "class"])
_KIND_OF_ENDING = {ending: kind for kind, endings in _NAMED.items() for ending in endings.split()}
_CODE = frozenset(
    [
        "py",
        "r",
        "sh",
        "bash",
        "wdl",
        "nf",
        "cwl",
        "smk",
        "snakefile",
        "yaml",
        "yml",
        "toml",
        "ini",
        "cfg",
        "css",
        "js",
        "ts",
        "sql",
        "java",
        "scala",
        "pl",
        "jl",
        "rmd",
        "qmd",
        "do",
        "sas",
        "log",
        "err",
        "out",
        "cpp",
        "c",
        "h",
    ]
)
_DELIMITED = frozenset(
    [
        "csv",
        "tsv",
        "tab",
        "assoc",
        "logistic",
        "linear",
        "regenie",
        "glm",
        "hybrid",
        "fastgwa",
        "saige",
        "gwas",
        "sumstats",
        "ma",
        "bim",
        "pvar",
    ]
)


def pieces_of(file: Opened) -> Iterator[Piece]:
    """Yield what a file is made of, whatever its kind; its name comes first."""
    yield Words(
        "the file's name" if not file.depth else f"{file.place}a file's name",
        _plain_name(file.name),
        Speech.NAME,
    )
    if file.depth > _MOST_DEEP:
        yield Remark(
            "unreadable", Verdict.FAIL, "Files lie in files too deep to be looked through."
        )
        return
    if not file.size:
        return
    forbidden = _forbidden(file)
    if forbidden:
        yield Remark("binaries", Verdict.FAIL, f"{file.place}This is {forbidden}.")
        return
    yield from _by_content(file)


def _plain_name(name: str) -> str:
    return re.sub(r"\.(?:csv|tsv|txt|gz|png|svg|pdf|html?|ipynb|xlsx|vcf|json|md)\b", " ", name)


def _ending(file: Opened) -> str:
    return file.inner_name.rpartition(".")[2]


def _endings(file: Opened) -> tuple[str, str]:
    """Return the endings of a name without that of its compression, and with it."""
    return _ending(file), file.name.lower().rpartition(".")[2]


def _forbidden(file: Opened) -> str | None:
    """Return what a file is, if it is of a kind that may not leave at all."""
    head = file.sample[:64]
    if re.match(rb"\x80[\x02-\x05]", head):
        return "a pickle, which may hold anything, also a trained model"
    as_text = is_text(file.sample)
    known = next((kind for magic, kind in _MAGIC if head.startswith(magic)), None)
    if known and (not as_text or head.startswith(_TEXT_MAGIC)):
        return known
    named = next(
        (_KIND_OF_ENDING[ending] for ending in _endings(file) if ending in _KIND_OF_ENDING), None
    )
    if named and not (as_text and _ending(file) in _MAY_BE_TEXT):
        return named
    return _sequence(head) if as_text else None


def _sequence(head: bytes) -> str | None:
    if re.match(rb">[^\n]*\n[ACGTUNacgtun\n\r]{20}", head) or re.match(
        rb"@[^\n]+\n[ACGTN]{10}", head
    ):
        return "raw sequence"
    return None


def _by_content(file: Opened) -> Iterator[Piece]:
    head = file.sample[:1024]
    if head.startswith(_PICTURES) and not is_text(head):
        yield from read_picture(file)
    elif head.startswith(b"%PDF"):
        yield from read_pdf(file, pieces_of)
    elif head.startswith(b"PK\x03\x04"):
        yield from _zipped(file)
    elif head[257:262] == b"ustar":
        yield from _tarred(file)
    elif not is_text(file.sample):
        yield Remark(
            "binaries",
            Verdict.FAIL,
            f"{file.place}This is a binary file, and nobody can read what is in it.",
        )
    else:
        yield from _text(file, decoded(head).lstrip())


def _text(file: Opened, head: str) -> Iterator[Piece]:
    ending = _ending(file)
    if head.startswith("##fileformat=VCF") or ending == "vcf":
        yield from read_vcf(file)
    elif ending == "svg" or re.match(
        r"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*(?:<!DOCTYPE svg[^>]*>\s*)?<svg\b", head, re.DOTALL
    ):
        yield from read_svg(file)
    elif ending in ("html", "htm") or re.match(r"<!doctype html|<html", head, re.IGNORECASE):
        yield from read_page(file, pieces_of)
    elif ending == "ipynb":
        yield from read_notebook(file, pieces_of)
    elif ending in ("json", "jsonl", "ndjson") or (head[:1] in "{[" and ending not in _CODE):
        yield from _json(file)
    elif ending in _CODE:
        yield Words(f"{file.place}the script", decoded(file.read_plain(_MOST_BYTES)), Speech.CODE)
    elif ending == "tex":
        yield from _latex(file)
    elif ending in _DELIMITED or _is_table(file):
        yield from read_delimited(file)
    else:
        yield from _prose(file)


def _is_table(file: Opened) -> bool:
    """Return whether the lines of a text are rows: nearly all are parted by one sign as often."""
    form = form_of(decoded(file.sample))
    lines = [line for line in form.lines[form.head : form.head + 50] if line.strip()]
    width = len(form.header)
    if width < 2 or len(lines) < 2 or _ending(file) == "md":
        return False
    alike = sum(1 for line in lines if len(form.cells(line)) == width)
    return alike >= 0.9 * len(lines)


def _prose(file: Opened) -> Iterator[Piece]:
    text = decoded(file.read_plain(_MOST_BYTES))
    yield Words(f"{file.place}the text", text, Speech.PROSE)
    yield from printed_tables(text, place=f"{file.place}a table")


def _latex(file: Opened) -> Iterator[Piece]:
    text = decoded(file.read_plain(_MOST_BYTES))
    yield Words(f"{file.place}the text", text, Speech.PROSE)
    rows = [
        [re.sub(r"\\\w+\{([^}]*)\}|\\[a-z]+|\$", r"\1", cell).strip() for cell in line.rpartition("\\\\")[0].split("&")]
        if "&" in line else []
        for line in text.splitlines()
    ]  # fmt: skip
    yield from tables_in(rows, place=f"{file.place}a table")


# -- JSON -------------------------------------------------------------------------------------------------------------


def _json(file: Opened) -> Iterator[Piece]:
    text = decoded(file.read_plain(_MOST_BYTES))
    try:
        document = json.loads(text)
    except ValueError:
        try:
            document = [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError:
            yield from _prose(file)
            return
    if isinstance(document, dict) and "nbformat" in document:
        yield from read_notebook(file, pieces_of)
        return
    if isinstance(document, dict) and (
        "learner" in document
        or {"class_name", "config"} <= document.keys()
        or "oblivious_trees" in document
    ):
        yield Remark("binaries", Verdict.FAIL, f"{file.place}This is a trained model.")
        return
    yield Words(f"{file.place}the data", text, Speech.DATA)
    yield from _records(document, file, "the data")


def _records(document: Any, file: Opened, place: str) -> Iterator[Piece]:
    """Yield the tables in plain data: lists of records, and lists that stand side by side."""
    if isinstance(document, list) and document and all(isinstance(row, dict) for row in document):
        header = tuple(dict.fromkeys(str(name) for row in document for name in row))
        rows = [[_plain(row.get(name, "")) for name in header] for row in document]
        yield Grid(f"{file.place}{place}", header, rows, title_of(file.name))
    elif isinstance(document, dict) and _is_by_index(document):
        rows = [
            [_plain(column.get(key, "")) for column in document.values()]
            for key in next(iter(document.values()))
        ]
        yield Grid(f"{file.place}{place}", tuple(document), rows, title_of(file.name))
    elif isinstance(document, dict):
        columns = {str(name): value for name, value in document.items() if isinstance(value, list)}
        lengths = {len(value) for value in columns.values()}
        if (
            len(columns) > 1
            and len(lengths) == 1
            and not any(
                isinstance(cell, dict | list) for value in columns.values() for cell in value
            )
        ):
            rows = [[_plain(cell) for cell in row] for row in zip(*columns.values(), strict=True)]
            yield Grid(f"{file.place}{place}", tuple(columns), rows, title_of(file.name))
            return
        for name, value in document.items():
            yield from _records(
                value, file, f"the data, {name if str(name).isalpha() else 'a part'}"
            )


def _is_by_index(document: dict[str, Any]) -> bool:
    """Return whether plain data hold columns of cells by the names of rows, as pandas writes a table."""
    columns = list(document.values())
    if len(columns) < 2 or not all(isinstance(column, dict) and column for column in columns):
        return False
    plain = not any(isinstance(cell, dict | list) for column in columns for cell in column.values())
    return plain and all(column.keys() == columns[0].keys() for column in columns)


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


# -- archives ---------------------------------------------------------------------------------------------------------


def _zipped(file: Opened) -> Iterator[Piece]:
    """Yield what is in a zip archive; Office files are archives too."""
    ending = _ending(file)
    if ending in ("xlsx", "xlsm"):
        yield from read_workbook(file, pieces_of)
        return
    if ending in _OFFICE:
        yield from read_office(file, pieces_of)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(file.read_plain(_MOST_BYTES))) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if any(member.filename == "xl/workbook.xml" for member in members):
                yield from read_workbook(file, pieces_of)
                return
            if (
                len(members) > _MOST_MEMBERS
                or sum(member.file_size for member in members) > _MOST_BYTES
            ):
                yield Remark(
                    "unreadable",
                    Verdict.FAIL,
                    "The archive holds too much to be looked through: export its files by themselves.",
                )
                return
            for number, member in enumerate(members, start=1):
                yield from pieces_of(
                    file.inside(
                        member.filename,
                        archive.read(member),
                        place=f"{file.place}file {number} of the archive: ",
                    )
                )
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError):
        yield Remark(
            "unreadable",
            Verdict.FAIL,
            f"{file.place}The archive is broken or locked, and cannot be opened.",
        )


def _tarred(file: Opened) -> Iterator[Piece]:
    try:
        with file.plain() as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
            taken = 0
            for number, member in enumerate(archive, start=1):
                taken += member.size
                if number > _MOST_MEMBERS or taken > _MOST_BYTES:
                    yield Remark(
                        "unreadable",
                        Verdict.FAIL,
                        "The archive holds too much to be looked through: export its files by themselves.",
                    )
                    return
                inner = archive.extractfile(member) if member.isfile() else None
                if inner is not None:
                    yield from pieces_of(
                        file.inside(
                            member.name,
                            inner.read(),
                            place=f"{file.place}file {number} of the archive: ",
                        )
                    )
    except (tarfile.TarError, OSError, EOFError):
        yield Remark(
            "unreadable", Verdict.FAIL, f"{file.place}The archive is broken, and cannot be opened."
        )

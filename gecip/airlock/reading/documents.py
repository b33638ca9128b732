"""Read PDF, Excel, Word and slides: their texts and tables, and what is hidden in them."""

from __future__ import annotations

import datetime
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

from gecip.airlock.reading.delimited import in_pieces
from gecip.airlock.reading.grids import printed_tables, tables_in
from gecip.airlock.reading.opened import Opened
from gecip.airlock.reading.pieces import Piece, Remark, Speech, Words
from gecip.airlock.reading.web_pages import ReadInside
from gecip.governance.disclosure import Verdict

_MOST = 500_000_000


def read_pdf(file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    """Yield the texts and tables of a PDF, its metadata, remarks and attachments."""
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(file.read_plain(_MOST)))
        if reader.is_encrypted:
            yield Remark(
                "unreadable", Verdict.FAIL, f"{file.place}The PDF is locked with a password."
            )
            return
        yield from _pdf(reader, file, read_inside)
    except (
        PyPdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
    ):
        yield Remark(
            "unreadable", Verdict.FAIL, f"{file.place}The PDF is broken, and cannot be read."
        )


def _pdf(reader: Any, file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    told = [str(value) for value in (reader.metadata or {}).values()]
    yield Words(f"{file.place}the PDF's metadata", "\n".join(told), Speech.LABEL)
    blind = 0
    for number, page in enumerate(reader.pages, start=1):
        place = f"{file.place}page {number}"
        text = page.extract_text()
        yield Words(place, text, Speech.PROSE)
        yield from printed_tables(
            page.extract_text(extraction_mode="layout"), place=f"{place}, a table"
        )
        blind += bool(len(page.images)) or not text.strip()
        for remark in page.get("/Annots") or []:
            words = remark.get_object().get("/Contents")
            yield Words(f"{place}, a remark", str(words or ""), Speech.PROSE)
    for name, versions in reader.attachments.items():
        yield Words(f"{file.place}an attachment's name", name, Speech.NAME)
        for content in versions:
            yield from read_inside(file.inside(name, content, place=f"{file.place}an attachment: "))
    if blind:
        yield Remark(
            "unreadable",
            Verdict.REVIEW,
            "What pictures in a PDF show cannot be read here: only its text was.",
        )


# -- Excel ------------------------------------------------------------------------------------------------------------


def read_workbook(file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    """Yield the tables of every sheet, hidden or not, with comments, names and pictures."""
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    content = file.read_plain(_MOST)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
            for sheet in workbook.worksheets:
                place = f"{file.place}sheet {workbook.worksheets.index(sheet) + 1}"
                yield Words(f"{place}'s name", sheet.title, Speech.NAME)
                rows = [
                    [_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)
                ]
                for grid in tables_in(rows, place=place, title=sheet.title):
                    yield from in_pieces(grid)
            workbook.close()
        yield from _behind_sheets(content, file, read_inside)
    except (
        InvalidFileException,
        zipfile.BadZipFile,
        KeyError,
        ValueError,
        TypeError,
        ElementTree.ParseError,
        OSError,
    ):
        yield Remark(
            "unreadable",
            Verdict.FAIL,
            f"{file.place}The workbook is broken or locked, and cannot be read.",
        )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _behind_sheets(content: bytes, file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    """Yield what a workbook holds beside its cells; a pivot table keeps the rows that it was made of."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            if re.match(r"xl/pivotCache/pivotCacheRecords", name):
                yield Remark(
                    "individual_level",
                    Verdict.FAIL,
                    "A pivot table keeps all rows that it was made of: paste its values.",
                )
            elif re.match(
                r"xl/(?:comments|threadedComments)|docProps/|xl/(?:charts|drawings)/[^_]", name
            ) and name.endswith(".xml"):
                speech = Speech.PROSE if "omments" in name else Speech.DATA
                yield Words(
                    f"{file.place}comments, charts and properties", _texts(parts.read(name)), speech
                )
            elif name.startswith("xl/media/"):
                yield from read_inside(
                    file.inside(
                        name.rpartition("/")[2], parts.read(name), place=f"{file.place}a picture: "
                    )
                )
            elif name.endswith("vbaProject.bin"):
                yield Remark(
                    "binaries", Verdict.FAIL, "The workbook holds macros, which are binary."
                )


def _texts(content: bytes) -> str:
    return "\n".join(text for text in ElementTree.fromstring(content).itertext() if text.strip())


# -- Word and slides --------------------------------------------------------------------------------------------------


def read_office(file: Opened, read_inside: ReadInside) -> Iterator[Piece]:
    """Yield the paragraphs and tables of a document or of slides, with comments, properties and pictures."""
    try:
        with zipfile.ZipFile(io.BytesIO(file.read_plain(_MOST))) as parts:
            for name in parts.namelist():
                if re.match(r"(?:word|ppt)/(?:.*/)?media/", name):
                    yield from read_inside(
                        file.inside(
                            name.rpartition("/")[2],
                            parts.read(name),
                            place=f"{file.place}a picture: ",
                        )
                    )
                elif re.match(
                    r"(?:word/(?:document|comments|footnotes|endnotes|header|footer)|ppt/(?:slides|notesSlides)/[^/]*\.xml|content\.xml|docProps/)",
                    name,
                ):
                    yield from _part(ElementTree.fromstring(parts.read(name)), file.place)
                elif "/embeddings/" in name:
                    yield from read_inside(
                        file.inside(
                            name.rpartition("/")[2],
                            parts.read(name),
                            place=f"{file.place}an embedded file: ",
                        )
                    )
    except (zipfile.BadZipFile, ElementTree.ParseError, KeyError, RuntimeError, OSError):
        yield Remark(
            "unreadable",
            Verdict.FAIL,
            f"{file.place}The document is broken or locked, and cannot be read.",
        )


def _part(root: ElementTree.Element, place: str) -> Iterator[Piece]:
    tables = [element for element in root.iter() if _tag(element) in ("tbl", "table")]
    for table in tables:
        rows = [
            ["".join(cell.itertext()).strip() for cell in row if _tag(cell) in ("tc", "table-cell")]
            for row in table.iter()
            if _tag(row) in ("tr", "table-row")
        ]
        yield from tables_in(rows, place=f"{place}a table")
    within = {id(inner) for table in tables for inner in table.iter()}
    paragraphs = [
        "".join(element.itertext())
        for element in root.iter()
        if _tag(element) in ("p", "h", "title", "creator", "description", "subject", "keywords")
        and id(element) not in within
    ]
    yield Words(f"{place}the text", "\n".join(paragraphs), Speech.PROSE)


def _tag(element: ElementTree.Element) -> str:
    return str(element.tag).rpartition("}")[2]

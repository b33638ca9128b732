"""Documents of GA4GH's Phenopacket schema (version 2) as text: one JSON document a file, or one a line.

Row level: they are read and written inside.
"""

from __future__ import annotations

import gzip
import json
import lzma
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from gecip.errors import InputError
from gecip.writing import new_file

Kind = TypeVar("Kind")
_OPENERS = {".xz": lzma.open, ".gz": gzip.open}


def texts_of(path: str | Path) -> Iterator[tuple[str, str]]:
    """Yield where each document of a file stands, and its text; the file may be compressed (`.gz`, `.xz`).

    Raises
    ------
    InputError
        When there is no such file, or it cannot be read to its end.
    """
    file = Path(path)
    if not file.is_file():
        raise InputError(f"{file}: there is no such file: name a Phenopacket or a file of them.")
    opener: Any = _OPENERS.get(file.suffix, open)
    by_line = ".jsonl" in file.suffixes
    try:
        with opener(file, "rt", encoding="utf-8") as lines:
            texts = lines if by_line else [lines.read()]
            for number, text in enumerate(texts, start=1):
                if text.strip():
                    yield f"{file}, line {number}" if by_line else str(file), text
    except (OSError, EOFError, lzma.LZMAError, UnicodeDecodeError):
        raise InputError(
            f"{file}: this file cannot be read to its end: fetch it again, or name another."
        ) from None


def parse_message(text: str, kind: type[Kind], *, where: str) -> tuple[Kind, tuple[str, ...]]:
    """Return the message of a kind that a JSON text holds, and which fields at its top the schema does not have.

    Raises
    ------
    InputError
        When the text is no such message of version 2.
    """
    from google.protobuf.json_format import ParseDict, ParseError

    name = kind.DESCRIPTOR.name  # type: ignore[attr-defined]
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        raise InputError(
            f"{where}: this is not JSON: Phenopackets are read in that form only."
        ) from None
    if not isinstance(document, dict) or "metaData" not in document:
        raise InputError(
            f"{where}: this is no {name} of version 2, which has a field metaData: convert it first."
        )
    fields = kind.DESCRIPTOR.fields  # type: ignore[attr-defined]
    known = {field.json_name for field in fields} | {field.name for field in fields}
    kept = {name: value for name, value in document.items() if name in known}
    message: Any = kind()
    try:
        ParseDict(kept, message)
    except ParseError as error:
        field = str(error).split(":", maxsplit=1)[0][:120]
        raise InputError(
            f"{where}: this does not follow version 2 of the Phenopacket schema ({field}): mend or convert it first."
        ) from None
    return message, tuple(sorted(set(document) - known))


def document_of(message: Any) -> dict[str, Any]:
    """Return a message as plain data, in the schema's JSON names."""
    from google.protobuf.json_format import MessageToDict

    document: dict[str, Any] = MessageToDict(message)
    return document


def write_documents(messages: Sequence[Any], path: str | Path) -> Path:
    """Write messages to a file inside and return its path: one as a JSON document, or one a line where the name ends in `.jsonl`.

    Raises
    ------
    InputError
        When several are to go into one JSON document, or the place cannot be written.
    """
    file = Path(path)
    by_line = file.suffix == ".jsonl"
    if not by_line and len(messages) != 1:
        raise InputError(
            f"{file}: a JSON document holds one packet and there are {len(messages)}: end the name in .jsonl."
        )
    with new_file(file) as aside:
        text = "\n".join(
            json.dumps(document_of(one), indent=None if by_line else 2) for one in messages
        )
        aside.write_text(text + "\n", encoding="utf-8")
    return file

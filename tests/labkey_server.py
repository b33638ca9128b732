"""A small server on loopback that answers as LabKey does, and fails when it is told to.

It knows the requests that the `labkey` package makes for tables, as LabKey's version 9.1 of the interface
answers them: rows as JSON objects, dates as text, columns described in `metaData`.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

FOLDER = "main-programme/main-programme_v19_2024-10-31"
LOGIN, PASSWORD = "somebody", "secret"

Row = Mapping[str, Any]


@dataclass
class FakeLabKey:
    """What the server has, what it was asked, and how it fails.

    `failures` is what happens to the next requests for rows, one each: `"500"`, `"401"`, `"403"`, `"redirect"`,
    `"login page"`, `"slow"`, `"cut"`, or `""` for an answer. `forever` happens to all after those.
    """

    tables: dict[str, Sequence[Row]] = field(default_factory=dict)
    kinds: dict[str, Mapping[str, str]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    forever: str = ""
    slow_seconds: float = 3.0
    largest_page: int | None = None
    requests: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    def pages_of(self, table: str) -> list[dict[str, str]]:
        """Return the requests for rows of a table."""
        return [
            request
            for request in self.requests
            if request.get("query.queryName") == table and request.get("query.maxRows") != "0"
        ]

    def rows(self, asked: Mapping[str, str]) -> dict[str, Any]:
        """Return LabKey's answer to a request for rows."""
        table = asked["query.queryName"]
        rows = list(self.tables[table])
        kinds = dict(self.kinds.get(table) or _kinds(rows))
        for name in reversed([name for name in asked.get("query.sort", "").split(",") if name]):
            rows.sort(key=lambda row: (row.get(name) is not None, str(row.get(name))))
        columns = asked.get("query.columns")
        if columns:
            kinds = {name: kind for name, kind in kinds.items() if name in columns.split(",")}
        offset, most = int(asked.get("query.offset", 0)), int(asked.get("query.maxRows", -1))
        if self.largest_page is not None and most > 0:
            most = min(most, self.largest_page)
        page = rows[offset : offset + most] if most >= 0 else rows[offset:]
        about: dict[str, Any] = {
            "root": "rows",
            "totalProperty": "rowCount",
            "fields": [{"name": name, "type": kind} for name, kind in kinds.items()],
        }
        if table in self.keys:
            about["id"] = self.keys[table]
        return {
            "schemaName": "lists",
            "queryName": table,
            "formatVersion": 8.3,
            "metaData": about,
            "rows": [{name: row.get(name) for name in kinds} for row in page],
            "rowCount": len(rows),
        }


def _kinds(rows: Sequence[Row]) -> Mapping[str, str]:
    kinds: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            kind = {bool: "boolean", int: "int", float: "float"}.get(type(value), "string")
            if isinstance(value, str) and value[4:5] in "-/" and value.endswith(":00.000"):
                kind = "date"
            if value is not None or name not in kinds:
                kinds[name] = kind
    return kinds


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, labkey: FakeLabKey) -> None:
        self.labkey = labkey
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer who is logged in."""
        self._answer({})

    def do_POST(self) -> None:
        """Answer for tables and rows."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self._answer({name: values[0] for name, values in parse_qs(body).items()})

    def _answer(self, asked: dict[str, str]) -> None:
        container, _, action = unquote(urlsplit(self.path).path).strip("/").rpartition("/")
        wanted = base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {wanted}":
            self._send(401, {"exception": "User does not have permission"})
        elif container != f"labkey/{FOLDER}":
            self._send(404, {"exception": "No such project or folder"})
        elif action == "login-whoami.api":
            self._send(200, {"id": 1001, "email": LOGIN, "CSRF": "token"})
        elif self.headers.get("X-LABKEY-CSRF") != "token":
            self._send(403, {"exception": "CSRF"})
        elif action == "query-getQueries.api":
            queries = [{"name": name, "title": name} for name in self.server.labkey.tables]
            self._send(200, {"schemaName": "lists", "queries": queries})
        else:
            self._rows(asked)

    def _rows(self, asked: dict[str, str]) -> None:
        labkey = self.server.labkey
        labkey.requests.append(asked)
        failure = labkey.failures.pop(0) if labkey.failures else labkey.forever
        if failure in _FAILURES:
            self._send(*_FAILURES[failure])
        elif asked.get("query.queryName") not in labkey.tables:
            self._send(404, {"exception": "The specified query does not exist"})
        else:
            time.sleep(labkey.slow_seconds if failure == "slow" else 0)
            text = json.dumps(labkey.rows(asked))
            self._send(200, text[: len(text) // 2] if failure == "cut" else text)

    def _send(self, status: int, answer: Any) -> None:
        body = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
        try:
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/labkey/login-login.view")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            pass  # who asked did not wait


_FAILURES: Mapping[str, tuple[int, Any]] = {
    "500": (500, {"exception": "ERROR: a value of participant 111000001"}),
    "401": (401, {"exception": "User does not have permission"}),
    "403": (403, {"exception": "User does not have permission"}),
    "redirect": (302, ""),
    "login page": (200, "<!DOCTYPE html><html><title>Sign In</title></html>"),
}


@contextmanager
def serving(labkey: FakeLabKey) -> Iterator[FakeLabKey]:
    """Let the server listen on a port of loopback while the block lasts."""
    server = _Server(labkey)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
    )
    thread.start()
    labkey.address = f"http://127.0.0.1:{server.server_port}/labkey"
    try:
        yield labkey
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Ask a LabKey server for tables, page by page, and say in one sentence what went wrong.

The `labkey` package speaks to the server; the login stands in `~/.netrc`, as everywhere in the Research
Environment. A server that fails is asked again after a pause. What the server says of its failures is
not repeated: it may quote a row.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gecip.errors import ConfigurationError, ReleaseError, UnknownTableError

if TYPE_CHECKING:
    from labkey.api_wrapper import APIWrapper

SCHEMA = "lists"
# A page may take this long to come; then the table is given up.
TIMEOUT_SECONDS = 300.0
# How long to wait before a failed request is made again, and again.
PAUSES_SECONDS = (1.0, 4.0, 16.0)
# How many values a page should hold: large enough to be few, small enough for the server.
VALUES_IN_A_PAGE = 1_000_000
MOST_ROWS_IN_A_PAGE = 100_000

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Address:
    """Where a LabKey server listens: host with port, the context path, and whether TLS guards the way."""

    host: str
    context_path: str | None
    encrypted: bool

    @property
    def machine(self) -> str:
        """The host without its port, as `~/.netrc` has it."""
        return self.host.partition(":")[0]


def read_address(setting: str) -> Address:
    """Return the address that `GECIP_LABKEY` states; without a path it is `/labkey`.

    Raises
    ------
    ConfigurationError
        When it is no address, or would send the password over the network in the clear.
    """
    parts = urlsplit(setting if "://" in setting else f"//{setting}", scheme="https")
    if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc:
        raise ConfigurationError(
            "GECIP_LABKEY must be a server's address, as in GECIP_LABKEY=labkey.host/labkey: "
            "set it so, with the login in ~/.netrc, or unset it."
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ConfigurationError(
            "GECIP_LABKEY asks for HTTP without TLS, so that your password would cross the network in the clear: "
            "write https:// instead."
        )
    context_path = parts.path.strip("/") if parts.path else "labkey"
    return Address(parts.netloc, context_path or None, encrypted=parts.scheme == "https")


@dataclass(frozen=True)
class Page:
    """Some rows of a table, what the server says its columns hold, how many rows there are, and the key."""

    rows: Sequence[Mapping[str, Any]]
    kinds: Mapping[str, str]
    total: int | None
    key: str | None


class LabKeyServer:
    """One folder of a LabKey server. Nothing is asked before the first table is."""

    def __init__(self, address: Address, container: str) -> None:
        self._address = address
        self._container = container
        self._api: APIWrapper | None = None

    def tables(self) -> tuple[str, ...]:
        """Return the names of the folder's tables.

        Raises
        ------
        ReleaseError
            When the server cannot be asked, or has no such folder.
        """
        answer = self._asked(
            lambda api: api.query.get_queries(
                SCHEMA,
                include_columns=False,
                include_user_queries=False,
                timeout=TIMEOUT_SECONDS,
            ),
            table=None,
        )
        names = [str(query["name"]) for query in answer.get("queries", [])]
        # A name becomes a file's name in the cache.
        return tuple(sorted(name for name in names if re.fullmatch(r"\w[\w. -]*", name)))

    def page(
        self,
        table: str,
        *,
        columns: Sequence[str] | None = None,
        sort: Sequence[str] = (),
        offset: int = 0,
        most: int,
    ) -> Page:
        """Return `most` rows of a table from `offset` on, in the order of `sort`; none for its columns only.

        Raises
        ------
        ReleaseError
            When the server fails, is too slow, or no longer knows the login.
        UnknownTableError
            When the folder has no such table.
        """
        answer = self._asked(
            lambda api: api.query.select_rows(
                SCHEMA,
                table,
                columns=",".join(columns) if columns else None,
                sort=",".join(sort) or None,
                offset=offset or None,
                max_rows=most,
                ignore_filter=True,
                timeout=TIMEOUT_SECONDS,
            ),
            table=table,
        )
        about = answer.get("metaData", {})
        rows = answer.get("rows", [])
        kinds = {
            str(field["name"]): str(field.get("type", "string"))
            for field in about.get("fields", [])
        }
        total = answer.get("rowCount")
        return Page(rows, kinds, None if total is None else int(total), about.get("id"))

    def _asked(
        self, request: Callable[[APIWrapper], Mapping[str, Any]], *, table: str | None
    ) -> Mapping[str, Any]:
        """Return the answer to a request, made again after a pause where the server failed."""
        from requests.exceptions import RequestException

        pauses = iter(PAUSES_SECONDS)
        while True:
            try:
                return self._checked(request(self._connected()), table)
            except KeyError:
                # The page of a login, instead of who is logged in.
                raise ReleaseError(self._login_refused) from None
            except RequestException as error:
                # The package wraps what it does not name itself.
                cause = getattr(error, "exception", error)
                status = getattr(getattr(cause, "response", None), "status_code", None)
                pause = next(pauses, None)
                if pause is None or not _may_pass(cause, status):
                    raise self._failure(cause, status, table) from None
            time.sleep(pause)

    def _connected(self) -> APIWrapper:
        import requests
        from labkey.api_wrapper import APIWrapper
        from labkey.server_context import handle_response

        if self._api is None:
            api = APIWrapper(
                self._address.host,
                self._container,
                context_path=self._address.context_path,
                use_ssl=self._address.encrypted,
            )
            # The package waits for ever for its own first request: whether there is a server is asked before.
            url = api.server_context.build_url("login", "whoami.api")
            handle_response(requests.get(url, timeout=TIMEOUT_SECONDS))
            self._api = api
        return self._api

    def _checked(self, answer: Any, table: str | None) -> Mapping[str, Any]:
        if isinstance(answer, dict) and "content" in answer and "status_code" in answer:
            if b"<html" in bytes(answer["content"][:2000]).lower():
                raise ReleaseError(self._login_refused)
            raise ReleaseError(self._broken_off(table))
        if not isinstance(answer, dict) or "exception" in answer:
            raise ReleaseError(self._broken_off(table))
        return answer

    def _failure(self, cause: Exception, status: int | None, table: str | None) -> ReleaseError:
        from labkey.exceptions import (
            QueryNotFoundError,
            RequestAuthorizationError,
            UnexpectedRedirectError,
        )
        from requests.exceptions import Timeout

        if isinstance(cause, RequestAuthorizationError | UnexpectedRedirectError):
            return ReleaseError(self._login_refused)
        if status == 403:
            return ReleaseError(
                f"Your login may not read the folder {self._container} on the LabKey server {self._address.host}: "
                "ask for access to this release."
            )
        if isinstance(cause, QueryNotFoundError) and table is not None:
            return UnknownTableError(
                f"The folder {self._container} on the LabKey server {self._address.host} has no table {table!r}: "
                "release.tables lists what there is."
            )
        if status == 404:
            return ReleaseError(
                f"The LabKey server {self._address.host} has no folder {self._container}: look at the name, "
                "and at the address in GECIP_LABKEY."
            )
        if isinstance(cause, Timeout):
            return ReleaseError(
                f"The LabKey server {self._address.host} took longer than {TIMEOUT_SECONDS:g} s over "
                f"{_whatever(table)}, of which nothing was kept: try again when it is less busy."
            )
        if status is not None:
            return ReleaseError(
                f"The LabKey server {self._address.host} failed {len(PAUSES_SECONDS) + 1} times over "
                f"{_whatever(table)} (its answer was {status}), of which nothing was kept: try again later."
            )
        return ReleaseError(
            f"The LabKey server {self._address.host} cannot be reached: look whether you are inside the environment, "
            "and at the address in GECIP_LABKEY."
        )

    @property
    def _login_refused(self) -> str:
        return (
            f"The LabKey server {self._address.host} does not know your login, or it has expired: put a line "
            f"'machine {self._address.machine} login … password …' with your present password into ~/.netrc, and try again."
        )

    def _broken_off(self, table: str | None) -> str:
        return (
            f"The LabKey server {self._address.host} gave an answer about {_whatever(table)} that cannot be read, "
            "and nothing of it was kept: try again later."
        )


def _may_pass(cause: Exception, status: int | None) -> bool:
    """Return whether the same request may succeed in a moment."""
    from requests.exceptions import ConnectionError as NoConnection
    from requests.exceptions import Timeout

    if isinstance(cause, Timeout):
        return False
    return isinstance(cause, NoConnection) if status is None else status >= 500


def _whatever(table: str | None) -> str:
    return "the list of tables" if table is None else f"the table {table}"

"""Whom a run touched: everybody in the cohorts that it selected, as salted ids that stay in the environment.

The ids are keyed hashes (HMAC-SHA-256, cut to 64 bits) of participants' numbers; the key lies beside them. Who
has both can try all numbers, so that the folder is one of participants' data: it guards against a number
that is copied by mistake, not against somebody who may read the folder.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gecip.configuration import records_folder
from gecip.writing import new_file

_KEY, _TOUCHED = "key", "touched"
_HEXADECIMAL_DIGITS = 16


@dataclass(frozen=True, repr=False)
class Touched:
    """The salted ids of a run.

    By the release in which the people were; by the step that selected them; and for each product, in the order
    in which they were shown, who is in it, or None where it does not know.
    """

    by_release: dict[str, frozenset[str]]
    by_step: dict[str, frozenset[str]]
    by_product: tuple[frozenset[str] | None, ...]


def record_touched(run: str, people: dict[str, Any], *, beyond_cohorts: bool) -> None:
    """Keep whom a run touched: the members of its cohorts.

    Where it selected no cohort of a release, or showed something that may rest on others too
    (`beyond_cohorts`), everybody who consented counts as touched.
    """
    salted = _Salt()
    cohorts = [
        (
            cohort["release"],
            cohort["step"],
            [
                number
                for number, failed in zip(cohort["participants"], cohort["failed"], strict=True)
                if failed < 0
            ],
        )
        for cohort in people["cohorts"]
    ]
    with_cohorts = {release for release, _, _ in cohorts}
    by_release: dict[str, set[str]] = {}
    by_step: dict[str, list[str]] = {}
    for release, step, members in cohorts:
        ids = salted.all_of(members)
        by_release.setdefault(release, set()).update(ids)
        by_step[step] = sorted(ids)
    for step, release in people["releases"].items():
        if beyond_cohorts or release["name"] not in with_cohorts:
            ids = salted.all_of(release["consenting"])
            by_release.setdefault(release["name"], set()).update(ids)
            by_step[step] = sorted(ids)
    document = {
        "format": 1,
        "releases": {name: sorted(ids) for name, ids in by_release.items()},
        "steps": by_step,
        "products": [
            None if known is None else sorted(salted.all_of(known)) for known in people["products"]
        ],
    }
    with new_file(_file_of(run)) as partial:
        partial.write_text(json.dumps(document), encoding="utf-8")
        partial.chmod(0o640)


def touched_by(run: str) -> Touched | None:
    """Return whom a run touched, or None where that was not recorded here."""
    try:
        document = json.loads(_file_of(run).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return Touched(
        {name: frozenset(ids) for name, ids in document["releases"].items()},
        {step: frozenset(ids) for step, ids in document["steps"].items()},
        tuple(None if ids is None else frozenset(ids) for ids in document["products"]),
    )


def salted_ids(participants: Iterable[int | str]) -> set[str]:
    """Return the salted ids of participants, as the records here hold them."""
    return _Salt().all_of(participants)


class _Salt:
    def __init__(self) -> None:
        self._key = _key()

    def all_of(self, participants: Iterable[int | str]) -> set[str]:
        return {
            hmac.new(self._key, str(number).encode(), hashlib.sha256).hexdigest()[
                :_HEXADECIMAL_DIGITS
            ]
            for number in participants
        }


def _key() -> bytes:
    """Return the key of the records here, making it if there is none; of two who make it at once one wins for both."""
    path = records_folder() / _KEY
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f".{_KEY}.{os.getpid()}")
        aside.write_bytes(secrets.token_bytes(32))
        aside.chmod(0o640)
        try:
            os.link(aside, path)
        except FileExistsError:
            pass
        finally:
            aside.unlink()
    return path.read_bytes()


def _file_of(run: str) -> Path:
    return records_folder() / _TOUCHED / f"{run}.json"

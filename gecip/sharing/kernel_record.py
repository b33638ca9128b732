"""What a kernel notes while a notebook runs in it, and lays down at the end for the process that started it.

This runs in the kernel. It marks the products that are shown, keeps them and the cohorts that were selected,
and writes into a private folder: what may be told of the run (`told.json`), whom it touched
(`people.json`), what its products hold (`products.json`), and, if asked, what the airlock says of them
(`airlock.json`). The last three never lie anywhere else as they are.
"""

from __future__ import annotations

import base64
import datetime
import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import GecipError
from gecip.provenance import software_versions
from gecip.sharing.product_marks import ACCOUNT, ACCOUNTS, FIGURE, LISTING, MARK, PRODUCTS
from gecip.witness import watched

if TYPE_CHECKING:
    import pandas as pd

    from gecip.cohort import Cohort
    from gecip.release import Release
    from gecip.reporting import Listing, Summary

TOLD, PEOPLE, CONTENTS = "told.json", "people.json", "products.json"
IDENTIFIERS, AIRLOCK = "identifiers.json", "airlock.json"


class Recorder:
    """Everything of a run that has to be told once it is over, in the order in which it came."""

    def __init__(self) -> None:
        self.products: list[Any] = []
        self.cohorts: list[Cohort] = []
        self.releases: dict[str, Release] = {}

    def note(self, product: object) -> None:
        """Note a release that was opened or a cohort that was selected."""
        from gecip.cohort import Cohort
        from gecip.release import Release

        if isinstance(product, Cohort):
            self.cohorts.append(product)
            product = product.release
        if isinstance(product, Release):
            self.releases.setdefault(product.provenance.digest(), product)

    def mark(self, product: Any, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the mark of something that is shown; a product is kept, under the number in its mark."""
        if kind == ACCOUNT:
            return {MARK: {"kind": kind}}, {}
        mark: dict[str, Any] = {"kind": kind, "number": len(self.products)}
        if kind == FIGURE:
            mark["of"] = type(product.of).__name__
        if LISTING not in (kind, mark.get("of")):  # a listing may name a person in its title
            mark["title"] = product.title
        self.products.append(product)
        return {MARK: mark}, {}


_running: list[tuple[Recorder, Any]] = []


def begin() -> None:
    """Begin to note what this kernel shows and opens."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None or shell.display_formatter is None:
        raise RuntimeError("a run is noted in a kernel only")
    recorder = Recorder()
    formatter = shell.display_formatter.mimebundle_formatter
    for name, module in PRODUCTS.items():
        formatter.for_type_by_name(module, name, partial(recorder.mark, kind=name))
    for name, module in ACCOUNTS.items():
        formatter.for_type_by_name(module, name, partial(recorder.mark, kind=ACCOUNT))
    watching = watched(recorder.note)
    watching.__enter__()
    _running.append((recorder, watching))


def lay_down(folder: str) -> None:
    """Write what was noted of the run into a private folder."""
    recorder, _ = _running[-1]
    place = Path(folder)
    _write(place / TOLD, _told(recorder))
    _write(place / PEOPLE, _people(recorder))
    _write(place / CONTENTS, _contents(recorder.products))


def tell_identifiers(folder: str, *, words: Sequence[str]) -> None:
    """Write into a private folder which words are identifiers of a release that was opened."""
    recorder, _ = _running[-1]
    releases = recorder.releases.values()
    _write(
        Path(folder) / IDENTIFIERS,
        [word for word in words if any(release.knows_identifier(word) for release in releases)],
    )


def ask_airlock(folder: str, *, numbers: Sequence[int], project: str, purpose: str) -> None:
    """Ask the airlock of the products with these numbers, all at once, and write its answer into a private folder."""
    recorder, _ = _running[-1]
    asking = [recorder.products[number] for number in numbers]
    _write(Path(folder) / AIRLOCK, _asked(asking, numbers, project=project, purpose=purpose))


def _told(recorder: Recorder) -> dict[str, Any]:
    return {
        "software": software_versions(),
        "releases": [
            {
                "name": release.name,
                "version": release.version,
                "origin": release.manifest.origin,
                **{
                    name: release.provenance.parameters[name]
                    for name in ("release_digest", "consent_date", "consent_digest")
                },
            }
            for release in recorder.releases.values()
        ],
        "cohorts": [
            {
                "title": cohort.definition.title,
                "definition": cohort.definition.digest,
                "release": cohort.release.name,
                "people": len(cohort),
                "families": len(cohort.families),
            }
            for cohort in recorder.cohorts
        ],
        "products": [
            {
                "kind": type(product).__name__,
                "provenance": product.provenance.as_document(),
                "steps": [step.digest() for step in product.provenance.chain()],
            }
            for product in recorder.products
        ],
    }


def _people(recorder: Recorder) -> dict[str, Any]:
    return {
        "releases": {
            digest: {
                "name": release.name,
                "consenting": sorted(release.consent.participants, key=str),
            }
            for digest, release in recorder.releases.items()
        },
        "cohorts": [_cohort(cohort) for cohort in recorder.cohorts],
        "products": [_people_in(getattr(one, "of", one)) for one in recorder.products],
    }


def _people_in(product: Summary | Listing) -> list[Any] | None:
    """Return who is in a product, where it knows that itself: in a Listing's rows, or behind a Summary's whole."""
    if hasattr(product, "rows"):
        known = product.rows.get("participant_id")
        return None if known is None else known.dropna().unique().tolist()
    members = product.members
    if members is None or members.whole is None:
        return None
    return [members.people[place] for place in members.whole.tolist()]


def _cohort(cohort: Cohort) -> dict[str, Any]:
    """Return a cohort with everybody who consents: the family of each, and the first criterion that each failed."""
    import numpy as np

    verdicts = cohort.verdicts
    if verdicts is None:
        raise RuntimeError("a cohort that was just selected knows its verdicts")
    failed = np.full(len(verdicts.participants), -1)
    criteria = list(zip(cohort.definition.criteria, verdicts.criteria, strict=True))
    for number, (criterion, verdict) in reversed(list(enumerate(criteria))):
        failed[~verdict.keeps(criterion.keeps)] = number
    families = [
        None if place < 0 else verdicts.numbers[place].item() for place in verdicts.family.tolist()
    ]
    return {
        "title": cohort.definition.title,
        "definition": cohort.definition.digest,
        "step": cohort.provenance.digest(),
        "release": cohort.release.name,
        "reasons": [criterion.because for criterion in cohort.definition.criteria],
        "participants": verdicts.participants.tolist(),
        "families": families,
        "failed": failed.tolist(),
    }


def _contents(products: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what each product holds as plain data, a figure what it draws; what was shown before says where."""
    first: dict[int, int] = {}
    told = []
    for number, product in enumerate(products):
        drawn = getattr(product, "of", product)
        earlier = first.setdefault(id(drawn), number)
        told.append(_content(drawn) if earlier == number else {"shown_as": earlier})
    return told


def _content(product: Summary | Listing) -> dict[str, Any]:
    if hasattr(product, "rows"):
        return {"title": product.title, "listing": _frame(product.rows)}
    return {
        "title": product.title,
        "table": _frame(product.table),
        "people": _frame(product.people),
        "meanings": [product.meanings[column].value for column in product.table.columns],
    }


def _frame(frame: pd.DataFrame) -> dict[str, Any]:
    split = frame.to_dict("split")
    return {
        "rows": [_label(label) for label in split["index"]],
        "columns": [_label(label) for label in split["columns"]],
        "cells": [[_plain(value) for value in row] for row in split["data"]],
    }


def _label(label: Any) -> list[str]:
    return [str(part) for part in label] if isinstance(label, tuple) else [str(label)]


def _plain(value: Any) -> Any:
    """Return a cell as JSON has it: what is missing as None, a day as text."""
    import pandas as pd

    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, datetime.date):
        return value.isoformat()[:10]
    return value.item() if hasattr(value, "item") else value


def _asked(
    asking: Sequence[Any], numbers: Sequence[int], *, project: str, purpose: str
) -> dict[str, Any]:
    """Return what the airlock says of each product, and each in the form in which it may leave."""
    from gecip.airlock import request_export

    try:
        request = request_export(asking, project=project, purpose=purpose)
    except GecipError as error:
        return {"error": str(error), "items": {}}
    return {
        "error": None,
        "bundle": request.folder.name if request.folder else None,
        "items": {number: _item(item) for number, item in zip(numbers, request.items, strict=True)},
    }


def _item(item: Any) -> dict[str, Any]:
    product = item.product
    shown: dict[str, Any] = {}
    if product is not None:
        shown = {"text/html": product._repr_html_(), "text/plain": repr(product)}
        if hasattr(product, "png"):
            shown["image/png"] = base64.b64encode(product.png()).decode("ascii")
    return {
        "verdict": item.verdict.name,
        "findings": [[finding.sentence, finding.remedy] for finding in item.findings],
        "shown": shown,
    }


def _write(path: Path, document: Any) -> None:
    path.write_text(json.dumps(document, default=str, allow_nan=True), encoding="utf-8")

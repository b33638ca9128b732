"""People to follow, made by hand or drawn from known hazards."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gecip.analysis.clinical.survival import FollowUp
from tests.products import BY_HAND

LAST_DAY = datetime.date(2024, 2, 25)


def followed(
    groups: Sequence[str],
    *,
    group: Sequence[str],
    leaves: Sequence[float],
    died: Sequence[bool],
    entry: Sequence[float] | None = None,
    **covariates: Any,
) -> FollowUp:
    """Return a follow-up of people without families, in days since the origin."""
    people = pd.DataFrame(
        {
            "participant_id": range(len(group)),
            "family_id": pd.array([pd.NA] * len(group), dtype="Int64"),
            "group": list(group),
            "entry": np.zeros(len(group)) if entry is None else np.asarray(entry, dtype=float),
            "exit": np.asarray(leaves, dtype=float),
            "died": np.asarray(died, dtype=bool),
            **covariates,
        }
    )
    nobody = people[["participant_id", "family_id"]].head(0).assign(reason="")
    return FollowUp(BY_HAND, people, tuple(groups), nobody, LAST_DAY)


def lung() -> FollowUp:
    """Return the North Central Cancer Treatment Group's lung cancer data (Loprinzi and others, 1994)."""
    from lifelines.datasets import load_lung

    rows = load_lung()
    return followed(
        ("male", "female"),
        group=rows["sex"].map({1: "male", 2: "female"}).tolist(),
        leaves=rows["time"],
        died=rows["status"] == 1,
        age=rows["age"].to_numpy(float),
    )


def drawn(
    seed: int, *, people: int, ratio: float, median_days: float, delay_days: Mapping[str, float]
) -> FollowUp:
    """Return people with exponential survival who were sequenced alive, `ratio` times the hazard in the second group."""
    stream = np.random.default_rng(seed)
    rate = np.log(2) / median_days
    rows: list[tuple[str, float, float]] = []
    groups = tuple(delay_days)
    while len(rows) < people:
        group = groups[int(stream.integers(2))]
        death = stream.exponential(1 / (rate * (ratio if group == groups[1] else 1)))
        entry = np.floor(stream.exponential(delay_days[group]))
        if entry < np.floor(death):
            rows.append((group, entry, np.floor(death)))
    entries, deaths = np.array([row[1] for row in rows]), np.array([row[2] for row in rows])
    ends = np.maximum(entries + 1, 1500.0)
    return followed(
        groups,
        group=[row[0] for row in rows],
        entry=entries,
        leaves=np.minimum(deaths, ends),
        died=deaths <= ends,
    )

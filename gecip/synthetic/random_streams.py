"""Named streams of random numbers: each table and each genome stage draws from its own.

A stream is told by the seed and its name only, so that a table added later changes no other, and
the same seed gives the same release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


def random_stream(seed: int, name: str) -> np.random.Generator:
    """Return the stream called `name`, as `participant` or `genotypes/chr1`, of a seed."""
    digest = hashlib.sha256(name.encode()).digest()
    key = tuple(int.from_bytes(digest[at : at + 4], "big") for at in range(0, 16, 4))
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def seed_of_block(seed: int, block: int) -> int:
    """Return the seed of a block of a release's people: that of the release for the first, others for the rest."""
    if block == 0:
        return seed
    return int.from_bytes(hashlib.sha256(f"{seed}/block {block}".encode()).digest()[:8], "big")


def draw_in_proportion(
    stream: np.random.Generator, shares: Mapping[str, float], *, size: int
) -> npt.NDArray[np.object_]:
    """Return `size` labels in random order whose counts follow `shares` as nearly as whole numbers can.

    Systematic sampling: the counts differ from their expectation by less than one, so that a
    release of a few hundred people has the programme's proportions and not a chance deviation.
    """
    labels = np.array(list(shares), dtype=object)
    bounds = np.cumsum(list(shares.values()))
    places = (np.arange(size) + stream.random()) / max(size, 1) * bounds[-1]
    drawn = labels[np.searchsorted(bounds, places, side="right").clip(max=len(labels) - 1)]
    return stream.permutation(drawn)


def draw_freely(
    stream: np.random.Generator, shares: Mapping[str, float], *, size: int
) -> npt.NDArray[np.object_]:
    """Return `size` independent labels, each with the probability that `shares` gives it."""
    weights = np.array(list(shares.values()), dtype=float)
    labels: npt.NDArray[Any] = np.array(list(shares), dtype=object)
    return labels[stream.choice(len(labels), size=size, p=weights / weights.sum())]

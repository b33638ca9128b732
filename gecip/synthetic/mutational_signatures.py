"""Mutational processes: in which contexts each changes bases, and how much of it each tumour has.

The numbers are those by which the programme's `signature_1` to `signature_30` are known, COSMIC's of
version 2. The profiles are not COSMIC's, which are licensed: they are of our own making, from what is
said of each process in a sentence, and good for teaching how exposures are found, for no more.
Profiles and the mixture in each kind of tumour are assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from gecip.synthetic.tumour_plan import TumourKind

Shares = npt.NDArray[np.float64]

SUBSTITUTIONS = ("C>A", "C>G", "C>T", "T>A", "T>C", "T>G")
# The 96 channels: the substitution of a pyrimidine, the base before it, the base after it.
CHANNELS = tuple(
    f"{before}[{change}]{after}"
    for change in SUBSTITUTIONS
    for before in "ACGT"
    for after in "ACGT"
)
# Signatures of a smaller share are not shown in `cancer_analysis`.
LEAST_SHOWN = 0.05
# How closely tumours of a kind keep to its mixture, as the concentration of a Dirichlet distribution.
_CONCENTRATION = 30.0


@dataclass(frozen=True)
class Preference:
    """Part of a profile: a substitution in some contexts, and its share of the process's mutations."""

    substitution: str
    share: float
    before: str = "ACGT"
    after: str = "ACGT"


@dataclass(frozen=True)
class MutationalProcess:
    """One process: what it is, and where it changes bases; the rest is spread evenly over all contexts."""

    number: int
    title: str
    preferences: tuple[Preference, ...]

    @property
    def profile(self) -> Shares:
        """Return the share of each of the 96 channels."""
        shares = np.zeros(len(CHANNELS))
        for wanted in self.preferences:
            fitting = [
                place
                for place, channel in enumerate(CHANNELS)
                if channel[2:5] == wanted.substitution
                and channel[0] in wanted.before
                and channel[-1] in wanted.after
            ]
            shares[fitting] += wanted.share / len(fitting)
        return shares + (1 - shares.sum()) / len(CHANNELS)


PROCESSES: Mapping[int, MutationalProcess] = {
    process.number: process
    for process in (
        MutationalProcess(
            1, "loss of an amino group of methylated cytosine, with age", (Preference("C>T", 0.9, after="G"),)
        ),
        MutationalProcess(2, "APOBEC enzymes, as C>T after T", (Preference("C>T", 0.92, before="T"),)),
        MutationalProcess(3, "breaks repaired without homology, spread evenly", ()),
        MutationalProcess(
            4, "tobacco smoke", (Preference("C>A", 0.8), Preference("T>A", 0.06)),
        ),
        MutationalProcess(
            5, "unknown, with age", (Preference("T>C", 0.5), Preference("C>T", 0.2)),
        ),
        MutationalProcess(
            6,
            "defective repair of mismatches",
            (Preference("C>T", 0.65, before="G"), Preference("C>A", 0.12, after="T")),
        ),
        MutationalProcess(
            7, "ultraviolet light, at neighbouring pyrimidines", (Preference("C>T", 0.92, before="CT"),)
        ),
        MutationalProcess(
            10,
            "a polymerase that does not correct itself",
            (
                Preference("C>A", 0.5, before="T", after="T"),
                Preference("C>T", 0.35, before="T", after="G"),
            ),
        ),
        MutationalProcess(
            13,
            "APOBEC enzymes, as C>G and C>A after T",
            (Preference("C>G", 0.55, before="T"), Preference("C>A", 0.35, before="T")),
        ),
    )
}  # fmt: skip

# Mean shares of processes in each kind of tumour.
_TYPICAL: Mapping[str, Mapping[int, float]] = {
    "LUNG": {4: 0.55, 5: 0.2, 1: 0.08, 2: 0.08, 13: 0.09},
    "COLORECTAL": {1: 0.5, 5: 0.4, 2: 0.05, 13: 0.05},
    "BREAST": {1: 0.22, 5: 0.25, 3: 0.2, 2: 0.17, 13: 0.16},
    "RENAL": {5: 0.7, 1: 0.15, 3: 0.15},
    "MALIGNANT_MELANOMA": {7: 0.82, 1: 0.08, 5: 0.1},
    "ENDOMETRIAL_CARCINOMA": {1: 0.4, 5: 0.4, 2: 0.1, 13: 0.1},
    "SARCOMA": {5: 0.5, 1: 0.3, 3: 0.2},
}
# In tumours that EGFR drives, of people who mostly never smoked; in unstable ones; in the hypermutated one.
NEVER_SMOKED_GENE = "EGFR"
_NEVER_SMOKED = {5: 0.5, 1: 0.22, 4: 0.04, 2: 0.12, 13: 0.12}
_UNSTABLE = {6: 0.65, 1: 0.2, 5: 0.15}
_HYPERMUTATED = {10: 0.82, 1: 0.1, 5: 0.08}


@cache
def profiles() -> Shares:
    """Return the profiles of all processes, in the order of `PROCESSES`: shape (processes, 96)."""
    return np.array([process.profile for process in PROCESSES.values()])


def draw_exposures(
    stream: np.random.Generator,
    kind: TumourKind,
    drivers: frozenset[str],
    *,
    unstable: bool,
    hypermutated: bool,
) -> Shares:
    """Return a tumour's share of each process, in the order of `PROCESSES`; they come to 1."""
    mixture = _TYPICAL[kind.disease_type]
    if hypermutated:
        mixture = _HYPERMUTATED
    elif unstable:
        mixture = _UNSTABLE
    elif kind.disease_type == "LUNG" and NEVER_SMOKED_GENE in drivers:
        mixture = _NEVER_SMOKED
    means = np.array([mixture.get(number, 0.0) for number in PROCESSES])
    drawn = stream.gamma(means * _CONCENTRATION)
    exposures: Shares = drawn / drawn.sum()
    return exposures


def exposures_by_number(exposures: Shares) -> dict[int, float]:
    """Return the exposures that are not 0 by the number of the signature, rounded as the tables have them."""
    return {
        number: round(float(share), 3)
        for number, share in zip(PROCESSES, exposures, strict=True)
        if share >= 0.0005
    }

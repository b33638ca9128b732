"""What people have besides, for good: illnesses that are coded again and again, and kidneys that fail.

Each person's are drawn once, from a stream of their own, so that admissions, clinics and emergencies tell of
the same ones. All shares are assumptions. Nothing that is planted, neither rates nor prices, depends on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from gecip.synthetic.hospital_care import Reason
from gecip.synthetic.random_streams import random_stream

KIDNEY_DISEASE = "Renal and urinary tract disorders"
# ICD-10 without a dot: the share of people who ever have it, and the age from which on.
_COMMON = {"J459": (0.10, 6), "I10X": (0.28, 45), "E119": (0.09, 50)}
# Of people recruited for their kidneys: cysts of one kind or another, each person one.
_CYSTS = {"Q612": 0.32, "Q611": 0.05, "Q619": 0.08, "N281": 0.15}
_AGE_OF_CYSTS = 12
_SHARE_KIDNEYS_FAIL, _SHARE_TRANSPLANTED, _AGE_OF_FAILURE = 0.4, 0.5, 18
_SHARE_OTHER_DIALYSIS = 0.4
# OPCS-4 without a dot: dialysis as most and as some hospitals code it, and a kidney from a donor who died.
DIALYSES, TRANSPLANT = ("X403", "X401"), "M013"
_KIDNEY_FAILURE = "N18"
# How often what is known is coded at a stay.
_SHARE_CODED, _SHARE_SPREAD_CODED, _SHARE_DIALYSED = 0.35, 0.7, 0.6


@dataclass(frozen=True)
class Illnesses:
    """A person's lasting illnesses: codes with the year from which each counts, and what becomes of the kidneys."""

    since: tuple[tuple[str, int], ...] = ()
    kidneys_fail: int | None = None
    transplanted: bool = False
    dialysis: str = DIALYSES[0]

    def in_year(self, year: int) -> tuple[str, ...]:
        """Return the codes that count in a year."""
        return tuple(code for code, begin in self.since if year >= begin)

    def on_dialysis(self, year: int) -> bool:
        """Return whether the kidneys have failed by a year."""
        return self.kidneys_fail is not None and year >= self.kidneys_fail


@dataclass(frozen=True)
class Occasion:
    """What decides what else is coded at a stay: its year and reason, and how it lies to night and index day."""

    year: int
    reason: Reason
    is_over_night: bool
    is_after_index_day: bool


@dataclass(frozen=True)
class StayCodes:
    """What is coded at a stay besides its reason: further diagnoses, and procedures."""

    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]


def draw_illnesses(
    seed: int, numbers: Sequence[int], birth_years: Sequence[int], diseases: Sequence[str]
) -> list[Illnesses]:
    """Return the lasting illnesses of people, in their order; `diseases` are disease groups, or codes of cancers."""
    return [
        _draw(random_stream(seed, f"lasting illnesses/{number}"), born, disease)
        for number, born, disease in zip(numbers, birth_years, diseases, strict=True)
    ]


def _draw(stream: np.random.Generator, born: int, disease: str) -> Illnesses:
    chances = stream.random(len(_COMMON) + 4)
    since = [
        (code, born + age)
        for (code, (share, age)), chance in zip(_COMMON.items(), chances, strict=False)
        if chance < share
    ]
    if disease != KIDNEY_DISEASE:
        return Illnesses(tuple(since))
    cyst, fails, transplanted, dialysed = chances[-4:].tolist()
    bounds = np.cumsum(list(_CYSTS.values()))
    if cyst < bounds[-1]:
        kind = tuple(_CYSTS)[int(np.searchsorted(bounds, cyst, side="right"))]
        since.insert(0, (kind, born + _AGE_OF_CYSTS))
    failure = born + _AGE_OF_FAILURE if fails < _SHARE_KIDNEYS_FAIL else None
    return Illnesses(
        tuple(since),
        kidneys_fail=failure,
        transplanted=failure is not None and transplanted < _SHARE_TRANSPLANTED,
        dialysis=DIALYSES[dialysed < _SHARE_OTHER_DIALYSIS],
    )


def codes_of_stays(
    stream: np.random.Generator,
    stays: Iterable[Occasion],
    illnesses: Illnesses,
    spread: Sequence[str],
) -> Iterator[StayCodes]:
    """Yield what is coded besides at each stay of one person, in order.

    Parameters
    ----------
    spread
        Where the person's cancer had spread to at its diagnosis, as codes: coded at stays from then on.
    """
    waits_for_kidney = illnesses.transplanted
    for stay in stays:
        coded, dialysed = stream.random(2).tolist()
        further = illnesses.in_year(stay.year) if coded < _SHARE_CODED else ()
        if stay.is_after_index_day and coded < _SHARE_SPREAD_CODED:
            further = (*spread, *further)
        procedures: tuple[str, ...] = ()
        if stay.reason.diagnosis.startswith(_KIDNEY_FAILURE) and illnesses.on_dialysis(stay.year):
            if waits_for_kidney and stay.is_over_night:
                waits_for_kidney, procedures = False, (TRANSPLANT,)
            elif dialysed < _SHARE_DIALYSED:
                procedures = (illnesses.dialysis,)
        yield StayCodes(further, procedures)

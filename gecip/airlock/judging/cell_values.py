"""What a cell says: a count, a mark, a percentage, an age, a day. Texts in, plain values out."""

from __future__ import annotations

import enum
import math
import re
from dataclasses import dataclass
from functools import lru_cache

MISSING = frozenset(
    [
        "",
        "na",
        "n/a",
        "nan",
        "none",
        "null",
        "-",
        "–",
        "—",
        ".",
        "..",
        "nr",
        "nil",
        "missing",
        "unknown",
        "not available",
        "<na>",
        "nat",
        "-999",
        "…",
    ]
)
_WITHHELD = frozenset(
    [
        "withheld",
        "suppressed",
        "masked",
        "redacted",
        "*",
        "**",
        "[c]",
        "(c)",
        "c",
        "x",
        "#",
        "hidden",
        "[redacted]",
        "s",
    ]
)

_WHOLE = r"\d{1,3}(?:[,\u2009\u00a0]\d{3})+|\d+"
_COUNT = re.compile(rf"^(?:n\s*=\s*)?({_WHOLE})(?:\.0+)?$", re.IGNORECASE)
_WITH_PERCENT = re.compile(
    rf"^(?:n\s*=\s*)?({_WHOLE})\s*[(\[]\s*(\d+(?:\.\d+)?)\s*(%?)\s*[)\]]$", re.IGNORECASE
)
_AMONG = re.compile(
    rf"^({_WHOLE})\s*(?:/|of|out of)\s*({_WHOLE})(?:\s*[(\[].*[)\]])?$", re.IGNORECASE
)
_MASK = re.compile(r"^(?:[<≤]\s*=?\s*\d+|\d+\s*(?:-|–|to)\s*\d+)(?:\s*[(\[][^)\]]*[)\]])?$")
_MASK_LIMIT = re.compile(r"^([<≤]\s*=?)\s*(\d+)")
_MASK_RANGE = re.compile(r"^(\d+)\s*(?:-|–|to)\s*(\d+)")
_PERCENT = re.compile(r"^[~≈]?\s*(\d+(?:\.\d+)?)\s*%$")
_PERCENT_WITHIN = re.compile(r"(\d+(?:\.\d+)?)\s*%")


@dataclass(frozen=True)
class Count:
    """A count as a cell tells it: exactly, or as one between two numbers; among how many, if it says so."""

    lowest: int
    highest: int
    among: int | None = None
    percent: float | None = None

    @property
    def value(self) -> int | None:
        """The count, where it is told exactly."""
        return self.lowest if self.lowest == self.highest else None


def is_missing(text: str) -> bool:
    """Return whether a cell says that there is nothing to say."""
    return text.strip().lower() in MISSING


def is_withheld(text: str) -> bool:
    """Return whether a cell has a mark instead of a number, of any size."""
    return text.strip().lower() in _WITHHELD


@lru_cache(maxsize=100_000)
def read_count(text: str) -> Count | None:
    """Return the count in a cell, or None if it holds something else.

    `12`, `1,234`, `12 (34.5%)`, `12/50`, `12 of 50`, `n = 12`; `<5`, `≤4` and `1–4` are counts in a range.
    """
    text = text.strip()
    if found := _COUNT.match(text):
        return _exact(found[1])
    if found := _AMONG.match(text):
        return Count(_whole(found[1]), _whole(found[1]), among=_whole(found[2]))
    if (found := _WITH_PERCENT.match(text)) and found[3]:
        return Count(_whole(found[1]), _whole(found[1]), percent=float(found[2]))
    return _range(text) if _MASK.match(text) else None


@lru_cache(maxsize=100_000)
def read_loose_count(text: str) -> Count | None:
    """Return the count also of a cell like `12 (34.5)`, for columns whose head says that it holds counts."""
    found = _WITH_PERCENT.match(text.strip())
    if found:
        return Count(_whole(found[1]), _whole(found[1]), percent=float(found[2]))
    return read_count(text)


def _exact(digits: str) -> Count:
    return Count(_whole(digits), _whole(digits))


def _whole(digits: str) -> int:
    return int(re.sub(r"\D", "", digits))


def _range(text: str) -> Count:
    within = _PERCENT_WITHIN.search(text)
    percent = float(within[1]) if within else None
    if limit := _MASK_LIMIT.match(text):
        highest = int(limit[2]) if "=" in limit[1] or "≤" in limit[1] else int(limit[2]) - 1
        return Count(1, max(highest, 1), percent=percent)
    between = _MASK_RANGE.match(text)
    lowest, highest = (int(between[1]), int(between[2])) if between else (0, 0)
    return Count(lowest, max(lowest, highest), percent=percent)


@lru_cache(maxsize=100_000)
def read_number(text: str) -> float | None:
    """Return the number in a cell, or None; thousands may be parted by commas."""
    try:
        number = float(text.strip().replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_percent(text: str, *, is_fraction: bool) -> float | None:
    """Return the share in a cell between 0 and 1; `is_fraction` where the column is told so, and not in percent."""
    if found := _PERCENT.match(text.strip()):
        return float(found[1]) / 100
    number = read_number(text)
    if number is None or number < 0:
        return None
    share = number if is_fraction else number / 100
    return share if share <= 1 else None


def decimals_of(text: str) -> int:
    """Return how many decimals a number is written with."""
    return len(text.strip().rstrip("%").strip().partition(".")[2])


# -- ages -------------------------------------------------------------------------------------------------------------


class AgeForm(enum.Enum):
    """How an age is told: of one year, in a band, with an open end, or not at all."""

    SINGLE = "single"
    BAND = "band"
    OPEN = "open"
    NONE = "none"


_UNIT = r"\s*(?:years?|yrs?|y|months?|m|weeks?|days?)?(?:\s*old)?"
_SINGLE_AGE = re.compile(rf"^(\d{{1,3}}(?:\.\d+)?){_UNIT}$", re.IGNORECASE)
_AGE_BAND = re.compile(
    rf"^([\[(]?)\s*(\d{{1,4}}(?:\.\d+)?){_UNIT}\s*(?:-|–|—|to|,|_)\s*<?\s*(\d{{1,4}}(?:\.\d+)?){_UNIT}\s*([\])]?)$",
    re.IGNORECASE,
)
_OPEN_AGE = re.compile(
    r"^(?:[<>≤≥]=?|under|over|below|above|from|up to|at least|at most|younger than|older than)\s*\d|"
    r"\d\s*(?:\+|plus$|and (?:over|older|above|under|younger|below)|or (?:over|older|above|more|under|younger|less))",
    re.IGNORECASE,
)


@lru_cache(maxsize=100_000)
def read_age(text: str) -> tuple[AgeForm, float]:
    """Return how a cell tells an age, and how many years its band holds (0 if it is no band).

    `30-39` holds ten years, and so does `[30, 40)`; `30-34` holds five.
    """
    text = text.strip()
    if is_missing(text) or text.startswith("-"):
        return AgeForm.NONE, 0.0
    if _SINGLE_AGE.match(text):
        return AgeForm.SINGLE, 0.0
    if band := _AGE_BAND.match(text):
        first, last = float(band[2]), float(band[3])
        if last <= first:
            return AgeForm.NONE, 0.0
        is_interval = bool(band[1] and band[4]) and band[1] + band[4] != "[]"
        return AgeForm.BAND, last - first + (0.0 if is_interval or "<" in text else 1.0)
    return (AgeForm.OPEN if _OPEN_AGE.search(text) else AgeForm.NONE), 0.0


# -- days -------------------------------------------------------------------------------------------------------------

_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec"
DAY = (
    r"(?:(?:18|19|20)\d{2}[-/.](?:0[1-9]|1[0-2])[-/.](?:0[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.](?:18|19|20)\d{2}"
    r"|(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:18|19|20)\d{2}"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?[ -](?:{_MONTHS})[a-z]*\.?,?[ -](?:18|19|20)\d{{2}}"
    rf"|(?:{_MONTHS})[a-z]*\.? (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? (?:18|19|20)\d{{2}})"
)
_DAY_ALONE = re.compile(rf"^{DAY}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}}(?:\.\d+)?)?Z?)?$", re.IGNORECASE)
_COMPACT_DAY = re.compile(r"^(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$")


def is_day(text: str, *, compact: bool = False) -> bool:
    """Return whether a cell holds one day; `compact` where also `20240131` is one, as the column says."""
    text = text.strip()
    return bool(_DAY_ALONE.match(text) or (compact and _COMPACT_DAY.match(text)))

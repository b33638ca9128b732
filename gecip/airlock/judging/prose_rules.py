"""The rules on words: ages, days, small counts and percentages in sentences, labels and captions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gecip.airlock.judging.cell_values import DAY
from gecip.airlock.judging.sentences import plural
from gecip.airlock.reading.pieces import Remark
from gecip.governance.disclosure import Verdict
from gecip.governance.policy import Policy

# Words for people, of which a sentence may say how many there are.
PEOPLE = (
    "participants?|patients?|probands?|carriers?|people|persons?|individuals?|famil(?:y|ies)|cases?|controls?|children|child|"
    "men|women|males?|females?|boys?|girls?|deaths?|tumours?|tumors?|relatives?|homozygotes?|heterozygotes?"
)
_NUMBERED = (
    r"(?<![\w.,/:<>≤≥=~+-])(?<![<>≤≥] )(?P<number>\d+) "
    r"(?:(?:affected|unaffected|consenting|homozygous|heterozygous|male|female|unrelated|diagnosed|sick|young|adult) )?"
    rf"(?:{PEOPLE})\b(?!\s*(?:or fewer|or less|or more|\d))"
)
# After these a number is a name or a limit, and counts nobody.
NO_COUNT = re.compile(
    r"(?:phase|stage|grade|table|tier|type|step|week|fig\.|figure|year|class|level|group|under|below|model|batch|visit|lesson|"
    r"least|than|most|over|above|version|chapter|cluster|cohort|domain|question|category|release|exon|day|top|first|last|to|from|"
    r"threshold|minimum|until)\s*(?:of\s*)?$",
    re.IGNORECASE,
)
_SMALL = re.compile(_NUMBERED, re.IGNORECASE)
IS_NUMBER = re.compile(r"(?<![A-Za-z])n\s*=\s*(?P<number>\d[\d,]*)(?![\d.])", re.IGNORECASE)
_PERCENT_OF = re.compile(
    rf"(?P<share>\d+(?:\.\d+)?)\s*% (?:\([^)]*\) )?of (?:the |all )?(?P<among>\d[\d,]*)(?: \w+)?(?: (?:{PEOPLE}))?",
    re.IGNORECASE,
)

_AGE = re.compile(
    r"(?<!mean )(?<!median )(?<!average )\b(?:"
    r"(?:aged?|age at (?:\w+ ){0,2}\w+|age of (?:onset|death|diagnosis))(?: (?:was|is|of|at))?\s*[:=]?\s*(?P<after>\d{1,3}(?:\.\d+)?)(?!\s*(?:[-–—+\d%.]|to |and (?:over|older|above|under|younger)|or (?:over|older|above|more|under|younger|less|so)|years? (?:or|and) (?:over|older|above|under|younger|more)|plus))"
    r"|(?<![-–\d.<>≤≥])(?P<before>\d{1,3})[- ]years?[- ]old(?! or| and (?:over|older|above|under))"
    r"|born in (?P<year>(?:19|20)\d{2})\b)",
    re.IGNORECASE,
)
_OF_MANY = re.compile(
    r"\b(?:mean|median|average|bands?|years? from|under|over|below|above|least|until|than|before|iqr|range)[^.;\n]{0,25}$",
    re.IGNORECASE,
)
_OLDEST = re.compile(
    r"\b(?:oldest|youngest|minimum age|maximum age|ages? rang(?:ed?|ing) (?:was |from )?|age range:?)[^.\n;]{0,40}?\d{1,3}\b",
    re.IGNORECASE,
)

_EVENTS = (
    "born|birth|died|death|deceased|dob|dod|diagnos\\w*|admi(?:tted|ssion)|discharged?|operated|surgery|onset|recruited|consented|"
    "enrolled|sampled|relapsed?|presented|transplant\\w*|biops\\w*|seen in clinic|appointment"
)
_EVENT_DAY = re.compile(
    rf"\b(?:{_EVENTS})\b(?P<between>[^.;\n]{{0,30}}?)(?P<day>{DAY})", re.IGNORECASE
)
_DAY_EVENT = re.compile(
    rf"\b(?P<lead>\w+ )?(?P<day>{DAY})[^.;\n]{{0,25}}?\b(?:{_EVENTS})\b", re.IGNORECASE
)
_PERIOD = re.compile(
    r"\b(?:between|from|before|after|until|since|by|up to|to|and|as of|until the|through)\b",
    re.IGNORECASE,
)


def in_prose(text: str, policy: Policy) -> Iterator[Remark]:
    """Find in sentences what the rules on tables find in cells."""
    yield from _ages(text)
    yield from _days(text)
    yield from _counts(text, policy)


def _counts(text: str, policy: Policy) -> Iterator[Remark]:
    smallest = policy.smallest_shown_count
    small = sum(1 for _ in small_counts_in(text, smallest))
    if small:
        yield Remark(
            "small_counts",
            Verdict.FAIL,
            f"{plural(small, 'count')} of people from 1 to {smallest - 1} in words.",
        )
    shares = sum(1 for _ in small_shares_in(text, smallest))
    if shares:
        yield Remark(
            "percentages",
            Verdict.FAIL,
            f"{plural(shares, 'percentage')} in words make a count from 1 to {smallest - 1}.",
        )


def small_counts_in(text: str, smallest: int) -> Iterator[re.Match[str]]:
    """Yield the counts of people in sentences that are under the smallest shown, by the group `number`."""
    for pattern in (_SMALL, IS_NUMBER):
        for match in pattern.finditer(text):
            is_count = not NO_COUNT.search(text[max(0, match.start() - 20) : match.start()])
            if is_count and 0 < int(match["number"].replace(",", "")) < smallest:
                yield match


def small_shares_in(text: str, smallest: int) -> Iterator[re.Match[str]]:
    """Yield the percentages in sentences that make such a count of what they are of, by the group `share`."""
    for match in _PERCENT_OF.finditer(text):
        count = float(match["share"]) / 100 * float(match["among"].replace(",", ""))
        if 0.5 <= count < smallest - 0.5:
            yield match


def _ages(text: str) -> Iterator[Remark]:
    single = sum(
        1
        for match in _AGE.finditer(text)
        if not _OF_MANY.search(text[max(0, match.start() - 40) : match.start()])
    )
    if single:
        yield Remark(
            "ages",
            Verdict.FAIL,
            f"{plural(single, 'age or year of birth', 'ages or years of birth')} in words, to the year.",
        )
    ends = len(_OLDEST.findall(text))
    if ends:
        yield Remark(
            "extremes", Verdict.FAIL, f"{plural(ends, 'age')} of the oldest or youngest in words."
        )


def _days(text: str) -> Iterator[Remark]:
    found = {
        match.start("day")
        for match in _EVENT_DAY.finditer(text)
        if not _PERIOD.search(match["between"])
    } | {
        match.start("day")
        for match in _DAY_EVENT.finditer(text)
        if not _PERIOD.search(match["lead"] or "")
        and not _PERIOD.search(text[match.end("day") : match.end()])
    }
    if found:
        yield Remark("dates", Verdict.FAIL, f"{plural(len(found), 'day')} of an event in words.")

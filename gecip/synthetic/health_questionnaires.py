"""What probands answer when asked how they are: at recruitment, and some time after their genomic result.

Planted is that health gets better after a diagnosis and not after a result without one. Each keeps their
own level between the two, so that the change shows in fewer people than the difference would.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gecip.model.quality_of_life import DIMENSIONS, LEVELS, LOSS_A_LEVEL, QualityOfLife
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import frame_of
from gecip.synthetic.hospital_stays import DIAGNOSED, DOMAIN, NOT_DIAGNOSED, HospitalTables, Kind
from gecip.synthetic.linked_people import LinkedPeople
from gecip.synthetic.random_streams import random_stream

if TYPE_CHECKING:
    import pandas as pd

BASELINE_UTILITY = 0.62
GAIN: Mapping[str, float] = {DIAGNOSED: 0.1, NOT_DIAGNOSED: 0.0}
# Shares and days; assumptions.
_SHARE_ANSWERED = 0.8
_DAYS_TO_BASELINE, _DAYS_TO_FOLLOW_UP = (0, 60), (180, 540)
_ADULT_AGE = 16
# How far people's chances of a worse level differ, and how far the scale departs from the answers.
_SPREAD, _SPREAD_OF_SCALE = 0.08, 7.0


def draw_health_questionnaires(
    seed: int, people: LinkedPeople, with_result: npt.NDArray[np.int64]
) -> HospitalTables:
    """Return the answers of probands, and what was planted in them.

    Parameters
    ----------
    with_result
        Numbers of those who have a genomic result: only they are asked again.
    """
    import pandas as pd

    stream = random_stream(seed, f"tables/{QualityOfLife.name}")
    lives = people.lives
    proband = np.flatnonzero(lives.kind == Kind.PROBAND)
    size = len(proband)
    own = stream.normal(0, _SPREAD, size=size)
    gain = np.where(lives.diagnosed[proband], GAIN[DIAGNOSED], GAIN[NOT_DIAGNOSED])
    rows = []
    for occasion, since, (low, high), better, asked in (
        ("baseline", lives.registration, _DAYS_TO_BASELINE, 0.0, np.ones(size, dtype=bool)),
        (
            "follow-up",
            lives.index_day,
            _DAYS_TO_FOLLOW_UP,
            gain,
            np.isin(lives.number[proband], with_result),
        ),
    ):
        day = since[proband] + stream.integers(low, high, size=size).astype("timedelta64[D]")
        if occasion == "baseline":
            day = np.fmin(day, lives.index_day[proband] - np.timedelta64(1, "D"))
        answered = asked & (stream.random(size) < _SHARE_ANSWERED)
        answered &= people.tells(QualityOfLife, proband, day)
        levels = _levels(stream, own, BASELINE_UTILITY + better)
        worth = 1 - LOSS_A_LEVEL * (levels - LEVELS[0]).sum(axis=1)
        scale = (100 * worth + stream.normal(0, _SPREAD_OF_SCALE, size=size)).round().clip(0, 100)
        age = day.astype("datetime64[Y]").astype(np.int64) + 1970 - lives.birth_year[proband]
        frame = pd.DataFrame(
            {
                "participant_id": lives.number[proband],
                "occasion": occasion,
                "response_date": day,
                "answered_by": np.where(age < _ADULT_AGE, "proxy", "self"),
                **{name: levels[:, place] for place, name in enumerate(DIMENSIONS)},
                "visual_analogue_scale": scale.astype(np.int64),
            }
        )
        rows.append(frame[answered])
    answers = pd.concat(rows).sort_values(["participant_id", "response_date"], kind="stable")
    table = frame_of(QualityOfLife, {name: answers[name].to_numpy() for name in answers})
    return HospitalTables({QualityOfLife: table}, (_answer(people, table),))


def _levels(
    stream: np.random.Generator,
    own: npt.NDArray[np.float64],
    worth: float | npt.NDArray[np.float64],
) -> npt.NDArray[np.int64]:
    """Return levels whose mean is worth so much, of people who depart from it by a chance of their own (people × 5)."""
    steps = LEVELS[-1] - LEVELS[0]
    chance = (1 - worth) / (LOSS_A_LEVEL * steps * len(DIMENSIONS)) + own
    drawn = stream.binomial(steps, chance.clip(0, 1)[:, None], size=(len(own), len(DIMENSIONS)))
    levels: npt.NDArray[np.int64] = drawn.astype(np.int64) + LEVELS[0]
    return levels


def _answer(people: LinkedPeople, table: pd.DataFrame) -> Answer:
    days = table["response_date"].to_numpy(dtype="datetime64[D]")
    told = table[days <= people.told_until[people.places_of(table["participant_id"])]]
    twice = told[told["participant_id"].duplicated()]["participant_id"]
    is_diagnosed = people.lives.diagnosed[people.places_of(twice)]
    return Answer(
        kind="quality_of_life",
        domain=DOMAIN,
        expected={
            "baseline_utility": BASELINE_UTILITY,
            "change_after_result": dict(GAIN),
            # Of whom there are answers from before and after.
            "people_diagnosed": int(is_diagnosed.sum()),
            "people_not_diagnosed": int((~is_diagnosed).sum()),
            "loss_a_level": LOSS_A_LEVEL,
        },
    )

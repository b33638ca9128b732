"""How people judge their own health, by questionnaire: invented, since the programme asks nothing of the kind.

The questions are in the manner of those that health economists use: five dimensions, each in five
levels, and a scale. What a level is worth is invented as well; it is no country's value set.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from gecip.model.table import Column, DateOrder, Sensitivity, Table, date, integer, text

DIMENSIONS = (
    "mobility",
    "self_care",
    "usual_activities",
    "pain_discomfort",
    "anxiety_depression",
)
LEVELS = (1, 2, 3, 4, 5)
# A state of health is worth 1 without any problem, and so much less for each level of each dimension.
LOSS_A_LEVEL = 0.04


def utility(levels: Iterable[int]) -> float:
    """Return what a state of health is worth, 1 being the best, by the invented values."""
    return 1.0 - LOSS_A_LEVEL * sum(level - LEVELS[0] for level in levels)


def _level(what: str) -> Column:
    return integer(f"Problems with {what}, from none (1) to the worst (5).")


class QualityOfLife(Table):
    """One row for each questionnaire on their health that somebody answered, before or after the genomic result."""

    name = "quality_of_life"
    key = ("participant_id", "occasion")
    invented = True
    covers = (datetime.date(2015, 3, 1), datetime.date(2024, 10, 31))
    date_orders = (
        DateOrder("participant.year_of_birth", "response_date"),
        DateOrder("response_date", "mortality.date_of_death"),
    )

    participant_id = integer("The participant.", sensitivity=Sensitivity.IDENTIFIER, required=True)
    occasion = text(
        "Whether it was answered at recruitment or after the genomic result.",
        values=("baseline", "follow-up"),
        required=True,
    )
    response_date = date("Day of the answers.", sensitivity=Sensitivity.QUASI_IDENTIFIER)
    answered_by = text(
        "Whether the participant answered, or a parent of a child.", values=("self", "proxy")
    )
    mobility = _level("walking about")
    self_care = _level("washing and dressing")
    usual_activities = _level("work, study and everyday life")
    pain_discomfort = _level("pain")
    anxiety_depression = _level("anxiety and low spirits")
    visual_analogue_scale = integer("Health on that day, from 0 (worst) to 100 (best).")

"""What a diagnosis spares a hospital in pounds: the admissions that do not happen, at the price of an admission."""

from __future__ import annotations

import numpy as np

from gecip.model.unit_costs import PRICE_YEAR, RESOURCE_GROUPS, PointOfDelivery
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.hospital_care import CARE_BY_GROUP, EVERYDAY_CARE, Reason
from gecip.synthetic.hospital_stays import (
    DIAGNOSED,
    DOMAIN,
    NIGHTLY_DISCHARGE,
    NOT_DIAGNOSED,
    RATES,
    SHARE_DAY_CASE,
    SHARE_PLANNED,
    SHARE_SHORT,
    SHARE_TWO_EPISODES,
    Kind,
    Lives,
)


def cost_answer(lives: Lives) -> Answer:
    """Return by how much the yearly cost of admissions falls after a diagnosis, from a year after it on.

    It is the planted fall in admissions at the mean price of one, over what brings these people to
    hospital at their age; faults of the records move it by some percent.
    """
    diagnosed = np.flatnonzero((lives.kind == Kind.PROBAND) & lives.diagnosed)
    fewer = RATES[NOT_DIAGNOSED][-1][2] - RATES[DIAGNOSED][-1][2]
    result_year = lives.index_day.astype("datetime64[Y]").astype(np.int64) + 1970
    prices = [
        np.mean([_price_of(reason) for reason in care.at_age(float(age))])
        for care, age in zip(
            (CARE_BY_GROUP.get(str(name), EVERYDAY_CARE) for name in lives.disease[diagnosed]),
            (result_year - lives.birth_year)[diagnosed],
            strict=True,
        )
    ]
    return Answer(
        kind="hospital_cost",
        domain=DOMAIN,
        expected={
            "pounds_fewer_a_year": round(fewer * float(np.mean(prices))) if prices else None,
            "price_year": PRICE_YEAR,
            "people_diagnosed": len(diagnosed),
        },
    )


def _price_of(reason: Reason) -> float:
    """Return the mean price of an admission for a reason, over the ways into hospital and its episodes."""
    price = RESOURCE_GROUPS[reason.resource_group].unit_costs
    # A stay of four nights or more may have two episodes; a long one has a night more than it drew.
    planned, long = (
        1 + SHARE_TWO_EPISODES * (1 - NIGHTLY_DISCHARGE) ** nights for nights in (3, 2)
    )
    share_long = 1 - SHARE_DAY_CASE - SHARE_PLANNED - SHARE_SHORT
    return (
        SHARE_DAY_CASE * price[PointOfDelivery.DAY_CASE]
        + SHARE_PLANNED * planned * price[PointOfDelivery.ELECTIVE]
        + SHARE_SHORT * price[PointOfDelivery.NON_ELECTIVE_SHORT]
        + share_long * long * price[PointOfDelivery.NON_ELECTIVE_LONG]
    )

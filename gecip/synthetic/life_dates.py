"""When people were born, recruited and consented, and where: what several tables have to agree on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gecip.synthetic.disease_plan import DiseasePlan
from gecip.synthetic.random_streams import draw_freely, draw_in_proportion, random_stream
from gecip.synthetic.recruitment import Recruits, Role

Integers = npt.NDArray[np.int64]
Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Centre:
    """A Genomic Medicine Centre: name, lead trust, and the trust's ODS code."""

    name: str
    trust: str
    code: str


# Where people joined: the 13 centres of England and their lead trusts as announced by Genomics England; the codes are the trusts'.
CENTRES: tuple[Centre, ...] = (
    Centre("East of England", "Cambridge University Hospitals NHS Foundation Trust", "RGT"),
    Centre("Greater Manchester", "Central Manchester University Hospitals", "RW3"),
    Centre("West London", "Imperial College Healthcare NHS Trust", "RYJ"),
    Centre("North East and North Cumbria", "Newcastle upon Tyne Hospitals", "RTD"),
    Centre("North West Coast", "Liverpool Women's NHS Foundation Trust", "REP"),
    Centre("Oxford", "Oxford University Hospitals NHS Foundation Trust", "RTH"),
    Centre("South London", "Guy's and St Thomas' NHS Foundation Trust", "RJ1"),
    Centre("South West Peninsula", "Royal Devon and Exeter NHS Foundation Trust", "RH8"),
    Centre("North Thames", "Great Ormond Street Hospital for Children", "RP4"),
    Centre("Wessex", "University Hospital Southampton NHS Foundation Trust", "RHM"),
    Centre("West Midlands", "University Hospitals Birmingham NHS Foundation Trust", "RRK"),
    Centre("West of England", "University Hospitals Bristol NHS Foundation Trust", "RA7"),
    Centre("Yorkshire and the Humber", "Sheffield Children's NHS Foundation Trust", "RCU"),
    # The other nations joined by routes of their own; how the table names them is an assumption.
    Centre("Wales", "Cardiff and Vale University Health Board", "7A4"),
    Centre("Northern Ireland", "Belfast Health and Social Care Trust", "ZT001"),
    Centre("Scottish Genomes Partnership", "NHS Lothian", "S08000024"),
)
ENGLISH_CENTRES = 13
SCOTLAND = len(CENTRES) - 1
# Shares of the programme's people by the Welsh and the Northern Irish route; assumptions.
_OTHER_ROUTES = (0.03, 0.015)

# Probands' usual age at recruitment by disease group, in years; assumptions. Other groups: children.
_AGES = {
    "Cardiovascular disorders": (46, 16),
    "Renal and urinary tract disorders": (38, 18),
    "Ophthalmological disorders": (38, 20),
    "Tumour syndromes": (50, 13),
    "Endocrine disorders": (32, 16),
    "Respiratory disorders": (34, 18),
    "Rheumatological disorders": (30, 15),
    "Psychiatric disorders": (33, 10),
    "Haematological and immunological disorders": (24, 18),
    "Skeletal disorders": (22, 17),
    "Hearing and ear disorders": (18, 15),
}
_AGE_OF_CHILDREN = (10, 8)
# By how many years families of an ancestry are younger; so the median ages of aggV2 come out.
_YOUNGER = {"SAS": 2.3, "MIXED": 5.8, "EAS": 1.0, "AMR": 2.3, "AFR": 1.5}
_AGE_WITH_CANCER = 67.5
_OLDER_BY_GENERATION = 31.3
RECRUITMENT = (np.datetime64("2015-03-01"), np.datetime64("2018-09-30"))


@dataclass(frozen=True)
class LifeDates:
    """Facts of each person that several tables share, one place per person; `centre` is a place in `CENTRES`."""

    birth_year: Integers
    registration: Dates
    centre: Integers


def draw_life_dates(seed: int, recruits: Recruits, plan: DiseasePlan) -> LifeDates:
    """Return when each person was born and registered, and at which centre; families register together."""
    stream = random_stream(seed, "life dates")
    people = recruits.people
    days = int((RECRUITMENT[1] - RECRUITMENT[0]).astype(int))
    family_day = stream.integers(0, days, size=len(recruits.families))
    family_centre = draw_centres(stream, len(recruits.families))
    alone = people.family < 0
    day = np.where(alone, stream.integers(0, days, size=len(people)), family_day[people.family])
    # Relatives follow within weeks.
    day = day + np.where(alone, 0, stream.integers(0, 60, size=len(people)))
    centre = np.where(
        alone, draw_centres(stream, len(people)), family_centre[people.family]
    ).astype(np.int64)
    centre[recruits.scottish] = SCOTLAND
    registration = RECRUITMENT[0] + day.astype("timedelta64[D]")
    return LifeDates(
        birth_year=_draw_birth_years(stream, recruits, plan, registration),
        registration=registration,
        centre=centre,
    )


def draw_centres(stream: np.random.Generator, size: int) -> Integers:
    """Return where people joined, but for those of Scotland, whose numbers tell it."""
    english = (1 - sum(_OTHER_ROUTES)) / ENGLISH_CENTRES
    shares = [*[english] * ENGLISH_CENTRES, *_OTHER_ROUTES]
    return stream.choice(len(shares), size=size, p=shares)


def _draw_birth_years(
    stream: np.random.Generator, recruits: Recruits, plan: DiseasePlan, registration: Dates
) -> Integers:
    """Return years of birth: probands by their disease, the others by their distance from the proband."""
    people = recruits.people
    registered = registration.astype("datetime64[Y]").astype(np.int64) + 1970
    cancer_age = stream.normal(_AGE_WITH_CANCER, 12, size=len(people)).clip(18, 95)
    proband_age = np.array(
        [
            float(stream.normal(*_AGES.get(disease.group, _AGE_OF_CHILDREN)))
            for disease in plan.diseases
        ]
    )
    younger = np.array([_YOUNGER.get(str(label), 0) for label in recruits.families.ancestry])
    proband_age = (proband_age - younger).clip(0, 88)
    between = stream.normal(_OLDER_BY_GENERATION, 4, size=len(people)).clip(18, 45)
    among = stream.normal(0, 3.5, size=len(people)).clip(-5, 5)
    above = 3 - people.generation
    age = proband_age[people.family] + (above - 1) * _OLDER_BY_GENERATION + between
    age = np.where(above == 0, proband_age[people.family] + among, age)
    probands = [role is Role.PROBAND for role in people.role]
    age[probands] = proband_age[people.family[probands]]
    age = np.where(people.family < 0, cancer_age, age)
    years: Integers = registered - age.clip(min=0).astype(np.int64)
    return years


def draw_days(stream: np.random.Generator, since: Dates, *, shortest: int, longest: int) -> Dates:
    """Return days that lie `shortest` to `longest` days after `since`."""
    return since + stream.integers(shortest, longest, size=len(since)).astype("timedelta64[D]")


# Ethnic categories as people of each ancestry state them (Research Environment user guide, summary
# statistics of aggV2), in the wording of the 2001 census with its letters left out. The source has White,
# Black, Asian, Mixed and not stated: what is left is taken for other groups, and how each is divided is an
# assumption.
_SHARES_STATED = {
    "EUR": {"White": 84.1, "Mixed": 0.4, "Other": 1.2, "Not Stated": 14.3},
    "SAS": {"White": 0.9, "Black": 0.4, "Asian": 78.5, "Mixed": 1.1, "Other": 2.1, "Not Stated": 17.0},
    "AFR": {"White": 2.9, "Black": 73.5, "Asian": 0.3, "Mixed": 4.6, "Other": 1.9, "Not Stated": 16.8},
    "EAS": {"White": 2.4, "Asian": 69.3, "Mixed": 2.0, "Other": 12.0, "Not Stated": 14.3},
    "AMR": {"White": 40.3, "Black": 0.4, "Mixed": 13.9, "Other": 28.6, "Not Stated": 16.8},
    "MIXED": {"White": 36.6, "Black": 6.0, "Asian": 11.2, "Mixed": 17.2, "Other": 11.0, "Not Stated": 18.0},
}  # fmt: skip
_OTHERS_ASIANS = "Asian or Asian British: Any other Asian background"
_WITHIN = {
    "White": {"White: British": 0.92, "White: Irish": 0.02, "White: Any other White background": 0.06},
    "Black": {
        "Black or Black British: African": 0.6,
        "Black or Black British: Caribbean": 0.35,
        "Black or Black British: Any other Black background": 0.05,
    },
    "Asian": {
        "Asian or Asian British: Pakistani": 0.53,
        "Asian or Asian British: Indian": 0.28,
        "Asian or Asian British: Bangladeshi": 0.11,
        _OTHERS_ASIANS: 0.08,
    },
    "Mixed": {
        "Mixed: White and Black Caribbean": 0.3,
        "Mixed: White and Black African": 0.2,
        "Mixed: White and Asian": 0.25,
        "Mixed: Any other mixed background": 0.25,
    },
    "Other": {"Other Ethnic Groups: Any other ethnic group": 0.9, "Not Known": 0.1},
    "Not Stated": {"Not Stated": 1.0},
}  # fmt: skip
# The source counts Chinese people as Asian; in the census of 2001 they are in another group.
_WITHIN_EAST_ASIANS = {"Other Ethnic Groups: Chinese": 0.7, _OTHERS_ASIANS: 0.3}
ETHNIC_CATEGORIES = {
    ancestry: {
        category: share * part
        for word, share in shares.items()
        for category, part in (
            _WITHIN_EAST_ASIANS if (ancestry, word) == ("EAS", "Asian") else _WITHIN[word]
        ).items()
    }
    for ancestry, shares in _SHARES_STATED.items()
}


def draw_ethnic_categories(
    stream: np.random.Generator, ancestries: Sequence[str]
) -> npt.NDArray[np.object_]:
    """Return an ethnic category for each person, as people of their ancestry state it."""
    labels = np.array(ancestries, dtype=object)
    stated = np.full(len(labels), "Not Known", dtype=object)
    for ancestry in sorted(set(ancestries)):
        places = np.flatnonzero(labels == ancestry)
        stated[places] = draw_in_proportion(stream, ETHNIC_CATEGORIES[ancestry], size=len(places))
    return stated


def draw_answers(
    stream: np.random.Generator, shares: dict[str, float], size: int
) -> npt.NDArray[np.object_]:
    """Return answers to a question of the registration form; the empty answer comes as None."""
    drawn = draw_freely(stream, shares, size=size)
    return only_where(drawn != "", drawn)


def only_where(known: npt.NDArray[np.bool_], values: npt.ArrayLike) -> npt.NDArray[np.object_]:
    """Return values where they are known, None elsewhere."""
    kept = np.array(np.broadcast_to(np.asarray(values, dtype=object), known.shape))
    kept[~known] = None
    return kept

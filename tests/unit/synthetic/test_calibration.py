"""Hold releases to the programme's published proportions (summary statistics of aggV2).

One chi-square test a table, over all its cells; those in which fewer than five are expected are pooled.
Probabilities are of five seeds of 20,000 people, read from the written tables. Draws are systematic, so
that a table comes out nearer than chance would have it; it must not come out farther.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.model.genomes import AggregateGvcfSampleStats
from gecip.model.interpretation import GmcExitQuestionnaire
from gecip.model.naming import edition_of
from gecip.model.people import Participant, RareDiseasesFamily
from gecip.model.rare_disease_clinic import RareDiseasesParticipantDisease
from gecip.synthetic.casting import SOLVED_SHARE
from gecip.synthetic.exit_questionnaires import draw_exit_questionnaires
from gecip.synthetic.people_blocks import block_sizes, draw_people, makers_of
from gecip.synthetic.planted_carriers import carriers_of_planted
from gecip.synthetic.random_streams import seed_of_block
from gecip.synthetic.recruitment import CANCER_SHARE_OF_PROGRAMME, FIRST_BLOCK
from gecip.synthetic.release_tables import ReleaseTables

pytestmark = pytest.mark.slow
PEOPLE, SEEDS = 20_000, (1, 2, 3, 4, 5)
SMALLEST_P = 0.001
UNASSIGNED = "unassigned"
ANCESTRIES = {
    "african": "AFR",
    "american": "AMR",
    "east_asian": "EAS",
    "european": "EUR",
    "south_asian": "SAS",
}
TABLES = (
    Participant,
    RareDiseasesFamily,
    RareDiseasesParticipantDisease,
    AggregateGvcfSampleStats,
    GmcExitQuestionnaire,
)

# Percentages and counts as the summary statistics have them.
RARE_DISEASE = {
    "EUR": 48_295,
    "SAS": 6_531,
    "AFR": 1_485,
    "EAS": 382,
    "AMR": 203,
    UNASSIGNED: 5_160,
}
CANCER = {"EUR": 12_984, "SAS": 546, "AFR": 482, "EAS": 123, "AMR": 35, UNASSIGNED: 14_793 - 14_170}
MALES = {"AFR": 46.1, "AMR": 42.9, "EAS": 40.6, "EUR": 46.5, "SAS": 49.7, UNASSIGNED: 50.4}
MEDIAN_AGES = {"AFR": 45, "AMR": 39, "EAS": 44, "EUR": 45, "SAS": 37, UNASSIGNED: 35}
MEDIAN_AGE_WITH_CANCER = 67
STRUCTURES = {
    "EUR": {"singleton": 19.5, "duo": 13.8, "trio": 49.1, "other": 17.6},
    "AFR": {"singleton": 29.0, "duo": 20.8, "trio": 35.4, "other": 14.9},
    "SAS": {"singleton": 13.8, "duo": 11.0, "trio": 50.6, "other": 24.6},
}
STRUCTURE_OF_GROUP_TYPE = {
    "Singleton": "singleton",
    "Duo with Mother or Father": "duo",
    "Duo with other Biological Relationship": "duo",
    "Trio with Mother and Father": "trio",
}
RELATED = {"EUR": 0.4, "SAS": 16.2, UNASSIGNED: 6.6}
INCOMPLETE = 24.5
STATED = {
    "AFR": {"White": 2.9, "Black": 73.5, "Asian": 0.3, "Mixed": 4.6, "Not Stated": 16.8},
    "AMR": {"White": 40.3, "Black": 0.4, "Asian": 0.0, "Mixed": 13.9, "Not Stated": 16.8},
    "EAS": {"White": 2.4, "Black": 0.0, "Asian": 69.3, "Mixed": 2.0, "Not Stated": 14.3},
    "EUR": {"White": 84.1, "Black": 0.0, "Asian": 0.0, "Mixed": 0.4, "Not Stated": 14.3},
    "SAS": {"White": 0.9, "Black": 0.4, "Asian": 78.5, "Mixed": 1.1, "Not Stated": 17.0},
    UNASSIGNED: {"White": 36.6, "Black": 6.0, "Asian": 11.2, "Mixed": 17.2, "Not Stated": 18.0},
}
GROUPS = {
    "Neurology and neurodevelopmental disorders": (40.8, 39.0, 33.4),
    "Cardiovascular disorders": (11.9, 7.3, 11.7),
    "Renal and urinary tract disorders": (9.7, 10.2, 18.1),
    "Ophthalmological disorders": (7.5, 13.4, 14.8),
    "Tumour syndromes": (5.4, 1.6, 2.8),
    "Ultra-rare disorders": (5.4, 6.1, 2.5),
    "Skeletal disorders": (2.5, 2.1, 1.8),
    "Haematological and immunological disorders": (2.3, 1.6, 2.0),
    "Endocrine disorders": (2.2, 2.6, 2.0),
    "Hearing and ear disorders": (1.9, 3.4, 1.6),
    "Metabolic disorders": (1.8, 3.5, 2.0),
    "Dysmorphic and congenital abnormality syndromes": (1.6, 1.5, 1.3),
    "Respiratory disorders": (1.1, 0.4, 0.3),
    "Ciliopathies": (0.9, 1.4, 0.3),
    "Dermatological disorders": (0.9, 2.3, 2.4),
    "Rheumatological disorders": (0.8, 0.4, 0.5),
    "Growth disorders": (0.6, 0.3, 0.4),
    "Haematological disorders": (0.6, 0.3, 0.1),
    "Gastroenterological disorders": (0.3, 0.4, 0.1),
    "Psychiatric disorders": (0.1, 0.0, 0.5),
}
# Two groups of the demo have a size of their own, so that small counts and empty ones can be taught.
OF_THEIR_OWN_SIZE = ("Rheumatological disorders", "Psychiatric disorders")

Cells = list[tuple[float, float]]


def chance_of(cells: Cells) -> float:
    """Return the p value of counts, each with its expectation, of which the rarest are pooled.

    Degrees of freedom are one less than there are cells, which makes the test the more lenient the
    more tables of their own were put together.
    """
    from scipy.stats import chi2

    rare = [cell for cell in cells if cell[1] < 5]
    kept = [cell for cell in cells if cell[1] >= 5]
    if sum(expected for _, expected in rare) >= 1:
        kept.append((sum(seen for seen, _ in rare), sum(expected for _, expected in rare)))
    statistic = sum((seen - expected) ** 2 / expected for seen, expected in kept)
    return float(chi2.sf(statistic, max(len(kept) - 1, 1)))


def in_shares(seen: pd.Series, shares: Mapping[str, float]) -> Cells:
    """Return the counts of labels beside those expected by shares; what has none is not counted."""
    counts = seen.value_counts()
    total = sum(int(counts.get(label, 0)) for label in shares)
    return [
        (int(counts.get(label, 0)), share / sum(shares.values()) * total)
        for label, share in shares.items()
    ]


def yes_or_no(seen: pd.Series, percent: float) -> Cells:
    """Return the counts of true and false beside those expected."""
    return in_shares(seen.map({True: "yes", False: "no"}), {"yes": percent, "no": 100 - percent})


class People:
    """The people of a release with the ancestry that the table of samples predicts."""

    def __init__(self, folder: Path) -> None:
        read = {
            table: pd.read_parquet(folder / "tables" / f"{table.name}.parquet") for table in TABLES
        }
        samples = read[AggregateGvcfSampleStats]
        predicted = samples[[f"pred_{name}_ancestries" for name in ANCESTRIES]].set_axis(
            list(ANCESTRIES.values()), axis=1
        )
        assigned = predicted.idxmax(axis=1).where(predicted.max(axis=1) >= 0.8, UNASSIGNED)
        people = read[Participant].merge(
            samples[["participant_id"]].assign(ancestry=assigned), on="participant_id"
        )
        families = read[RareDiseasesFamily]
        structures = families.set_index("rare_diseases_family_id")["family_group_type"]
        people["structure"] = (
            people["rare_diseases_family_id"]
            .map(structures)
            .map(lambda kind: STRUCTURE_OF_GROUP_TYPE.get(kind, "other"))
        )
        registered = pd.to_datetime(people["registration_date"])
        people["age"] = registered.dt.year - people["year_of_birth"]
        self.all = people
        self.rare = people[people["programme"] == "Rare Diseases"]
        self.cancer = people[people["programme"] == "Cancer"]
        self.probands = self.rare[self.rare["participant_type"] == "Proband"].merge(
            read[RareDiseasesParticipantDisease][["participant_id", "normalised_disease_group"]],
            on="participant_id",
        )
        reports = read[GmcExitQuestionnaire]
        solved = reports[reports["case_solved_family"].isin(["yes", "partially"])]
        every = read[Participant]
        every = every[every["participant_type"] == "Proband"]
        self.solved = every["participant_id"].isin(solved["participant_id"])
        self.groups_of_their_own_size = int(
            (self.probands["normalised_disease_group"] == OF_THEIR_OWN_SIZE[0]).sum()
        )


def of_each(people: pd.DataFrame, labels: Mapping[str, object]) -> Mapping[str, pd.DataFrame]:
    return {label: people[people["ancestry"] == label] for label in labels}


def ancestry_of_rare_disease(people: People) -> Cells:
    return in_shares(people.rare["ancestry"], RARE_DISEASE)


def ancestry_of_cancer(people: People) -> Cells:
    return in_shares(people.cancer["ancestry"], CANCER)


def sex(people: People) -> Cells:
    cells: Cells = []
    for label, mine in of_each(people.all, MALES).items():
        cells += yes_or_no(mine["participant_phenotypic_sex"] == "Male", MALES[label])
    return cells


def family_structure(people: People) -> Cells:
    cells: Cells = []
    for label, mine in of_each(people.rare, STRUCTURES).items():
        cells += in_shares(mine["structure"], STRUCTURES[label])
    return cells


def consanguinity(people: People) -> Cells:
    cells: Cells = []
    for label, mine in of_each(people.probands, RELATED).items():
        cells += yes_or_no(mine["consanguinity"] == "Yes", RELATED[label])
    return cells


def penetrance(people: People) -> Cells:
    europeans = people.probands[people.probands["ancestry"] == "EUR"]
    return yes_or_no(europeans["penetrance"] == "incomplete", INCOMPLETE)


def disease_groups(people: People) -> Cells:
    cells: Cells = []
    for place, label in enumerate(("EUR", "SAS", "AFR")):
        mine = people.probands[people.probands["ancestry"] == label]
        shares = {
            group: shares[place]
            for group, shares in GROUPS.items()
            if shares[place] and (len(people.all) > 10_000 or group not in OF_THEIR_OWN_SIZE)
        }
        cells += in_shares(mine["normalised_disease_group"], shares)
    return cells


def ethnicity(people: People) -> Cells:
    cells: Cells = []
    for label, mine in of_each(people.all, STATED).items():
        words = mine["participant_ethnic_category"].map(_stated)
        cells += in_shares(words, STATED[label] | {"Other": 100 - sum(STATED[label].values())})
    return cells


def _stated(category: str) -> str:
    if "Chinese" in category or category.startswith("Asian"):
        return "Asian"
    return next(
        (word for word in ("White", "Black", "Mixed", "Not Stated") if category.startswith(word)),
        "Other",
    )


def age(people: People) -> Cells:
    cells: Cells = []
    for label, mine in of_each(people.all, MEDIAN_AGES).items():
        cells += _about_median(mine["age"], MEDIAN_AGES[label])
    europeans = people.cancer[people.cancer["ancestry"] == "EUR"]
    return cells + _about_median(europeans["age"], MEDIAN_AGE_WITH_CANCER)


def _about_median(ages: pd.Series, median: int) -> Cells:
    """Return how many are younger and older than a median; of those of that age a half each."""
    ties = (ages == median).sum() / 2
    half = len(ages) / 2
    return [((ages < median).sum() + ties, half), ((ages > median).sum() + ties, half)]


def solved(people: People) -> Cells:
    """A quarter of families have a diagnosis (NEJM 2021;385:1868); aggV2's were counted before most reports came."""
    return yes_or_no(people.solved, 100 * SOLVED_SHARE)


QUESTIONS: tuple[Callable[[People], Cells], ...] = (
    ancestry_of_rare_disease,
    ancestry_of_cancer,
    sex,
    family_structure,
    consanguinity,
    penetrance,
    disease_groups,
    ethnicity,
    age,
    solved,
)


def make_people(folder: Path, seed: int) -> Path:
    """Write the tables of 20,000 people that are needed here, as a release without genomes has them."""
    with ReleaseTables(folder, edition_of("v19", "")) as tables:
        block = FIRST_BLOCK
        for size in block_sizes(PEOPLE):
            own = seed_of_block(seed, block.number)
            people = draw_people(
                seed,
                participants=size,
                date=datetime.date(2024, 10, 31),
                genomes=False,
                block=block,
                cancer_share=CANCER_SHARE_OF_PROGRAMME,
            )
            nobody = np.zeros(len(people.recruits.people), dtype=bool)
            programme = people.programme(
                own, carriers_of_planted(own, people.recruits, people.planted), unrelated=nobody
            )
            makers = makers_of(programme, [draw_exit_questionnaires(programme, people.planted)])
            for table in TABLES:
                tables.append(table, makers[table](), programme)
            block = people.recruits.next_block
    return folder


@pytest.fixture(scope="module", params=SEEDS)
def people(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> People:
    return People(make_people(tmp_path_factory.mktemp("calibration"), request.param))


@pytest.fixture(scope="module")
def demo_people(demo_release_folder: Path) -> People:
    return People(demo_release_folder)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_twenty_thousand_people_have_the_programmes_proportions(
    people: People, question: Callable[[People], Cells]
) -> None:
    assert chance_of(question(people)) > SMALLEST_P


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
def test_the_demo_release_has_the_programmes_proportions(
    demo_people: People, question: Callable[[People], Cells]
) -> None:
    assert chance_of(question(demo_people)) > SMALLEST_P


def test_whether_parents_are_related_is_unknown_of_half_of_the_families(people: People) -> None:
    unknown = people.probands["consanguinity"] == "Unknown"
    by_ancestry = unknown.groupby(people.probands["ancestry"]).mean()
    for label in ("EUR", "SAS", UNASSIGNED):
        assert 0.5 < by_ancestry[label] < 0.6


def test_other_proportions_are_told_from_these() -> None:
    shares = {"yes": 25.0, "no": 75.0}
    seen = pd.Series(["yes"] * 300 + ["no"] * 700)
    assert chance_of(in_shares(seen, shares)) < SMALLEST_P
    assert chance_of(in_shares(seen[::2], shares)) > SMALLEST_P

"""Which families were interpreted, how often, and with which panels: what several tables have to agree on.

A family was interpreted once, or a second time when its panels had moved on; the second request has
the first one's number with the next version. Some families were given further diseases' panels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from gecip.model.tiering import PanelsApplied
from gecip.synthetic.clinical_rows import Programme, frame_of
from gecip.synthetic.gene_panels import Panel, gene_panels, related_panels
from gecip.synthetic.planting import Planted
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Role

if TYPE_CHECKING:
    import pandas as pd

# How many families have how many panels besides their own disease's, and which share was interpreted
# again; assumptions, by which a participant has two to three rows of panels_applied, as in the programme
# (207,966 rows at release v14).
FURTHER_PANELS = (0.45, 0.3, 0.17, 0.08)
SHARE_INTERPRETED_AGAIN = 0.2
SHARE_ON_OLDER_PANELS = 0.35


@dataclass(frozen=True)
class Request:
    """One interpretation of one family: its number with the version, and the panels that were applied."""

    family: int
    cohort: str
    number: str
    panels: tuple[Panel, ...]

    def panels_with(self, symbol: str) -> tuple[Panel, ...]:
        """Return the panels on which a gene is green."""
        return tuple(panel for panel in self.panels if panel.is_green(symbol))


def interpretation_cohort(family_number: int) -> str:
    """Return the number of the group that was interpreted together: another for each family."""
    return str(family_number * 69_621 % 99_999_989)


def request_number(family_number: int, version: int) -> str:
    """Return the number of a family's interpretation, with its version."""
    return f"{interpretation_cohort(family_number)}-{version}"


def interpreted_twice(programme: Programme) -> np.ndarray:
    """Return which families were interpreted again, one place per family."""
    stream = random_stream(programme.seed, "interpretations/again")
    drawn: np.ndarray = stream.random(len(programme.recruits.families)) < SHARE_INTERPRETED_AGAIN
    return drawn


def draw_requests(
    programme: Programme, planted: Sequence[Planted]
) -> Mapping[int, tuple[Request, ...]]:
    """Return the requests of each family of which somebody is in the tables, oldest first.

    A panel never contradicts the answer key: where a family's planted gene is on the panel of its
    disease it is so in the version applied, and where it is not, no further panel brings it in.
    """
    stream = programme.stream(PanelsApplied)
    families = programme.recruits.families
    size = len(families)
    further = np.searchsorted(np.cumsum(FURTHER_PANELS), stream.random(size), side="right")
    older = stream.random(size) < SHARE_ON_OLDER_PANELS
    chosen = stream.random((size, len(FURTHER_PANELS)))
    again = interpreted_twice(programme)
    genes: dict[int, set[str]] = {}
    for planting in planted:
        genes.setdefault(planting.family, set()).add(planting.gene.symbol)
    seen = np.unique(programme.recruits.people.family[programme.in_tables])
    return {
        family: _requests(
            programme,
            family,
            genes=frozenset(genes.get(family, ())),
            older=bool(older[family]),
            again=bool(again[family]),
            further=chosen[family, : int(further[family])],
        )
        for family in seen[seen >= 0].tolist()
    }


def _requests(
    programme: Programme,
    family: int,
    *,
    genes: frozenset[str],
    older: bool,
    again: bool,
    further: np.ndarray,
) -> tuple[Request, ...]:
    disease = programme.plan.diseases[family].name
    own = gene_panels()[disease]
    allowed = [
        gene_panels()[name]
        for name in related_panels(disease)
        if not any(gene_panels()[name].current.is_green(symbol) for symbol in genes)
    ]
    others = list(
        dict.fromkeys(int(chance * len(allowed)) for chance in further.tolist()) if allowed else ()
    )
    then = own.with_green(genes) if older or again else own.current
    first = (then, *(allowed[place].older if older else allowed[place].current for place in others))
    number = int(programme.recruits.families.number[family])
    cohort = interpretation_cohort(number)
    requests = [Request(family, cohort, request_number(number, 1), first)]
    if again:
        # The second time the panels are the current ones, and there is one more.
        more = [place for place in range(len(allowed)) if place not in others][:1]
        now = (own.current, *(allowed[place].current for place in (*others, *more)))
        requests.append(Request(family, cohort, request_number(number, 2), now))
    return tuple(requests)


def panels_applied_rows(
    programme: Programme, requests: Mapping[int, Sequence[Request]]
) -> pd.DataFrame:
    """Return one row for each member in the tables, request and panel."""
    import pandas as pd

    applied = pd.DataFrame(
        [
            (family, one.cohort, one.number, panel.name, panel.version, panel.identifier)
            for family, of_family in requests.items()
            for one in of_family
            for panel in one.panels
        ],
        columns=[
            "family",
            "interpretation_cohort_id",
            "interpretation_request_id",
            "panel_name",
            "panel_version",
            "panel_identifier",
        ],
    )
    rows = family_members(programme).merge(applied, on="family", how="inner", sort=False)
    return frame_of(PanelsApplied, {name: rows[name] for name in rows if name in _SHOWN})


_SHOWN = tuple(PanelsApplied.columns)


def family_members(programme: Programme) -> pd.DataFrame:
    """Return the rare-disease participants in the tables: who they are, in the words of the interpretation tables.

    One row per person in the order of their numbers, with `place` and `family` as places among the
    people and the families; `sample_id` is empty for who is not in the aggregate.
    """
    import pandas as pd

    people = programme.recruits.people
    places = programme.in_tables
    places = places[people.family[places] >= 0]
    family = people.family[places]
    diseases = np.array([disease.name for disease in programme.plan.diseases] or [""], dtype=object)
    samples = np.full(len(people), None, dtype=object)
    samples[programme.samples.people] = programme.samples.platekeys
    return pd.DataFrame(
        {
            "place": places,
            "family": family,
            "participant_id": people.number[places],
            "rare_diseases_family_id": programme.recruits.families.number[family],
            "sample_id": samples[places],
            "phenotype": diseases[family],
            "participant_type": [_relation(people.role[place]) for place in places],
            "participant_phenotypic_sex": np.where(people.male[places], "Male", "Female"),
        }
    )


def _relation(role: Role) -> str:
    from gecip.synthetic.clinical_rows import RELATIONSHIPS

    return RELATIONSHIPS[role] or "Proband"

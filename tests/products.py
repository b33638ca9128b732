"""Results and summaries made by hand, as small as a test needs them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gecip.analysis.genetic.carriers import CarrierCounts
from gecip.analysis.genetic.kernel_association import KernelAssociation
from gecip.provenance import Provenance
from gecip.reporting import Summary, count_people

BY_HAND = Provenance("by hand")


def people_in(groups: Mapping[str, int], *, family_size: int = 1) -> pd.DataFrame:
    """Return one row per person, so many in each group, in families of one size within a group."""
    rows: list[dict[str, object]] = []
    families = 0
    for group, people in groups.items():
        for number in range(people):
            families += number % family_size == 0
            rows.append({"participant_id": len(rows), "family_id": families, "group": group})
    return pd.DataFrame(rows, columns=["participant_id", "family_id", "group"])


def counted(
    groups: Mapping[str, int], *, provenance: Provenance = BY_HAND, family_size: int = 1
) -> Summary:
    """Return the summary of so many people in each group."""
    return count_people(
        people_in(groups, family_size=family_size),
        by="group",
        title="People by disease group",
        phenotypic=True,
        provenance=provenance,
        categories={"group": list(groups)},
    )


def crossed(table: Sequence[Sequence[int]], *, provenance: Provenance = BY_HAND) -> Summary:
    """Return the two-way summary with these counts, rows `r0 …` and columns `c0 …`, and margins."""
    cells = {
        (f"r{row}", f"c{column}"): count
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
    }
    places = [place for place, count in cells.items() for _ in range(count)]
    rows = pd.DataFrame(
        {
            "participant_id": range(len(places)),
            "family_id": range(len(places)),
            "down": [place[0] for place in places],
            "across": [place[1] for place in places],
        }
    )
    return count_people(
        rows,
        by=["down", "across"],
        title="People by two groupings",
        phenotypic=True,
        provenance=provenance,
        categories={
            "down": [f"r{row}" for row in range(len(table))],
            "across": [f"c{column}" for column in range(len(table[0]))],
        },
    )


def carriers_of(
    genes: Mapping[str, Mapping[str, int]],
    *,
    groups: Mapping[str, int],
    by: str | None = "disease_group",
    provenance: Provenance = BY_HAND,
) -> CarrierCounts:
    """Return carriers: by gene and group how many of the group's people carry, everyone a family.

    The first carrier of each gene is homozygous. Without `by` the same people are in one group.
    """
    people = people_in(groups)
    rows = []
    for gene, per_group in genes.items():
        carrying = pd.concat(
            [
                people.head(0),
                *(people[people["group"] == group].head(n) for group, n in per_group.items()),
            ]
        )
        alleles = [2, *[1] * (len(carrying) - 1)][: len(carrying)]
        rows.append(carrying.assign(gene=gene, alleles=alleles))
    carriers = pd.concat(rows, ignore_index=True)
    if by is None:
        people, carriers = people.assign(group="Everyone"), carriers.assign(group="Everyone")
    return CarrierCounts(
        provenance=provenance,
        carriers=carriers,
        people=people,
        genes=tuple(genes),
        by=by,
    )


def kernel_tested(people: pd.DataFrame) -> KernelAssociation:
    """Return the test of one gene in these people (`participant_id, family_id`)."""
    return KernelAssociation(
        BY_HAND,
        genes=pd.DataFrame({"gene": ["A"], "variants": 4, "q_statistic": 1.5, "p_value": 0.01}),
        not_tested=pd.DataFrame({"gene": [], "variants": [], "reason": []}),
        phenotype="height",
        is_binary=False,
        engine="local",
        people=people,
    )

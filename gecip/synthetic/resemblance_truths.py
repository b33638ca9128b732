"""What a learning machine should find: whose genomes come from where, and how alike affected relatives look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gecip.model.table import Table
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.clinical_rows import Programme
from gecip.synthetic.consenting import Consent
from gecip.synthetic.kinship import expected_ancestry
from gecip.synthetic.phenotype_rows import SHARED_IN_FAMILY
from gecip.synthetic.recruitment import ANCESTRIES, Role

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class ResemblanceTruths:
    """Truths that lie in tables of others: they bring no rows of their own."""

    answers: tuple[Answer, ...]
    rows: Mapping[type[Table], pd.DataFrame] = field(default_factory=dict)


def resemblance_truths(programme: Programme) -> ResemblanceTruths:
    """Return the ancestry of every consenting participant's genome by pedigree, and what affected relatives share."""
    people = programme.recruits.people
    places = [
        int(place) for place in programme.in_tables if programme.consents[place] is Consent.GIVEN
    ]
    shares = expected_ancestry(programme.truth.recruits.people)[programme.truth.donor]
    ancestry = {
        str(people.number[place]): {
            name: float(share)
            for name, share in zip(ANCESTRIES, shares[place], strict=True)
            if share > 0
        }
        for place in places
    }
    affected_relatives = sum(
        bool(programme.affected[place]) and people.role[place] is not Role.PROBAND
        for place in places
        if people.family[place] >= 0
    )
    return ResemblanceTruths(
        (
            Answer(
                kind="genetic_ancestry",
                domain="machine_learning",
                expected={"shares": ancestry},
            ),
            Answer(
                kind="features_shared_in_families",
                domain="machine_learning",
                expected={"share": SHARED_IN_FAMILY, "affected_relatives": affected_relatives},
            ),
        )
    )

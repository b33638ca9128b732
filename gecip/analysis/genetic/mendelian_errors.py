"""Mendelian errors: genotypes of a child that its parents' cannot give, by trio and by variant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from gecip.analysis.genetic.pedigree import read_pedigrees
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes

    Dosages = npt.NDArray[np.int8]
    Flags = npt.NDArray[np.bool_]

VARIANTS_AT_ONCE = 4_096


class Trio(NamedTuple):
    """A child and its parents, as columns of a matrix of dosages."""

    child: int
    father: int
    mother: int


@dataclass(frozen=True, repr=False, eq=False)
class MendelianErrors(Result):
    """How many of the children's genotypes their parents cannot have given.

    Attributes
    ----------
    trios
        One row for each trio: `participant_id` (the child's), `family_id, errors, sites` (at which all three are
        known) and `rate`.
    variants
        One row for each variant with an error: `contig, position, reference, alternate, errors, trios` (all
        three of whom are known there).
    sites
        How many autosomal variants were looked at.
    """

    trios: pd.DataFrame
    variants: pd.DataFrame
    sites: int

    def __repr__(self) -> str:
        return f"MendelianErrors(trios={len(self.trios):,}, errors={int(self.trios['errors'].sum()):,}, sites={self.sites:,})"


def mendelian_errors(genotypes: Genotypes) -> MendelianErrors:
    """Return Mendelian errors of every trio of the cohort's pedigrees, over autosomal variants with one alternate.

    A genotype is an error where no allele of each parent makes it; where one of the three is missing nothing
    is said; `hl.mendel_errors` and `bcftools +mendelian` also count what one parent alone rules out. A partial genotype counts as the load took
    it: kept, the other alternate of a decomposed site reads as reference, and a child who has it from a
    parent with both may look like an error there. True new mutations are errors too, some seventy a
    genome; a trio with a rate far above the others' is not one.

    Needs a byte for each genotype, on this machine.

    Raises
    ------
    AnalysisError
        When the pedigrees have no trio with three genomes here.
    """
    import numpy as np
    import pandas as pd

    from gecip.genotypes.dosages import dosage_matrix

    mt = genotypes.mt
    dosages, variants, people = dosage_matrix(
        genotypes.with_matrix(
            mt.filter_rows(mt.locus.in_autosome()), because="one copy of X follows other rules"
        )
    )
    place = {person: at for at, person in enumerate(people["participant_id"].tolist())}
    trios, rows = [], []
    for number, pedigree in read_pedigrees(genotypes.cohort).families.items():
        for members in pedigree.trios():
            ids = [member.participant_id for member in members]
            if all(one in place for one in ids):
                trios.append(Trio(*(place[one] for one in ids)))
                rows.append({"participant_id": ids[0], "family_id": number})
    if not trios:
        raise AnalysisError(
            "None of the cohort's pedigrees has a child and both parents among these genotypes: select whole families."
        )
    by_trio, by_variant = count_errors(dosages, trios)
    frame = pd.DataFrame(rows).assign(errors=by_trio[:, 0], sites=by_trio[:, 1])
    wrong = np.flatnonzero(by_variant[:, 0])
    return MendelianErrors(
        provenance=genotypes.provenance.then("mendelian_errors", trios=len(trios)),
        trios=frame.assign(rate=frame["errors"] / frame["sites"].where(frame["sites"] > 0)),
        variants=variants.iloc[wrong]
        .assign(errors=by_variant[wrong, 0], trios=by_variant[wrong, 1])
        .reset_index(drop=True),
        sites=len(variants),
    )


def count_errors(dosages: Dosages, trios: Sequence[Trio]) -> tuple[Any, Any]:
    """Return errors and known sites by trio, shape (trios, 2), and errors and known trios by variant, shape (variants, 2)."""
    import numpy as np

    impossible = _impossible()
    places = np.array(trios, dtype=np.int64).reshape(-1, 3)
    by_trio = np.zeros((len(places), 2), dtype=np.int64)
    by_variant = np.zeros((len(dosages), 2), dtype=np.int64)
    for start in range(0, len(dosages), VARIANTS_AT_ONCE):
        block = dosages[start : start + VARIANTS_AT_ONCE]
        child, father, mother = (block[:, places[:, one]] for one in range(3))
        known = (child >= 0) & (father >= 0) & (mother >= 0)
        wrong = known & impossible[child, father, mother]
        by_trio += np.stack([wrong.sum(axis=0), known.sum(axis=0)], axis=1)
        by_variant[start : start + len(block)] = np.stack(
            [wrong.sum(axis=1), known.sum(axis=1)], axis=1
        )
    return by_trio, by_variant


def _impossible() -> Flags:
    """Return which dosages of child, father and mother cannot be, by place; the last place is the missing one's -1."""
    import numpy as np

    given = {0: {0}, 1: {0, 1}, 2: {1}}
    table = np.zeros((4, 4, 4), dtype=np.bool_)
    for father, of_father in given.items():
        for mother, of_mother in given.items():
            possible = {one + other for one in of_father for other in of_mother}
            for child in range(3):
                table[child, father, mother] = child not in possible
    return table

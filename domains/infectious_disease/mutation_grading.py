"""Grade mutations from isolates whose resistance was tested: the statistical part of the WHO's method.

A mutation is associated with resistance to a drug when at least five isolates carry it, the odds of
being resistant are higher with it (Fisher's exact test, corrected for the number of mutations after
Benjamini and Hochberg), and the lower end of the 95 % interval of its positive predictive value is
above a quarter (Walker et al., Lancet Microbe 2022, 10.1016/S2666-5247(21)00301-3). The catalogue's
second edition goes on from there, with isolates that carry no other candidate and with the judgement
of experts; this does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domains.infectious_disease.resistance_prediction import SMALLEST_ALLELE_FRACTION
from domains.infectious_disease.sequenced_isolates import Isolates
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

FEWEST_ISOLATES = 5
LEAST_PREDICTIVE_VALUE = 0.25
SIGNIFICANT = 0.05


@dataclass(frozen=True, repr=False, eq=False)
class GradedAssociations(Result):
    """How each mutation goes with resistance to one drug.

    `rows` by variant: `present_resistant, present_susceptible, absent_resistant, absent_susceptible,
    odds_ratio, p, p_corrected, predictive_value, low, high, associated`.
    """

    drug: str
    rows: pd.DataFrame

    def __repr__(self) -> str:
        return (
            f"GradedAssociations({self.drug}, mutations={len(self.rows):,}, "
            f"associated={int(self.rows['associated'].sum()):,})"
        )


def grade_mutations(
    isolates: Isolates,
    *,
    drug: str,
    genes: tuple[str, ...],
    categories: tuple[str, ...] = ("WHO",),
    smallest_allele_fraction: float = SMALLEST_ALLELE_FRACTION,
) -> GradedAssociations:
    """Return how each mutation of some genes goes with resistance to a drug in culture.

    Parameters
    ----------
    isolates
        Isolates with variants and tests in culture.
    drug
        The drug.
    genes
        The genes to look in: those on which the drug may act, and no others, since every gene more
        costs power.
    categories
        Which tests to use, the first one that an isolate has.
    smallest_allele_fraction
        Share of the reads from which on a variant counts as present.

    Raises
    ------
    AnalysisError
        When the isolates tested are not of both kinds, resistant and susceptible.
    """
    tests = isolates.susceptibility
    tests = tests[(tests["drug"] == drug) & tests["phenotypic_category"].isin(categories)]
    order = tests["phenotypic_category"].map({name: at for at, name in enumerate(categories)})
    first = tests.assign(order=order).sort_values("order", kind="stable")
    resistant = first.drop_duplicates("isolate").set_index("isolate")["phenotype"] == "R"
    if resistant.nunique() < 2:
        raise AnalysisError(
            f"The isolates tested against {drug} are not both resistant and susceptible, so that nothing can be told "
            "apart: name another drug or other categories."
        )
    variants = isolates.variants
    present = variants[
        variants["gene"].isin(genes)
        & (variants["allele_fraction"] >= smallest_allele_fraction)
        & variants["isolate"].isin(resistant.index)
    ].drop_duplicates(["isolate", "variant"])
    carriers = present["isolate"].map(resistant).groupby(present["variant"]).agg(["sum", "size"])
    return GradedAssociations(
        provenance=isolates.provenance.then(
            "grade_mutations", drug=drug, genes=list(genes), categories=list(categories)
        ),
        drug=drug,
        rows=_associations(carriers, int(resistant.sum()), int((~resistant).sum())),
    )


def _associations(carriers: pd.DataFrame, resistant: int, susceptible: int) -> pd.DataFrame:
    import numpy as np
    from scipy.stats import false_discovery_control
    from statsmodels.stats.proportion import proportion_confint

    a = carriers["sum"].to_numpy(dtype=np.int64)
    b = carriers["size"].to_numpy(dtype=np.int64) - a
    c, d = resistant - a, susceptible - b
    with np.errstate(divide="ignore", invalid="ignore"):
        odds_ratio = (a * d) / (b * c)
    p = _fisher(a, b, c, d)
    # The interval of the WHO's own method is the exact one of Clopper and Pearson.
    low, high = proportion_confint(a, a + b, alpha=0.05, method="beta")
    corrected = false_discovery_control(p) if len(p) else p
    rows = carriers.assign(
        present_resistant=a,
        present_susceptible=b,
        absent_resistant=c,
        absent_susceptible=d,
        odds_ratio=odds_ratio,
        p=p,
        p_corrected=corrected,
        predictive_value=a / (a + b),
        low=low,
        high=high,
        associated=(a + b >= FEWEST_ISOLATES)
        & (odds_ratio > 1)
        & (corrected < SIGNIFICANT)
        & (low > LEAST_PREDICTIVE_VALUE),
    )
    return rows.drop(columns=["sum", "size"]).sort_values(["p", "variant"])


def _fisher(*counts: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Return the two-sided p-value of each table; tables that are alike are computed once."""
    import numpy as np
    from scipy.stats import fisher_exact

    tables, back = np.unique(np.stack(counts, axis=1), axis=0, return_inverse=True)
    values = [fisher_exact(table.reshape(2, 2)).pvalue for table in tables]
    return np.array(values, dtype=float)[back.reshape(-1)]

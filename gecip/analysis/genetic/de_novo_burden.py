"""Whether trios carry more de novo variants than the mutability of the genes lets expect.

Samocha and others, Nat Genet 2014;46:944; as in denovolyzeR (Ware and others 2015).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.analysis.result import Result
from gecip.errors import InputError
from gecip.provenance import Provenance, software_versions

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, repr=False, eq=False)
class DeNovoBurden(Result):
    """Observed beside expected de novo variants.

    `rows` has `key` (as the rates were named: a class, a gene, or both as a tuple), `rate` (mutations per
    chromosome and generation), `observed, expected, enrichment` (observed over expected) and `p_value`, the
    chance of as many or more under a Poisson law. `n_trios` were looked at.
    """

    rows: pd.DataFrame
    n_trios: int

    def __repr__(self) -> str:
        return f"DeNovoBurden(tests={len(self.rows):,}, trios={self.n_trios:,})"


def de_novo_burden(
    observed: Mapping[Hashable, int],
    rates: Mapping[Hashable, float],
    n_trios: int,
    *,
    provenance: Provenance | None = None,
) -> DeNovoBurden:
    """Return for each rate how many de novo variants were seen, how many to expect, and the one-sided Poisson p.

    Expected are 2 · trios · rate, as each child has two copies; rates of X have to be brought to the children's
    sexes before. With two tests in each of 19,618 genes, Samocha's limit is 0.05 / 39,236 = 1.3e-6.

    Parameters
    ----------
    observed
        How many variants were seen, by class or gene or whatever `rates` is named by; what is absent was not seen.
    rates
        Mutations per chromosome and generation, summed over all genes and classes that a key stands for.
    n_trios
        How many children with both parents were searched.
    provenance
        Of the counts, where they come from a release.

    Raises
    ------
    InputError
        When something was observed for which there is no rate, or a number cannot be: each is named.
    """
    import pandas as pd
    from scipy.stats import poisson

    problems = _problems(observed, rates, n_trios)
    if problems:
        raise InputError(problems)
    seen = [int(observed.get(key, 0)) for key in rates]
    rows = pd.DataFrame(
        {"key": pd.Series(list(rates), dtype="object"), "rate": [float(one) for one in rates.values()], "observed": seen}
    )  # fmt: skip
    rows["expected"] = 2 * n_trios * rows["rate"]
    rows["enrichment"] = rows["observed"] / rows["expected"]
    rows["p_value"] = poisson.sf(rows["observed"] - 1, rows["expected"])
    start = provenance or Provenance("own_counts", software=software_versions())
    return DeNovoBurden(
        provenance=start.then("de_novo_burden", trios=n_trios, tests=len(rows)),
        rows=rows,
        n_trios=n_trios,
    )


def _problems(
    observed: Mapping[Hashable, int], rates: Mapping[Hashable, float], n_trios: int
) -> list[str]:
    problems = []
    if n_trios < 1:
        problems.append(f"n_trios is {n_trios!r}: give how many trios were searched, at least 1.")
    if not rates:
        problems.append("rates is empty: give a mutation rate for each class or gene.")
    problems += [
        f"rates[{key!r}] is {rate!r}: a rate is a positive number of mutations per chromosome and generation."
        for key, rate in rates.items()
        if not (math.isfinite(rate) and rate > 0)
    ]
    for key, count in observed.items():
        if key not in rates:
            problems.append(
                f"observed[{key!r}] has no rate: add it to rates, or leave the count out."
            )
        if not math.isfinite(count) or count < 0 or count != int(count):
            problems.append(f"observed[{key!r}] is {count!r}: a count is 0 or a whole number.")
    return problems

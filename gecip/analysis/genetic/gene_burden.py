"""Gene burden: in which genes do patients carry more often than others, after geneBurdenRD.

The method is that of Cipriani et al. (Nature 2025, 10.1038/s41586-025-08623-w) and its code: each gene
and test is a table of two by two, people by carrying and being a case. It is tested where there are at
least 5 cases, one carrier among them and 4 carriers in all. The false discovery rate is taken over all
tests of all groups of cases.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from gecip.analysis.clinical.enrichment import odds_ratio
from gecip.analysis.genetic.qualifying import QualifyingVariants
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.table import nearest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    Numbers = npt.NDArray[np.float64]

Method = Literal["fisher", "firth"]
People = Collection[int | str]
FEWEST_CASES, FEWEST_CARRYING_CASES, FEWEST_CARRIERS = 5, 1, 4
DISCOVERY, STRONG_RATIO = 0.05, 3.0
FEW_CASES, FEW_CARRIERS, NO_CONTROLS, NOT_FITTED = (
    "fewer than 5 cases",
    "fewer than 4 carriers",
    "nobody is a control",
    "the model did not converge",
)


@dataclass(frozen=True, repr=False, eq=False)
class GeneBurden(Result):
    """How often cases and controls carry, gene by gene, test by test, for each group of cases.

    Attributes
    ----------
    tests
        A row for each that was tested, the smallest p first: `cases, gene, test, carrying_cases, n_cases,
        carrying_controls, n_controls, odds_ratio, low, high, p, q, p_bonferroni`; `cases` names the group.
    not_tested
        Of how many genes and tests with a carrier among the cases there is no p, and why: `cases, reason, count`.
    method, covariates
        As asked.
    groups
        Who was compared: `participant_id, family_id` and a column for each group, true for a case, false
        for a control, missing for who is neither.
    qualifying
        Who carries.
    is_one_per_family
        Whether one person of each family was taken, for want of an unrelated set.
    """

    tests: pd.DataFrame
    not_tested: pd.DataFrame
    method: Method
    covariates: tuple[str, ...]
    groups: pd.DataFrame
    qualifying: QualifyingVariants
    is_one_per_family: bool

    def __repr__(self) -> str:
        found = int((self.tests["q"] < DISCOVERY).sum())
        return (
            f"GeneBurden(method={self.method!r}, groups={self.groups.shape[1] - 2}, tests={len(self.tests):,}, "
            f"q under {DISCOVERY}: {found:,})"
        )


def gene_burden(
    qualifying: QualifyingVariants,
    *,
    cases: str | Mapping[str, People],
    controls: Mapping[str, People] | None = None,
    method: Method = "fisher",
    covariates: Sequence[str] = (),
    among: People | None = None,
) -> GeneBurden:
    """Return in which genes cases carry qualifying variants more often than controls.

    A person who carries is one, however many alleles they have. Relatives share variants, so that
    people have to be unrelated: give an unrelated set, or one person of each family is taken, the
    proband if there is one, which leaves families that are related to each other.

    Fisher's test is one-sided, for more carriers among cases; its odds ratio has Woolf's interval, with
    a half added where a count is 0. Firth's logistic regression gives the p of the penalised likelihood
    ratio, two-sided, and its profile's interval; with covariates it is adjusted for them, and people
    without one of them are left out. Counting takes a second for a million carriers; Firth one fit a
    test, of milliseconds to a second by the number of people.

    Parameters
    ----------
    qualifying
        Who carries.
    cases
        A clinical column whose every value makes a group of cases, or who the cases of each named
        group are.
    controls
        Who the controls of a group are; for groups that it does not name, everybody else.
    method
        `"fisher"` or `"firth"`.
    covariates
        Clinical columns for Firth's regression; words become a column for each value but the commonest.
    among
        The unrelated people that are compared.

    Raises
    ------
    AnalysisError
        When there is no such column or method, groups overlap their controls, or nobody is left.
    """
    import numpy as np

    _require_sense(qualifying, cases, method, covariates)
    people, one_per_family = _unrelated(qualifying.people, among)
    groups = _groups(people, cases, controls)
    counts, untested = _counted(qualifying, groups)
    if method == "fisher":
        tests = _fisher(counts)
    else:
        design = _design(people, covariates)
        complete = ~np.isnan(design).any(axis=1)
        # People without a covariate are not compared.
        groups, design = groups[complete].reset_index(drop=True), design[complete]
        tests, failed = _firth(counts, qualifying, design, groups)
        untested += failed
    return GeneBurden(
        provenance=qualifying.provenance.then(
            "gene_burden",
            cases=cases if isinstance(cases, str) else sorted(cases),
            method=method,
            covariates=list(covariates),
            people=len(people),
            one_per_family=one_per_family,
        ),
        tests=_corrected(tests),
        not_tested=_reasons(untested),
        method=method,
        covariates=tuple(covariates),
        groups=groups,
        qualifying=qualifying,
        is_one_per_family=one_per_family,
    )


# -- who is compared ----------------------------------------------------------------------------------


def _require_sense(
    qualifying: QualifyingVariants,
    cases: str | Mapping[str, People],
    method: str,
    covariates: Sequence[str],
) -> None:
    columns = tuple(map(str, qualifying.people.columns))
    if method not in ("fisher", "firth"):
        raise AnalysisError(f"Burden is tested by 'fisher' or by 'firth', and not by {method!r}.")
    if covariates and method == "fisher":
        raise AnalysisError(
            "Fisher's test takes no covariates: ask for method='firth', or match cases and controls."
        )
    for name in (*([cases] if isinstance(cases, str) else []), *covariates):
        if name not in columns:
            raise AnalysisError(
                f"The people have no clinical column {name!r}{nearest(name, columns)}"
            )
    if not cases:
        raise AnalysisError("There is no group of cases: name at least one, with its people.")


def _unrelated(people: pd.DataFrame, among: People | None) -> tuple[pd.DataFrame, bool]:
    if among is not None:
        kept = people[people["participant_id"].isin(set(among))]
    else:
        order = people.assign(
            _later=people["participant_type"] != "Proband"
            if "participant_type" in people
            else False
        ).sort_values(["_later", "participant_id"], kind="stable")
        first = order["family_id"].isna() | ~order["family_id"].duplicated()
        kept = people.loc[order.index[first]].sort_index()
    if kept.empty:
        raise AnalysisError(
            "Nobody is left to be compared: the people asked for have no genomes among these."
        )
    return kept.reset_index(drop=True), among is None


def _groups(
    people: pd.DataFrame,
    cases: str | Mapping[str, People],
    controls: Mapping[str, People] | None,
) -> pd.DataFrame:
    """Return the people with a column for each group: 1 for a case, 0 for a control, missing for neither."""
    import pandas as pd

    ids = people["participant_id"]
    frame: dict[str, Any] = {"participant_id": ids, "family_id": people["family_id"]}
    if isinstance(cases, str):
        values = people[cases]
        for value in sorted(values.dropna().unique(), key=str):
            frame[str(value)] = (values == value).astype("boolean")
            frame[str(value)] = frame[str(value)].fillna(value=False)
    else:
        for name, members in cases.items():
            is_case = ids.isin(set(members))
            of_group = None if controls is None else controls.get(name)
            is_control = ~is_case if of_group is None else ids.isin(set(of_group))
            if (is_case & is_control).any():
                raise AnalysisError(
                    f"Somebody is both a case and a control of {name!r}: leave the cases out of its controls."
                )
            frame[name] = is_case.astype("boolean").where(is_case | is_control)
    return pd.DataFrame(frame)


# -- counting -----------------------------------------------------------------------------------------


def _counted(
    qualifying: QualifyingVariants, groups: pd.DataFrame
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Return the counts of what can be tested, and group and reason of what cannot."""
    import pandas as pd

    carriers = qualifying.carriers.merge(groups, on="participant_id", how="inner")
    found: list[pd.DataFrame] = []
    untested: list[tuple[str, str]] = []
    names = groups.columns[2:]
    for test in qualifying.tests:
        asked = qualifying.asked.get(test)
        people = groups if asked is None else groups[groups["participant_id"].isin(asked)]
        of_test = carriers[carriers["test"] == test]
        for name in names:
            counted = (
                of_test.dropna(subset=[name]).groupby(["gene", name])["participant_id"].nunique()
            )
            table = counted.unstack(fill_value=0).reindex(columns=[True, False], fill_value=0)
            table = table[table[True] >= FEWEST_CARRYING_CASES]
            n_cases = int(people[name].sum())
            n_controls = int(people[name].notna().sum()) - n_cases
            enough = table[table.sum(axis=1) >= FEWEST_CARRIERS]
            if n_cases < FEWEST_CASES or n_controls == 0:
                why = FEW_CASES if n_cases < FEWEST_CASES else NO_CONTROLS
                untested += [(str(name), why)] * len(table)
                continue
            untested += [(str(name), FEW_CARRIERS)] * (len(table) - len(enough))
            found.append(
                pd.DataFrame(
                    {
                        "cases": str(name),
                        "gene": enough.index,
                        "test": test,
                        "carrying_cases": enough[True].to_numpy(dtype=int),
                        "n_cases": n_cases,
                        "carrying_controls": enough[False].to_numpy(dtype=int),
                        "n_controls": n_controls,
                    }
                )
            )
    columns = [
        "cases",
        "gene",
        "test",
        "carrying_cases",
        "n_cases",
        "carrying_controls",
        "n_controls",
    ]
    return (
        pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)
    ), untested


def _reasons(untested: list[tuple[str, str]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(untested, columns=["cases", "reason"])
    return frame.groupby(["cases", "reason"]).size().rename("count").reset_index()


# -- testing ------------------------------------------------------------------------------------------


def _fisher(counts: pd.DataFrame) -> pd.DataFrame:
    import numpy as np
    from scipy.stats import hypergeom

    rows = counts[["carrying_cases", "n_cases", "carrying_controls", "n_controls"]].astype(int)
    d, n, c, m = (rows[name].to_numpy() for name in rows)
    p = hypergeom.sf(d - 1, n + m, d + c, n) if len(rows) else np.empty(0)
    ratios = [
        odds_ratio([[int(d_), int(n_ - d_)], [int(c_), int(m_ - c_)]])
        for d_, n_, c_, m_ in zip(d, n, c, m, strict=True)
    ]
    named = np.array(ratios, dtype=float).reshape(-1, 3)
    return counts.assign(
        odds_ratio=named[:, 0], low=named[:, 1], high=named[:, 2], p=np.minimum(p, 1.0)
    )


def _firth(
    counts: pd.DataFrame,
    qualifying: QualifyingVariants,
    design: Numbers,
    groups: pd.DataFrame,
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Return the fits, and what did not converge."""
    import numpy as np
    import pandas as pd

    carrying = {
        key: set(frame["participant_id"])
        for key, frame in qualifying.carriers.groupby(["gene", "test"])
    }
    ids = groups["participant_id"]
    rows, failed = [], []
    for row in counts.to_dict("records"):
        asked = qualifying.asked.get(row["test"])
        used = groups[row["cases"]].notna().to_numpy()
        if asked is not None:
            used &= ids.isin(asked).to_numpy()
        carries = ids.isin(carrying[row["gene"], row["test"]]).to_numpy()[used]
        is_case = groups[row["cases"]].fillna(value=False).to_numpy(dtype=bool)[used]
        fit = _fit(is_case, np.column_stack([carries, design[used]]))
        if fit is None:
            failed.append((str(row["cases"]), NOT_FITTED))
            continue
        rows.append(
            row
            | {
                # People without a covariate are not in the counts either.
                "carrying_cases": int((carries & is_case).sum()),
                "n_cases": int(is_case.sum()),
                "carrying_controls": int((carries & ~is_case).sum()),
                "n_controls": int((~is_case).sum()),
            }
            | dict(zip(("odds_ratio", "low", "high", "p"), fit, strict=True))
        )
    columns = [*counts.columns, "odds_ratio", "low", "high", "p"]
    return pd.DataFrame(rows, columns=columns), failed


def _fit(
    is_case: npt.NDArray[np.bool_], design: Numbers
) -> tuple[float, float, float, float] | None:
    """Return odds ratio, its profile's interval and the p of the penalised likelihood ratio, or None."""
    import warnings

    import numpy as np
    from firthmodels import FirthLogisticRegression
    from sklearn.exceptions import ConvergenceWarning

    if is_case.all() or not is_case.any() or np.ptp(design[:, 0]) == 0:
        return None
    # Columns that repeat others have no estimate of their own.
    varying = design[:, [0, *(1 + np.flatnonzero(np.ptp(design[:, 1:], axis=0) > 0))]]
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("error", RuntimeWarning)
        try:
            model = FirthLogisticRegression(backend="numpy", max_iter=100, gtol=1e-8, xtol=1e-8)
            model.fit(varying, is_case.astype(float)).lrt(0)
        except (ConvergenceWarning, RuntimeWarning, np.linalg.LinAlgError):
            return None
        try:
            low, high = model.conf_int(method="pl", features=0)[0]
        except (ConvergenceWarning, RuntimeWarning, np.linalg.LinAlgError):
            # The p stands without its interval.
            low = high = np.nan
    beta, p = float(model.coef_[0]), float(model.lrt_pvalues_[0])
    return float(np.exp(beta)), float(np.exp(low)), float(np.exp(high)), p


def _design(people: pd.DataFrame, covariates: Sequence[str]) -> Numbers:
    """Return covariates as standardised columns: numbers as they are, words as indicators."""
    import numpy as np
    import pandas as pd

    columns: list[Numbers] = []
    for name in covariates:
        values = people[name]
        if pd.api.types.is_numeric_dtype(values):
            columns.append(pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan))
            continue
        missing = values.isna().to_numpy()
        columns += [
            np.where(missing, np.nan, (values == word).to_numpy(dtype=float, na_value=np.nan))
            for word in values.value_counts().index[1:]
        ]
    design = np.column_stack(columns) if columns else np.empty((len(people), 0))
    deviation = np.nanstd(design, axis=0) if len(people) else np.ones(design.shape[1])
    centred: Numbers = (design - np.nanmean(design, axis=0)) / np.where(deviation > 0, deviation, 1)
    return centred


def _corrected(tests: pd.DataFrame) -> pd.DataFrame:
    """Return the tests with what holds over all of them, the smallest p first."""
    from scipy.stats import false_discovery_control

    p = tests["p"].to_numpy(dtype=float)
    corrected = tests.assign(
        p=p,
        q=false_discovery_control(p) if len(p) else p,
        p_bonferroni=(p * len(p)).clip(max=1.0),
    )
    return corrected.sort_values(
        ["p", "odds_ratio", "gene"], ascending=[True, False, True], ignore_index=True
    )

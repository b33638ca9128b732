"""Association: whether people with more copies of an allele differ, variant by variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from gecip.analysis.genetic.association_design import Design, designs
from gecip.analysis.genetic.engine import Engine, require_engine
from gecip.analysis.genetic.inflation import genomic_inflation
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.analysis.genetic.association_local import Counts, Fits
    from gecip.genotypes import Genotypes
    from gecip.genotypes.compact_runs import CompactGenotypes

    Numbers = npt.NDArray[np.float64]

Model = Literal["linear", "logistic"]
Test = Literal["wald", "score", "firth", "firth-fallback"]

# Why a variant has no result, in the order in which it is asked.
NO_GENOTYPES = "nobody has a genotype"
ALL_ALIKE = "everybody has the same genotype"
TOLD_BY_COVARIATES = "the covariates tell the genotype"
NOT_SETTLED = "no fit was found: carriers are all cases or all controls, or nearly"
FAULTS = (NO_GENOTYPES, ALL_ALIKE, TOLD_BY_COVARIATES, NOT_SETTLED)
LEAST_SHARE = 1e-9
STATISTICS = {
    "wald": "z",
    "score": "chi-squared",
    "firth": "chi-squared",
    "firth-fallback": "chi-squared",
}


@dataclass(frozen=True, repr=False, eq=False)
class Association(Result):
    """What an association found of each variant and phenotype.

    Attributes
    ----------
    frame
        One row for each phenotype and variant, by phenotype and then in the order of the genome:
        `phenotype, contig, position, reference, alternate, n` (people in the fit), `alt_frequency`,
        `minor_allele_count` (both of alleles that were called; one copy of X counts once),
        `beta` (for each alternate allele; log odds in a logistic model), `standard_error`, `statistic`
        (t of a linear model, z of Wald's test, else chi-squared of one degree of freedom), `p_value`
        (two-sided; 0 below about 1e-308), `log10_p` (its common logarithm, also below), `converged`, and
        `fault`: why there is no result, missing where there is one. With the test `firth-fallback`
        `firth` tells which rows are Firth's.
    fitted
        Who was in the fit of each phenotype, as counts: `phenotype, n, families, cases, controls,
        families_of_cases, families_of_controls`; cases and controls are missing in a linear model.
    model, test
        What was fitted, and by which test it was judged.
    engine
        Which engine computed it: `"local"` or `"hail"`.
    people
        By phenotype, who was in its fit, one row each: `participant_id, family_id, is_case`, the last of a
        logistic model only. Row level; empty where nothing but their number is known.
    """

    frame: pd.DataFrame
    fitted: pd.DataFrame
    model: Model
    test: Test
    engine: Literal["hail", "local"]
    people: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    def of(self, phenotype: str) -> pd.DataFrame:
        """Return the rows of one phenotype, without its column.

        Raises
        ------
        AnalysisError
            When it is none of those that were analysed.
        """
        rows = self.frame[self.frame["phenotype"] == phenotype]
        if not (self.frame["phenotype"].cat.categories == phenotype).any():
            raise AnalysisError(
                f"There is no phenotype {phenotype!r} here: take of {', '.join(self.frame['phenotype'].cat.categories)}."
            )
        return rows.drop(columns="phenotype").reset_index(drop=True)

    def inflation(self) -> dict[str, float]:
        """Return λGC of each phenotype: see `genomic_inflation`."""
        return {
            str(name): genomic_inflation(rows["p_value"])
            for name, rows in self.frame.groupby("phenotype", observed=False)
        }

    def __repr__(self) -> str:
        phenotypes = list(self.frame["phenotype"].cat.categories)
        return (
            f"Association(variants={len(self.frame) // max(len(phenotypes), 1):,}, phenotypes={phenotypes}, "
            f"model={self.model!r}, test={self.test!r}, engine={self.engine!r})"
        )


def association(
    genotypes: Genotypes,
    phenotypes: str | Sequence[str],
    covariates: Sequence[str] = (),
    *,
    model: Model = "linear",
    test: Test = "wald",
    people: pd.DataFrame | None = None,
    copies_of_one: Literal[1, 2] = 2,
    engine: Engine = "auto",
) -> Association:
    """Return the association of phenotypes with each variant that has one alternate allele.

    A fit has an intercept, the covariates, and the count of alternate alleles. A missing genotype
    counts as the mean of the others, as in Hail, EPACTS and regenie (plink2 leaves that person out of that
    variant). Who lacks a covariate is in no fit, who lacks a phenotype not in that one's: phenotypes that
    the same people have are fitted together. Both engines give the same numbers to six digits; the local
    one works on the compact store in blocks and holds at most what
    `gecip.analysis.genetic.association_local.working_bytes` tells beside its result.

    Parameters
    ----------
    genotypes
        Whose genotypes, and which variants.
    phenotypes
        One or several columns of numbers; of a logistic model 0 and 1, or true and false.
    covariates
        Columns of numbers to allow for, such as age, sex as 0 and 1, and principal components.
    model
        `"linear"` for a measurement, `"logistic"` for cases and controls.
    test
        Of a logistic model: `"wald"`, `"score"` (no fit for each variant: quickest, and the effect is
        the first step only), `"firth"` (penalised likelihood ratio, for rare variants and few cases), or
        `"firth-fallback"`: Wald's, and Firth's where an allele is carried by cases alone or controls alone, or
        where Wald's fit is not found in 25 steps. That is when plink2 falls back, by default; it then divides
        Firth's estimate by its standard error, where this takes the likelihood ratio, as `"firth"` does, so that
        estimates agree and these p-values differ. The statistic is chi-squared for all, of Wald's the square of z.
        Of a linear model Wald's is exact.
    people
        `participant_id` and the columns that are named, one row for each person; the clinical columns of
        the genotypes if not given. Who is not in it has them missing.
    copies_of_one
        What the one copy counts that males have of X: 2, as both copies of a female do, since one of
        hers is silenced (also plink2's and regenie's choice), or 1. It changes no p-value where everybody
        is male. Sex is not made a covariate by itself.
    engine
        `"local"`, `"hail"` (on a cluster, or to compare), or `"auto"`: local unless Hail runs on a cluster
        and the calls are not in the local store.

    Raises
    ------
    AnalysisError
        When a column is missing, not numbers or constant, covariates are combinations of each other,
        they alone tell cases from controls, or too few people are left.
    """
    from gecip.genotypes.compact_selection import compact_genotypes

    names = [phenotypes] if isinstance(phenotypes, str) else list(phenotypes)
    _require_known(names, covariates, model, test, engine, copies_of_one)
    chosen = _engine_for(genotypes, engine)
    table = _people_of(genotypes, people)
    if chosen == "local":
        compact = replace(compact_genotypes(genotypes), people=table)
        frame = associate_compact(compact, names, covariates, model=model, test=test, copies_of_one=copies_of_one)  # fmt: skip
    else:
        frame = _by_hail(genotypes, table, names, covariates, model=model, test=test, copies_of_one=copies_of_one)  # fmt: skip
    in_fit = _in_fit(
        table.assign(family_id=_families_of(genotypes)),
        names,
        covariates,
        binary=model == "logistic",
    )
    return Association(
        provenance=genotypes.provenance.then(
            "association",
            phenotypes=names,
            covariates=list(covariates),
            model=model,
            test=test,
            copies_of_one=copies_of_one,
            engine=chosen,
        ),
        frame=frame,
        fitted=_fitted(in_fit),
        model=model,
        test=test,
        engine=chosen,
        people=in_fit,
    )


def _require_known(
    names: Sequence[str], covariates: Sequence[str], model: str, test: str, engine: str, copies: int
) -> None:
    if not names or len(set(names)) < len(names) or isinstance(covariates, str):
        raise AnalysisError(
            "association takes one phenotype or several different ones, and a list of covariates, as in "
            "association(genotypes, 'height', ['age', 'PC1'])."
        )
    for given, known, parameter in (
        (model, ("linear", "logistic"), "model"),
        (test, tuple(STATISTICS) if model == "logistic" else ("wald",), "test"),
        (copies, (1, 2), "copies_of_one"),
    ):
        if given not in known:
            of = f" of a {model} model" if parameter == "test" else ""
            raise AnalysisError(
                f"{parameter}={given!r}{of} is not known: take {' or '.join(map(repr, known))}."
            )
    require_engine(engine)


def _engine_for(genotypes: Genotypes, engine: Engine) -> Literal["hail", "local"]:
    from gecip.configuration import spark_master
    from gecip.genotypes.hail_steps import stored_parts

    if engine != "auto":
        return engine
    return "hail" if spark_master() and stored_parts(genotypes.mt) is None else "local"


def _people_of(genotypes: Genotypes, people: pd.DataFrame | None) -> pd.DataFrame:
    """Return a row for each column of the genotypes, in their order."""
    from gecip.genotypes.compact_selection import people_of

    columns = people_of(genotypes)
    if people is None:
        return columns
    if "participant_id" not in people or people["participant_id"].duplicated().any():
        raise AnalysisError(
            "people= needs a column participant_id with each person once: that joins its rows to the genotypes."
        )
    indexed = people.set_index("participant_id")
    return indexed.reindex(columns["participant_id"]).reset_index()


def _families_of(genotypes: Genotypes) -> Any:
    """Return the family of each column; missing where the genotypes know of none."""
    from gecip.genotypes.compact_selection import people_of

    return people_of(genotypes).get("family_id")


def _in_fit(
    table: pd.DataFrame, names: Sequence[str], covariates: Sequence[str], *, binary: bool
) -> dict[str, pd.DataFrame]:
    """Return who was in the fit of each phenotype, in the order asked for."""
    found = {}
    for design in designs(table, names, covariates, binary=binary):
        people = table.loc[design.people, ["participant_id", "family_id"]].reset_index(drop=True)
        for place, name in enumerate(design.names):
            is_case = {"is_case": design.phenotypes[:, place] == 1} if binary else {}
            found[name] = people.assign(**is_case)
    return {name: found[name] for name in names}


def _fitted(people: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return how many people and families were in the fit of each phenotype."""
    import pandas as pd

    rows = []
    for name, of_fit in people.items():
        row = {
            "phenotype": name,
            "n": len(of_fit),
            "families": of_fit["family_id"].nunique(),
            **dict.fromkeys(
                ("cases", "controls", "families_of_cases", "families_of_controls"), pd.NA
            ),
        }
        if "is_case" in of_fit:
            groups = {"cases": of_fit[of_fit["is_case"]], "controls": of_fit[~of_fit["is_case"]]}
            for group, some in groups.items():
                row |= {group: len(some), f"families_of_{group}": some["family_id"].nunique()}
        rows.append(row)
    frame = pd.DataFrame(rows)
    return frame.astype(dict.fromkeys(frame.columns[1:], "Int64"))


Found = list[tuple[Design, "Counts", "Fits"]]


def associate_compact(
    genotypes: CompactGenotypes,
    phenotypes: Sequence[str],
    covariates: Sequence[str] = (),
    *,
    model: Model = "linear",
    test: Test = "wald",
    copies_of_one: Literal[1, 2] = 2,
) -> pd.DataFrame:
    """Return what `association` finds by its local engine, of genotypes that are compact already.

    Phenotypes and covariates are columns of `genotypes.people`; the frame is `Association.frame`.

    Raises
    ------
    AnalysisError
        As `association`.
    """
    from gecip.analysis.genetic.association_local import fit_linear, fit_logistic

    found: Found = []
    for design in designs(genotypes.people, phenotypes, covariates, binary=model == "logistic"):
        if model == "linear":
            counts, fits = fit_linear(genotypes, design, doubled=copies_of_one == 2)
        else:
            counts, fits = fit_logistic(genotypes, design, doubled=copies_of_one == 2, test=test)
        found.append((design, counts, fits))
    return _frame(genotypes.variants, phenotypes, found, _kind(model, test))


def _by_hail(
    genotypes: Genotypes,
    table: pd.DataFrame,
    phenotypes: Sequence[str],
    covariates: Sequence[str],
    *,
    model: Model,
    test: Test,
    copies_of_one: int,
) -> pd.DataFrame:
    from gecip.analysis.genetic.association_hail import fit_by_hail

    wanted = list(designs(table, phenotypes, covariates, binary=model == "logistic"))
    found, keys = fit_by_hail(genotypes, wanted, model, test, copies_of_one)
    return _frame(keys, phenotypes, found, _kind(model, test))


def _kind(model: Model, test: Test) -> str:
    return "t" if model == "linear" else STATISTICS[test]


def _frame(keys: pd.DataFrame, names: Sequence[str], found: Found, kind: str) -> pd.DataFrame:
    """Return the results of all phenotypes, in the order in which they were asked for."""
    import numpy as np
    import pandas as pd

    parts = {name: part for one in found for name, part in _columns(keys, *one, kind)}
    ordered = [parts[name] for name in names]
    frame = ordered[0] if len(ordered) == 1 else pd.concat(ordered, ignore_index=True)
    codes = np.repeat(np.arange(len(names)), len(keys))
    frame.insert(0, "phenotype", pd.Categorical.from_codes(codes, categories=list(names)))
    return frame


def _columns(
    keys: pd.DataFrame, design: Design, counts: Counts, fits: Fits, kind: str
) -> Iterator[tuple[str, pd.DataFrame]]:
    import numpy as np

    people = len(design.phenotypes)
    with np.errstate(invalid="ignore", divide="ignore"):
        frequency = counts.alternate_alleles / counts.alleles
    minor = np.minimum(counts.alternate_alleles, counts.alleles - counts.alternate_alleles)
    for place, name in enumerate(design.names):
        fault = _faults(counts, fits, place, people)
        good = fault.codes < 0
        statistic = np.where(good, fits.statistic[:, place], np.nan)
        logs = _log_p(statistic, kind, design.degrees)
        firth = {} if fits.penalised is None else {"firth": fits.penalised & good}
        yield (
            name,
            keys.assign(
                n=people,
                alt_frequency=frequency,
                minor_allele_count=minor,
                beta=np.where(good, fits.beta[:, place], np.nan),
                standard_error=np.where(good, fits.standard_error[:, place], np.nan),
                statistic=statistic,
                p_value=np.exp(logs),
                log10_p=logs / np.log(10),
                converged=good,
                fault=fault,
                **firth,
            ),
        )


def _log_p(statistic: Numbers, kind: str, degrees: int) -> Numbers:
    import numpy as np

    from gecip.analysis.genetic.p_values import log_p_of_t, log_p_of_z

    if kind == "t":
        return log_p_of_t(statistic, float(degrees))
    return log_p_of_z(statistic if kind == "z" else np.sqrt(statistic))


def _faults(counts: Counts, fits: Fits, place: int, people: int) -> pd.Categorical:
    """Return why each variant has no result: the first reason that holds."""
    import numpy as np
    import pandas as pd

    reasons = (
        counts.missing == people,
        counts.constant,
        ~(fits.left > LEAST_SHARE),
        ~np.isfinite(fits.beta[:, place]),
    )
    codes = np.full(len(counts.missing), -1, dtype=np.int8)
    for code, reason in reversed(list(enumerate(reasons))):
        codes[reason] = code
    return pd.Categorical.from_codes(codes, categories=list(FAULTS))

"""SKAT: whether the variants of a gene, together and in either direction, go with a trait.

The sequence kernel association test (Wu et al., AJHG 2011, 10.1016/j.ajhg.2011.05.029) asks how much of
the trait's variance rare variants of a gene explain, where a burden test asks whether carriers differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from gecip.analysis.genetic.carriers import _genes_of
from gecip.analysis.genetic.engine import Engine, choose_engine, require_engine
from gecip.analysis.result import Result
from gecip.errors import AnalysisError
from gecip.model.genes import GENES
from gecip.model.table import nearest

if TYPE_CHECKING:
    import hail as hl
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes

    Numbers = npt.NDArray[np.float64]
    Dosages = npt.NDArray[np.int8]

Weights = Literal["beta", "flat"]
MOST_VARIANTS = 5_000
# R's SKAT corrects a binary trait's p in fewer people than this; neither engine does.
PEOPLE_WITHOUT_CORRECTION = 2_000
TOO_LARGE, NO_VARIATION, FAULT = (
    "more variants than asked for at most",
    "no variant varies among the people",
    "Hail's integration did not reach its accuracy",
)
_WHO = ["participant_id", "family_id"]
_ROUNDS, _TOLERANCE = 50, 1e-10


@dataclass(frozen=True, repr=False, eq=False)
class KernelAssociation(Result):
    """Genes by how far their variants together go with a trait.

    Attributes
    ----------
    genes
        One row for each gene tested, the smallest p first: `gene, variants, q_statistic, p_value`, and
        `fault`, which is Hail's code for its numerical integration and 0 where none arose.
    not_tested
        `gene, variants, reason`: genes without a p to be trusted, and why.
    phenotype, is_binary, engine
        What was asked, and by which engine.
    people
        Who had the trait and every covariate, one row each: `participant_id, family_id`. Row level.
    """

    genes: pd.DataFrame
    not_tested: pd.DataFrame
    phenotype: str
    is_binary: bool
    engine: Literal["hail", "local"]
    people: pd.DataFrame

    @property
    def n_people(self) -> int:
        """How many had the trait and every covariate."""
        return len(self.people)

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader has to know of the p-values."""
        said = []
        if self.is_binary and self.n_people < PEOPLE_WITHOUT_CORRECTION:
            said.append(
                f"No small-sample correction was made, which R's SKAT makes in fewer than {PEOPLE_WITHOUT_CORRECTION:,} "
                f"people; there are {self.n_people:,}: p-values tend to be too large."
            )
        if self.engine == "hail":
            said.append(
                "Hail integrates to 1e-6, so that a p below it says no more than that; the local engine has no such limit."
            )
        if len(self.not_tested):
            reasons = self.not_tested["reason"].value_counts()
            told = "; ".join(f"{count:,} {reason}" for reason, count in reasons.items())
            said.append(f"Genes without a p: {told}.")
        return tuple(said)

    def __repr__(self) -> str:
        return (
            f"KernelAssociation(phenotype={self.phenotype!r}, genes={len(self.genes):,}, people={self.n_people:,}, "
            f"not_tested={len(self.not_tested):,}, engine={self.engine!r})"
        )


def kernel_association(
    genotypes: Genotypes,
    *,
    phenotype: str,
    covariates: Sequence[str] = (),
    genes: Sequence[str] | None = None,
    weights: Weights = "beta",
    engine: Engine = "auto",
    most_variants: int = MOST_VARIANTS,
) -> KernelAssociation:
    """Return the genes whose variants together go with a trait, by SKAT.

    An intercept is always in the model. Missing genotypes count as the variant's mean. People without
    the trait or a covariate are left out. A trait of 0 and 1, or true and false, is taken for binary.
    The local engine needs a byte for each genotype and, for each gene, a square matrix of its variants;
    Hail's runs on a cluster.

    Parameters
    ----------
    genotypes
        The variants; keep the rare ones, for instance with `.rare(below=0.01)`.
    phenotype, covariates
        Numeric clinical columns of `genotypes.mt`.
    genes
        Symbols; every gene of the table with a variant if not given. A variant within two counts for both.
    weights
        `"beta"`: the density of Beta(1, 25) at the rarer allele's frequency, squared, as the paper has
        it. `"flat"`: one for each variant.
    most_variants
        Larger genes are not tested, and said so.

    Raises
    ------
    AnalysisError
        When a column is missing or not numeric, or too few people have it.
    """
    _require_sense(genotypes, phenotype, covariates, weights, engine)
    for gene in genes or ():
        if gene not in GENES:
            raise AnalysisError(f"The gene table has no gene {gene!r}{nearest(gene, tuple(GENES))}")
    wanted = tuple(genes or GENES)
    chosen = choose_engine(engine)
    run = _by_hail if chosen == "hail" else _locally
    tested, people, is_binary = run(
        genotypes, [phenotype, *covariates], wanted, weights, most_variants
    )
    good = tested[tested["reason"] == ""]
    return KernelAssociation(
        provenance=genotypes.provenance.then(
            "kernel_association",
            phenotype=phenotype,
            covariates=list(covariates),
            genes=list(genes or ()),
            weights=weights,
            engine=chosen,
        ),
        genes=good.drop(columns="reason").sort_values(["p_value", "gene"], ignore_index=True),
        not_tested=tested.loc[tested["reason"] != "", ["gene", "variants", "reason"]].reset_index(
            drop=True
        ),
        phenotype=phenotype,
        is_binary=is_binary,
        engine=chosen,
        people=people,
    )


def _require_sense(
    genotypes: Genotypes, phenotype: str, covariates: Sequence[str], weights: str, engine: Engine
) -> None:
    if weights not in ("beta", "flat"):
        raise AnalysisError(f"Weights are 'beta' or 'flat', and not {weights!r}.")
    require_engine(engine)
    import hail as hl

    columns = genotypes.mt.col
    for name in (phenotype, *covariates):
        if name not in columns:
            raise AnalysisError(
                f"The genotypes have no clinical column {name!r}{nearest(name, tuple(columns))}"
            )
        if columns[name].dtype not in (hl.tbool, hl.tint32, hl.tint64, hl.tfloat32, hl.tfloat64):
            raise AnalysisError(
                f"The column {name!r} is not numeric, which a regression needs: make numbers of it first."
            )


# -- the local engine ---------------------------------------------------------------------------------


def _locally(
    genotypes: Genotypes,
    columns: list[str],
    genes: tuple[str, ...],
    weights: Weights,
    most_variants: int,
) -> tuple[pd.DataFrame, pd.DataFrame, bool]:
    import numpy as np
    import pandas as pd

    from gecip.genotypes.dosages import dosage_matrix

    mt = genotypes.mt
    inside = genotypes.with_matrix(
        mt.filter_rows(_genes_of(mt.locus, genes).length() > 0), because="variants within genes"
    )
    dosages, variants, people = dosage_matrix(inside)
    values = people[columns].astype(float).to_numpy()
    complete = ~np.isnan(values).any(axis=1)
    trait, design = values[complete, 0], _with_intercept(values[complete, 1:])
    is_binary = _is_binary(trait, design)
    null = null_model(trait, design, is_binary=is_binary)
    rows = []
    for gene in genes:
        place = GENES[gene]
        of_gene = (
            (variants["contig"] == place.contig)
            & (variants["position"] >= place.start)
            & (variants["position"] <= place.stop)
        ).to_numpy()
        if not of_gene.any():
            continue
        rows.append(
            (
                gene,
                int(of_gene.sum()),
                *_test_gene(dosages[of_gene][:, complete], null, weights, most_variants),
            )
        )
    names = ["gene", "variants", "q_statistic", "p_value", "fault", "reason"]
    return pd.DataFrame(rows, columns=names), _who(people, complete), is_binary


def _test_gene(
    dosages: Dosages, null: NullModel, weights: Weights, most_variants: int
) -> tuple[float, float, int, str]:
    import numpy as np

    if len(dosages) > most_variants:
        return np.nan, np.nan, 0, TOO_LARGE
    imputed, frequency = imputed_dosages(dosages)
    own = np.ones(len(dosages)) if weights == "flat" else beta_weights(frequency)
    statistic, p_value = kernel_test(imputed, null, own)
    return statistic, p_value, 0, NO_VARIATION if np.isnan(p_value) else ""


@dataclass(frozen=True)
class NullModel:
    """A trait without genes: what is left of it, its variance for each person, and the directions that are used up.

    Q is divided by `scale`, as R's package does: twice the variance of a linear model, 2 of a logistic one.
    """

    residual: Numbers
    variance: Numbers
    basis: Numbers
    scale: float


def null_model(trait: Numbers, design: Numbers, *, is_binary: bool) -> NullModel:
    """Return the regression of a trait on covariates, linear or logistic; `design` has the intercept.

    Raises
    ------
    AnalysisError
        When the covariates tell a binary trait completely, so that there is no finite estimate.
    """
    import numpy as np

    if not is_binary:
        basis, _ = np.linalg.qr(design)
        residual = trait - basis @ (basis.T @ trait)
        variance = residual @ residual / (len(trait) - design.shape[1])
        return NullModel(residual, np.full(len(trait), variance), basis, 2 * float(variance))
    beta = np.zeros(design.shape[1])
    for _ in range(_ROUNDS):
        mean = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        spread = mean * (1 - mean)
        step = np.linalg.lstsq(design.T @ (design * spread[:, None]), design.T @ (trait - mean))[0]
        beta += step
        if np.abs(step).max() < _TOLERANCE:
            root = np.sqrt(spread)
            basis, _ = np.linalg.qr(design * root[:, None])
            return NullModel(trait - mean, spread, basis, 2.0)
    raise AnalysisError(
        "The covariates tell who has the trait completely, so that its regression has no finite estimate: leave out one "
        "of them, or join small groups."
    )


def kernel_test(dosages: Numbers, null: NullModel, weights: Numbers) -> tuple[float, float]:
    """Return SKAT's Q, as R's package scales it, and its p, of complete dosages (variants, people)."""
    import numpy as np

    from gecip.analysis.genetic.chi_squared_mixture import tail_of_mixture

    scores = dosages @ null.residual
    root = np.sqrt(null.variance)
    scaled = dosages.T * root[:, None]
    left = (scaled - null.basis @ (null.basis.T @ scaled)) * np.sqrt(weights)
    # The smaller of the two squares has the same eigenvalues but for zeros.
    square = left.T @ left if left.shape[1] <= left.shape[0] else left @ left.T
    values = np.linalg.eigvalsh(square).astype(np.float64)
    # What is left of a variant that the covariates tell, or that does not vary, is rounding.
    values = values[values > 1e-10 * float((scaled**2 @ weights).sum())]
    statistic = float((weights * scores**2).sum())
    return statistic / null.scale, tail_of_mixture(statistic, values)


def imputed_dosages(dosages: Dosages) -> tuple[Numbers, Numbers]:
    """Return dosages with the mean for what is missing, and alternate frequencies; shape (variants, people)."""
    import numpy as np

    missing = dosages < 0
    called = (~missing).sum(axis=1)
    total = np.where(missing, 0, dosages).sum(axis=1)
    mean = total / np.maximum(called, 1)
    return np.where(missing, mean[:, None], dosages).astype(float), mean / 2


def beta_weights(frequency: Numbers) -> Numbers:
    """Return the squared density of Beta(1, 25) at the rarer allele's frequency (Wu et al. 2011)."""
    import numpy as np

    rarer = np.minimum(frequency, 1 - frequency)
    density: Numbers = 25 * (1 - rarer) ** 24
    return density**2


def _who(people: pd.DataFrame, complete: npt.NDArray[np.bool_]) -> pd.DataFrame:
    """Return who of the people is complete, and of which family where the genotypes know of one."""
    rows = people if "family_id" in people else people.assign(family_id=None)
    return rows.loc[complete, _WHO].reset_index(drop=True)


def _with_intercept(covariates: Numbers) -> Numbers:
    import numpy as np

    return np.column_stack([np.ones(len(covariates)), covariates])


def _is_binary(trait: Numbers, design: Numbers) -> bool:
    import numpy as np

    if len(trait) <= design.shape[1] + 1 or np.ptp(trait) == 0:
        raise AnalysisError(
            f"{len(trait):,} people have the trait and every covariate, and the trait has to vary among more people than "
            "there are covariates: load more people, or leave covariates out."
        )
    return set(np.unique(trait)) == {0.0, 1.0}


# -- Hail's engine ------------------------------------------------------------------------------------


def _by_hail(
    genotypes: Genotypes,
    columns: list[str],
    genes: tuple[str, ...],
    weights: Weights,
    most_variants: int,
) -> tuple[pd.DataFrame, pd.DataFrame, bool]:
    import hail as hl
    import numpy as np
    import pandas as pd

    mt = genotypes.mt
    known = [name for name in _WHO if name in mt.col]
    people = pd.DataFrame(mt.aggregate_cols(hl.agg.collect(mt.col.select(*known, *columns))))
    values = people[columns].astype(float).to_numpy()
    complete = ~np.isnan(values).any(axis=1)
    is_binary = _is_binary(values[complete, 0], _with_intercept(values[complete, 1:]))
    mt = mt.filter_cols(hl.all(*[hl.is_defined(mt[name]) for name in columns]))
    mt = mt.filter_rows(hl.len(mt.alleles) == 2)
    mt = mt.annotate_rows(gene=_genes_of(mt.locus, genes)).explode_rows("gene")
    mt = mt.annotate_entries(dosage=hl.float64(mt.GT.n_alt_alleles()))
    mt = mt.annotate_rows(
        frequency=hl.agg.mean(mt.dosage) / 2, is_called=hl.agg.any(hl.is_defined(mt.dosage))
    )
    # The mean of no call is not a number, which Hail's search for eigenvalues never gets over.
    frequency = hl.if_else(mt.is_called, mt.frequency, 0.0)
    rarer = hl.min(frequency, 1 - frequency)
    weight = (25 * (1 - rarer) ** 24) ** 2 if weights == "beta" else hl.float64(1)
    mt = mt.annotate_rows(weight=weight)
    found = hl.skat(
        key_expr=mt.gene,
        weight_expr=mt.weight,
        y=hl.float64(mt[columns[0]]),
        # An expression, and no field: hl.skat loses a field that it is given (NoSuchElementException).
        x=hl.if_else(mt.is_called, hl.float64(mt.GT.n_alt_alleles()), 0.0),
        # Hail takes the intercept for one covariate among others, and none if it is not given.
        covariates=[hl.float64(1.0), *(hl.float64(mt[name]) for name in columns[1:])],
        logistic=is_binary,
        max_size=most_variants,
    ).collect()
    rows = [_row_of_hail(one, most_variants) for one in found]
    names = ["gene", "variants", "q_statistic", "p_value", "fault", "reason"]
    return pd.DataFrame(rows, columns=names), _who(people, complete), is_binary


def _row_of_hail(one: hl.Struct, most_variants: int) -> tuple[str, int, float, float, int, str]:
    import math

    name = one.get("id", one.get("group"))
    missing = one.p_value is None or math.isnan(one.p_value)
    p_value = math.nan if missing else float(one.p_value)
    statistic = math.nan if one.q_stat is None else float(one.q_stat)
    fault = int(one.fault or 0)
    reason = ""
    if one.size > most_variants:
        reason = TOO_LARGE
    elif missing or statistic == 0:
        reason = NO_VARIATION
    elif fault:
        reason = FAULT
    return name, int(one.size), statistic, p_value, fault, reason

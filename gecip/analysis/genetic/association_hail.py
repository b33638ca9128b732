"""The Hail engine of association: the same fits by Hail's own regressions, on one machine or a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.association_design import Design
from gecip.analysis.genetic.association_local import FALLBACK, Counts, Fits, null_model

if TYPE_CHECKING:
    import hail as hl
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

    from gecip.genotypes import Genotypes

    Numbers = npt.NDArray[np.float64]

# A Newton step below this ends a fit: Hail's own 1e-6 would leave the last digits open.
TOLERANCE = 1e-9
STEPS = {"wald": 25, "firth": 100}


def fit_by_hail(
    genotypes: Genotypes, wanted: Sequence[Design], model: str, test: str, copies: int
) -> tuple[list[tuple[Design, Counts, Fits]], pd.DataFrame]:
    """Return counts and fits of all variants for each design, and the variants: see `Fits`."""
    found = []
    keys = None
    for design in wanted:
        mt = _prepared(genotypes.mt, design, copies)
        if test == FALLBACK:
            frame = _with_fallback(mt, design)
        else:
            frame = (_linear if model == "linear" else _logistic)(mt, design, test).to_pandas()
        keys = frame[["contig", "position", "reference", "alternate"]]
        found.append((design, _counts(frame), _fits(frame, design)))
    assert keys is not None
    return found, keys


def _prepared(mt: hl.MatrixTable, design: Design, copies: int) -> hl.MatrixTable:
    """Return rows with one alternate and the people of a design, their numbers in `known`, dosages in `x`."""
    import hail as hl
    import numpy as np

    rows = np.column_stack([design.covariates, design.phenotypes]).tolist()
    mt = mt.filter_rows((hl.len(mt.alleles) == 2) & ~mt.alleles[1].startswith("<"))
    mt = mt.add_col_index("place_among_all")
    places = np.flatnonzero(design.people)
    mt = mt.choose_cols(places.tolist()).drop("place_among_all").add_col_index("place")
    known = hl.literal(rows, "array<array<float64>>")[hl.int32(mt.place)]
    mt = mt.select_cols("place", known=known)
    alternates = mt.GT.n_alt_alleles()
    doubled = hl.if_else(mt.GT.ploidy == 1, copies * alternates, alternates)
    mt = mt.select_entries(x=hl.float64(doubled), alternates=alternates, ploidy=mt.GT.ploidy)
    return mt.select_rows(
        counts=hl.struct(
            alternate_alleles=hl.agg.sum(mt.alternates),
            alleles=hl.agg.sum(mt.ploidy),
            missing=hl.agg.count_where(hl.is_missing(mt.x)),
            least=hl.agg.min(mt.x),
            most=hl.agg.max(mt.x),
            known=hl.agg.count_where(hl.is_defined(mt.x)),
            total=hl.agg.sum(mt.x),
            squares=hl.agg.sum(mt.x * mt.x),
            products=hl.agg.array_agg(lambda k: hl.agg.sum(k * mt.x), mt.known),
            apart=hl.agg.array_agg(
                lambda k: hl.agg.sum(hl.or_missing(hl.is_missing(mt.x), k)), mt.known
            ),
        )
    )  # fmt: skip


def _linear(mt: hl.MatrixTable, design: Design, _: str) -> hl.Table:
    import hail as hl

    c = design.covariates.shape[1]
    found = hl.linear_regression_rows(
        y=[mt.known[c + place] for place in range(len(design.names))],
        x=mt.x,
        covariates=[mt.known[place] for place in range(c)],
        pass_through=["counts"],
    )
    return _flat(
        found, beta=found.beta, standard_error=found.standard_error, statistic=found.t_stat
    )


def _logistic(mt: hl.MatrixTable, design: Design, test: str) -> hl.Table:
    import hail as hl

    c = design.covariates.shape[1]
    if test == "score":
        # Hail gives the statistic; with the score itself it gives the effect too.
        model = null_model(design)
        mt = mt.annotate_cols(residual=hl.literal(model.residuals.tolist())[hl.int32(mt.place)])
        mt = mt.annotate_rows(
            score=hl.agg.sum(mt.residual * mt.x), unknown=hl.agg.filter(hl.is_missing(mt.x), hl.agg.sum(mt.residual))
        )  # fmt: skip
    steps: dict[str, Any] = {}
    if test != "score":
        steps = {"max_iterations": STEPS[test], "tolerance": TOLERANCE}
    found = hl.logistic_regression_rows(
        test=test,
        y=mt.known[c],
        x=mt.x,
        covariates=[mt.known[place] for place in range(c)],
        pass_through=["counts", *(["score", "unknown"] if test == "score" else [])],
        **steps,
    )
    if test == "wald":
        return _flat(
            found,
            beta=[found.beta],
            standard_error=[found.standard_error],
            statistic=[found.z_stat],
        )
    if test == "firth":
        error = hl.abs(found.beta) / hl.sqrt(found.chi_sq_stat)
        return _flat(
            found, beta=[found.beta], standard_error=[error], statistic=[found.chi_sq_stat]
        )
    mean = found.counts.total / found.counts.known
    score = found.score + hl.if_else(found.counts.missing > 0, mean * found.unknown, 0.0)
    return _flat(
        found,
        beta=[found.chi_sq_stat / score],
        standard_error=[hl.sqrt(found.chi_sq_stat) / hl.abs(score)],
        statistic=[found.chi_sq_stat],
    )


def _with_fallback(mt: hl.MatrixTable, design: Design) -> pd.DataFrame:
    """Return Wald's results, as chi-squared, and Firth's where an allele does not vary among cases or controls or none was found."""
    import hail as hl
    import numpy as np

    case = hl.agg.filter
    c = design.covariates.shape[1]
    is_case = mt.known[c] == 1
    mt = mt.annotate_rows(
        counts=mt.counts.annotate(
            of_cases=case(is_case, hl.agg.sum(mt.x)),
            known_cases=case(is_case, hl.agg.count_where(hl.is_defined(mt.x))),
        )
    ).add_row_index("row_number")
    mt = mt.annotate_rows(counts=mt.counts.annotate(row_number=mt.row_number)).drop("row_number")
    frame = _logistic(mt, design, "wald").to_pandas()
    total, cases = (frame[name].to_numpy(dtype=np.float64) for name in ("total", "of_cases"))
    others = 2.0 * frame["known"].to_numpy(dtype=np.float64) - total
    others_of_cases = 2.0 * frame["known_cases"].to_numpy(dtype=np.float64) - cases
    fits = _fits(frame, design)
    penalised = (
        (cases == 0) | (cases == total) | (others_of_cases == 0) | (others_of_cases == others)
    )
    penalised |= ~np.isfinite(fits.beta[:, 0])
    frame["statistic"] = [[z * z] for z in fits.statistic[:, 0]]
    few = set(frame.loc[penalised, "row_number"].tolist())
    again = mt.filter_rows(hl.literal(few, "set<int64>").contains(mt.counts.row_number))
    by_firth = _logistic(again, design, "firth").to_pandas().set_index("row_number")
    for name in ("beta", "standard_error", "statistic"):
        instead = by_firth[name].to_dict()
        rows = zip(frame["row_number"], frame[name], strict=True)
        frame[name] = [instead.get(number, value) for number, value in rows]
    return frame.assign(penalised=penalised)


def _flat(found: hl.Table, **columns: Any) -> hl.Table:
    """Return a table of plain columns and arrays, the key's parts first."""
    found = found.annotate(**columns).key_by()
    return found.select(
        contig=found.locus.contig,
        position=found.locus.position,
        reference=found.alleles[0],
        alternate=found.alleles[1],
        **dict(found.counts.items()),
        **{name: found[name] for name in columns},
    )


def _counts(frame: pd.DataFrame) -> Counts:
    import numpy as np

    def column(name: str) -> npt.NDArray[np.int64]:
        whole: npt.NDArray[np.int64] = frame[name].to_numpy(dtype=np.int64)
        return whole

    constant = ~(frame["least"] < frame["most"]).to_numpy(dtype=bool, na_value=False)
    return Counts(column("alternate_alleles"), column("alleles"), column("missing"), constant)


def _fits(frame: pd.DataFrame, design: Design) -> Fits:
    """Return the fits with the share of each genotype that the covariates leave, from its products with them."""
    import numpy as np

    def matrix(name: str) -> Numbers:
        rows = [[np.nan if v is None else v for v in row] for row in frame[name]]
        return np.array(rows, dtype=np.float64).reshape(len(frame), len(design.names))

    return Fits(
        matrix("beta"),
        matrix("standard_error"),
        matrix("statistic"),
        _left(frame, design),
        frame["penalised"].to_numpy(dtype=bool) if "penalised" in frame else None,
    )


def _left(frame: pd.DataFrame, design: Design) -> Numbers:
    """Return the share of each genotype's distances from the commoner homozygote that covariates leave."""
    import numpy as np

    people, c = design.covariates.shape
    known = frame["known"].to_numpy(dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = frame["total"].to_numpy(dtype=np.float64) / known
    base = np.where(mean > 1, 2.0, 0.0)
    products = np.array(frame["products"].tolist(), dtype=np.float64)[:, :c] if len(frame) else np.zeros((0, c))  # fmt: skip
    apart = np.array(frame["apart"].tolist(), dtype=np.float64)[:, :c] if len(frame) else np.zeros((0, c))  # fmt: skip
    sums = design.covariates.sum(axis=0)
    inner = (products + mean[:, None] * apart - base[:, None] * sums) / np.sqrt(people)
    squares = (
        frame["squares"].to_numpy(dtype=np.float64)
        - 2 * base * frame["total"].to_numpy(dtype=np.float64)
        + base**2 * known
        + (people - known) * (mean - base) ** 2
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(squares > 0, (squares - np.einsum("ij,ij->i", inner, inner)) / squares, 0.0)

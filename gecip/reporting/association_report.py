"""How an association is said: the leading variant of each place, and the statistics of a scan as a file for others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.association import Association
from gecip.configuration import policy_document
from gecip.errors import ReportingError
from gecip.reporting.listing import Listing
from gecip.reporting.members import Cell, Members
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.scan_report import GENOME_WIDE, KEY, VARIANT, named, tellable, told_of
from gecip.reporting.summary import Meaning, Summary, Total

if TYPE_CHECKING:
    import pandas as pd

PHENOTYPE, PEOPLE, CASES, CONTROLS = "phenotype", "people", "cases", "controls"
# Of variants that lie nearer to each other than this the one with the smallest p stands for all.
PLACE_WIDTH = 500_000
MOST_PLACES = 10
_TESTS = {
    "wald": "Wald's test",
    "score": "the score test",
    "firth": "Firth's penalised likelihood ratio",
}
# The words of GWAS-SSF, the summary statistics format of the GWAS Catalog (version 1.0).
SSF = ("beta", "standard_error", "effect_allele_frequency", "p_value", "neg_log_10_p_value", "n")
_MOST_TENTHS = 300.0


@summarise.register(Association)
def summarise_association(result: Association) -> Summary:
    """Return the leading variants of each phenotype with the people behind them; λ and the method stand in notes.

    A leading variant has the smallest p within 500 kb on either side; up to ten are told of a phenotype,
    and only such as the airlock lets leave of a scan of the genome.
    """
    import pandas as pd

    most = min(
        MOST_PLACES,
        (policy_document()["variants"]["most_selected"] - 1) // max(len(result.fitted), 1),
    )
    leads, notes = [], [_method(result)]
    for fit in result.fitted.itertuples():
        rows = result.of(str(fit.phenotype)).dropna(subset=["p_value"])
        kept, left_out = tellable(rows)
        leads.append(leading_variants(kept, most=most).assign(phenotype=fit.phenotype))
        notes.append(
            f"{fit.phenotype}: {_of_scan(rows, result.inflation()[str(fit.phenotype)])} {left_out}"
        )
    shown = pd.concat(leads, ignore_index=True)
    index = pd.MultiIndex.from_arrays(
        [shown["phenotype"].astype(object), pd.Index(named(shown), dtype=object)],
        names=[PHENOTYPE, VARIANT],
    )
    behind = (
        result.fitted.set_index("phenotype")
        .loc[shown["phenotype"].astype(str)]
        .set_axis(index, axis=0)
    )
    counted = {PEOPLE: ("n", "families")}
    if result.model == "logistic":
        counted |= {
            CASES: ("cases", "families_of_cases"),
            CONTROLS: ("controls", "families_of_controls"),
        }
    counts = pd.DataFrame(
        {name: behind[of].astype(int) for name, (of, _) in counted.items()}, index=index
    )
    told = told_of(shown).set_axis(index, axis=0)
    table = counts.join(told)
    families = pd.DataFrame(
        {name: behind[of].astype(int) for name, (_, of) in counted.items()}, index=index
    )
    everybody = _everybody(result)
    return Summary(
        title=f"Variants that go with {_listed(result)}",
        table=table,
        people=table.assign(**dict.fromkeys(told, counts[PEOPLE])).astype(int),
        families=table.assign(**families, **dict.fromkeys(told, families[PEOPLE])).astype(int),
        meanings={
            **dict.fromkeys(counts, Meaning.PEOPLE),
            **dict.fromkeys(told, Meaning.STATISTIC),
        },
        phenotypic=True,
        n_people=int(result.fitted["n"].max()) if everybody is None else len(everybody),
        n_families=int(result.fitted["families"].max())
        if everybody is None
        else int(everybody["family_id"].nunique()),
        provenance=result.provenance.then("summarise", of="Association"),
        totals=tuple(_totals(index, list(counted))),
        notes=tuple(notes),
        members=None if everybody is None else _members(result, table, everybody),
    )


def _everybody(result: Association) -> pd.DataFrame | None:
    """Return who was in any fit, one row each, or None where nothing but their number is known."""
    import pandas as pd

    if not result.people:
        return None
    rows = pd.concat(result.people.values(), ignore_index=True)
    return rows.drop_duplicates("participant_id", ignore_index=True)


def _members(result: Association, table: pd.DataFrame, everybody: pd.DataFrame) -> Members:
    """Return the cases, the controls and all who were in the fit of each row's phenotype."""
    cells: dict[Cell, Any] = {}
    for phenotype, rows in table.groupby(level=0, sort=False):
        people = result.people[str(phenotype)]
        in_fit = people["participant_id"].to_numpy()
        who = dict.fromkeys(table.columns, in_fit)
        if "is_case" in people:
            is_case = people["is_case"].to_numpy(dtype=bool)
            who |= {CASES: in_fit[is_case], CONTROLS: in_fit[~is_case]}
        cells |= {(row, name): of for row in rows.index for name, of in who.items()}
    return Members.of(cells, everybody["participant_id"].to_numpy())


def summary_statistics(
    result: Association, phenotype: str | None = None, *, p_below: float | None = None
) -> Summary:
    """Return a scan's statistics of every variant that may leave, for meta-analysis and other tools.

    Columns have the names of GWAS-SSF; effects are of the alternate allele, the last part of a variant's name,
    and log odds in a logistic model. There are no counts of alleles or genotypes. All variants are told that
    have a minor allele frequency of at least 0.005 and 20 copies of the rarer allele. Of variants selected by
    their p, if they are fewer than 300, rarer ones are told too, as long as at least five people carry the rarer
    allele for sure: twice as many copies as the smallest count that is shown.

    A row takes about a tenth of a millisecond here, and as long again at the airlock, which looks at every cell:
    of millions of variants select those that are wanted.

    Parameters
    ----------
    result
        Of an association.
    phenotype
        Which, if there are several.
    p_below
        Select variants with a smaller p.

    Raises
    ------
    AnalysisError
        When there is no such phenotype.
    ReportingError
        When there are several and none is named, or no variant may be told.
    """
    import numpy as np
    import pandas as pd

    fit = _fit_of(result, phenotype)
    rows = result.of(fit["phenotype"]).dropna(subset=["p_value"])
    kept, note = _selected(rows, p_below) if p_below is not None else tellable(rows)
    if kept.empty:
        raise ReportingError(
            f"No variant of the association with {fit['phenotype']!r} may be told: each is too rare, or none has so small a p. "
            "Take more people, common variants, or a larger p_below."
        )
    log10_p = -kept["log10_p"].to_numpy(dtype=float)
    columns = (
        kept["beta"],
        kept["standard_error"],
        kept["alt_frequency"],
        # What a double cannot hold is told by its logarithm alone.
        np.where(log10_p < _MOST_TENTHS, kept["p_value"], np.nan),
        log10_p,
        kept["n"],
    )
    table = pd.DataFrame(
        {name: np.asarray(values, dtype=float) for name, values in zip(SSF, columns, strict=True)},
        index=pd.Index(named(kept), name=VARIANT, dtype=object),
    ).astype({"n": int})
    return Summary(
        title=f"Summary statistics of {fit['phenotype'].replace('_', ' ')}",
        table=table,
        people=pd.DataFrame(fit["n"], index=table.index, columns=table.columns),
        families=pd.DataFrame(fit["families"], index=table.index, columns=table.columns),
        meanings={**dict.fromkeys(table.columns, Meaning.STATISTIC), "n": Meaning.PEOPLE},
        phenotypic=True,
        n_people=fit["n"],
        n_families=fit["families"],
        provenance=result.provenance.then(
            "summary_statistics", phenotype=fit["phenotype"], p_below=p_below
        ),
        notes=(_method(result), _of_scan(rows, result.inflation()[fit["phenotype"]]), note),
        members=Members.behind_all(table, result.people[fit["phenotype"]]["participant_id"])
        if result.people
        else None,
    )


def leading_variants(
    variants: pd.DataFrame, *, most: int, width: int = PLACE_WIDTH
) -> pd.DataFrame:
    """Return the variants with the smallest p of which none lies within `width` bases of one before it."""
    import numpy as np

    ordered = variants.sort_values("p_value", kind="stable", ignore_index=True)
    contig, position = ordered["contig"].to_numpy(), ordered["position"].to_numpy(dtype=np.int64)
    free = np.ones(len(ordered), dtype=bool)
    taken: list[int] = []
    for _ in range(most):
        if not free.any():
            break
        place = int(free.argmax())
        taken.append(place)
        free &= (contig != contig[place]) | (np.abs(position - position[place]) > width)
    return ordered.iloc[taken]


def _fit_of(result: Association, phenotype: str | None) -> dict[str, Any]:
    names = result.fitted["phenotype"].tolist()
    if phenotype is None and len(names) > 1:
        raise ReportingError(f"There are several phenotypes here: name one of {', '.join(names)}.")
    phenotype = phenotype or names[0]
    result.of(phenotype)
    row = result.fitted.set_index("phenotype").loc[phenotype]
    return {"phenotype": phenotype, "n": int(row["n"]), "families": int(row["families"])}


def _selected(rows: pd.DataFrame, p_below: float) -> tuple[pd.DataFrame, str]:
    """Return the variants with a smaller p of which may be told, and a sentence on the choice."""
    rules = policy_document()
    strong = rows[rows["p_value"] < p_below]
    if len(strong) >= rules["variants"]["most_selected"]:
        kept, note = tellable(strong)
        return kept, f"Variants with a p under {p_below:g}. {note}"
    least = 2 * rules["counts"]["smallest_shown"]
    kept = strong[strong["minor_allele_count"] >= least].drop_duplicates(KEY)
    return kept, (
        f"Variants with a p under {p_below:g}; {len(strong) - len(kept):,} with fewer than {least} copies of the rarer allele "
        "are left out."
    )


def _totals(index: pd.MultiIndex, counted: list[str]) -> Iterator[Total]:
    """Yield what a reader knows: cases and controls are all, and the numbers of a phenotype repeat."""
    if len(index) and len(counted) > 1:
        yield Total(PEOPLE, (CASES, CONTROLS), "columns")
    first: dict[Any, Any] = {}
    for label in index:
        same = first.setdefault(label[0], label)
        if same != label:
            yield Total(same, (label,), only=tuple(counted))


def _method(result: Association) -> str:
    covariates = result.provenance.parameter("covariates")
    by = f", adjusted for {', '.join(covariates)}" if covariates else ""
    return (
        f"A {result.model} regression for each variant, by {_TESTS[result.test]}{by}; a missing genotype counts as the mean. "
        f"Computed by the {result.engine} engine."
    )


def _of_scan(rows: pd.DataFrame, inflation: float) -> str:
    strong = int((rows["p_value"] < GENOME_WIDE).sum())
    return f"{len(rows):,} variants were tested, {strong:,} have a p under {GENOME_WIDE:g}, and λ = {inflation:.3f}."


def _listed(result: Association) -> str:
    names = [str(name).replace("_", " ") for name in result.fitted["phenotype"]]
    return ", ".join(names) if len(names) < 4 else f"{len(names)} phenotypes"


@list_rows.register(Association)
def list_association(result: Association) -> Listing:
    """Return every variant and phenotype, rare ones too: to look through inside."""
    return Listing(
        title=f"Every variant tested with {_listed(result)}",
        rows=result.frame.sort_values("p_value", kind="stable", ignore_index=True),
        provenance=result.provenance.then("list_rows", of="Association"),
    )

"""How gene burden is said: carriers among cases and controls, odds ratios, and what they were corrected for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.gene_burden import GeneBurden
from gecip.errors import ReportingError
from gecip.reporting.enrichment_report import HIGH, LOW, RATIO, P, Q, plot_enrichment
from gecip.reporting.figure import Figure
from gecip.reporting.listing import Listing
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.summary import Summary, Total
from gecip.reporting.two_groups import (
    COUNTED,
    OF,
    OF_OTHERS,
    OTHERS,
    PEOPLE,
    Asked,
    Having,
    side_by_side,
)

if TYPE_CHECKING:
    import pandas as pd

BONFERRONI = "p × tests"
ROW_NAME = "gene, test: cases"
MOST_SHOWN = 20


@summarise.register(GeneBurden)
def summarise_gene_burden(result: GeneBurden) -> Summary:
    """Return the tests with the smallest p: people and families who carry among cases and controls."""
    import pandas as pd

    shown = result.tests.head(MOST_SHOWN)
    labels = [f"{row.gene}, {row.test}: {row.cases}" for row in shown.itertuples()]
    index = pd.Index(labels, name=ROW_NAME, dtype=object)
    statistics = {
        RATIO: "odds_ratio",
        LOW: "low",
        HIGH: "high",
        P: "p",
        Q: "q",
        BONFERRONI: "p_bonferroni",
    }
    parts = side_by_side(
        list(_having(result, shown)),
        pd.DataFrame(
            {name: shown[column].to_numpy() for name, column in statistics.items()}, index=index
        ),
        rows=result.groups,
    )
    return Summary(
        title="Genes in which cases carry more often than controls",
        table=parts.table,
        people=parts.behind.people,
        families=parts.behind.families,
        meanings=parts.meanings,
        phenotypic=True,
        n_people=parts.behind.n_people,
        n_families=parts.behind.n_families,
        members=parts.behind.members,
        provenance=result.provenance.then("summarise", of="GeneBurden"),
        rates=parts.rates,
        # A p that rests on counts alone gives them back; one of a regression does not.
        rests_on=dict.fromkeys((RATIO, LOW, HIGH, P), COUNTED) if result.method == "fisher" else {},
        totals=tuple(_totals(shown, labels)),
        notes=tuple(_notes(result)),
    )


def _having(result: GeneBurden, shown: pd.DataFrame) -> Iterator[Having]:
    """Yield who carries among the cases and controls of each test that is shown."""
    groups, carriers = result.groups, result.qualifying.carriers
    of_test = {
        key: rows["participant_id"].to_numpy() for key, rows in carriers.groupby(["gene", "test"])
    }
    among: dict[tuple[str, str], Asked] = {}
    for row in shown[["gene", "test", "cases"]].itertuples(index=False, name=None):
        gene, test, cases = row
        if (test, cases) not in among:
            asked = result.qualifying.asked.get(test)
            rows = groups if asked is None else groups[groups["participant_id"].isin(asked)]
            is_case = rows[cases]
            among[test, cases] = Asked(
                rows.loc[is_case.fillna(value=False), "participant_id"].to_numpy(),
                rows.loc[~is_case.fillna(value=True), "participant_id"].to_numpy(),
            )
        yield Having.of(of_test[gene, test], among[test, cases])


def _totals(shown: pd.DataFrame, labels: list[str]) -> Iterator[Total]:
    """Yield what a reader knows: carriers are among those asked, and the denominators of a group repeat."""
    if not labels:
        return
    yield Total(OF, (PEOPLE,), "columns", complete=False)
    yield Total(OF_OTHERS, (OTHERS,), "columns", complete=False)
    first: dict[tuple[Any, ...], str] = {}
    for label, row in zip(labels, shown.itertuples(), strict=True):
        same = first.setdefault((row.cases, row.n_cases, row.n_controls), label)
        if same != label:
            yield Total(same, (label,), only=(OF, OF_OTHERS))


def _notes(result: GeneBurden) -> Iterator[str]:
    shown = min(len(result.tests), MOST_SHOWN)
    yield (
        f"{len(result.tests):,} tests of genes were made; the {shown} with the smallest p are shown. q is the false "
        "discovery rate of Benjamini and Hochberg over all of them, and p × tests is Bonferroni's."
    )
    if result.method == "fisher":
        yield "Fisher's exact test, one-sided, for more carriers among cases; people are counted, not alleles."
    else:
        by = f", adjusted for {', '.join(result.covariates)}" if result.covariates else ""
        yield f"Firth's logistic regression{by}, two-sided; people are counted, not alleles."
    untested = result.not_tested.groupby("reason")["count"].sum()
    if len(untested):
        reasons = "; ".join(f"{count:,}: {reason}" for reason, count in untested.items())
        yield f"Not tested although a case carries: {reasons}."
    if result.is_one_per_family:
        yield (
            "One person of each family was compared. Families may be related to each other, or of other ancestries than "
            "the controls: compare within an unrelated set, or adjust for components."
        )


@list_rows.register(GeneBurden)
def list_gene_burden(result: GeneBurden) -> Listing:
    """Return every test that was made, unmasked: to look through inside."""
    return Listing(
        title="Every gene and test",
        rows=result.tests,
        provenance=result.provenance.then("list_rows", of="GeneBurden"),
    )


def plot_gene_burden(summary: Summary) -> Figure:
    """Return odds ratios as points with their intervals on a logarithmic axis, the smallest p on top.

    Raises
    ------
    ReportingError
        When the summary is not one of gene burden.
    """
    if BONFERRONI not in summary.table.columns:
        raise ReportingError(
            f"The summary {summary.title!r} is not one of gene burden: give the summary of gene_burden."
        )
    return plot_enrichment(summary)

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
    FAMILIES,
    FAMILIES_OF,
    FAMILIES_OF_OTHERS,
    OF,
    OF_OTHERS,
    OTHER_FAMILIES,
    OTHERS,
    PEOPLE,
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
    behind = [_behind(result, row) for row in shown.to_dict("records")]
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
        pd.DataFrame(behind, index=index, columns=_COUNTS),
        pd.DataFrame(
            {name: shown[column].to_numpy() for name, column in statistics.items()}, index=index
        ),
    )
    return Summary(
        title="Genes in which cases carry more often than controls",
        table=parts.table,
        people=parts.people,
        families=parts.families,
        meanings=parts.meanings,
        phenotypic=True,
        n_people=len(result.groups),
        n_families=int(result.groups["family_id"].nunique()),
        provenance=result.provenance.then("summarise", of="GeneBurden"),
        rates=parts.rates,
        # A p that rests on counts alone gives them back; one of a regression does not.
        rests_on=dict.fromkeys((RATIO, LOW, HIGH, P), COUNTED) if result.method == "fisher" else {},
        totals=tuple(_totals(shown, labels)),
        notes=tuple(_notes(result)),
    )


_COUNTS = [
    PEOPLE,
    OF,
    OTHERS,
    OF_OTHERS,
    FAMILIES,
    OTHER_FAMILIES,
    FAMILIES_OF,
    FAMILIES_OF_OTHERS,
]


def _behind(result: GeneBurden, row: dict[str, Any]) -> list[int]:
    """Return people and families of a test's carriers and of all who were asked."""
    groups = result.groups
    asked = result.qualifying.asked.get(row["test"])
    if asked is not None:
        groups = groups[groups["participant_id"].isin(asked)]
    carriers = result.qualifying.carriers
    carriers = carriers[(carriers["gene"] == row["gene"]) & (carriers["test"] == row["test"])]
    carrying = groups[groups["participant_id"].isin(carriers["participant_id"])]
    is_case = groups[row["cases"]]
    return [
        row["carrying_cases"],
        row["n_cases"],
        row["carrying_controls"],
        row["n_controls"],
        *(
            min(int(some["family_id"].nunique()), people)
            for some, people in (
                (carrying[carrying[row["cases"]].fillna(value=False)], row["carrying_cases"]),
                (carrying[~carrying[row["cases"]].fillna(value=True)], row["carrying_controls"]),
                (groups[is_case.fillna(value=False)], row["n_cases"]),
                (groups[~is_case.fillna(value=True)], row["n_controls"]),
            )
        ),
    ]


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

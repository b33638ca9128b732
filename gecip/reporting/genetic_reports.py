"""How polygenic scores, gene-wise kernel tests and transmissions are said."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from gecip.analysis.genetic.kernel_association import KernelAssociation
from gecip.analysis.genetic.polygenic_score import USED, WHY, PolygenicScore
from gecip.analysis.genetic.transmission import Transmission
from gecip.reporting.bars import draw_bars
from gecip.reporting.behind import Behind
from gecip.reporting.figure import Figure
from gecip.reporting.listing import Listing
from gecip.reporting.members import Members
from gecip.reporting.products import list_rows, summarise
from gecip.reporting.summary import Meaning, Summary

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

VERDICT, VARIANTS, SHARE, USED_IN_SCORE, REASON = (
    "what became of the row",
    "variants",
    "share of the file",
    "used",
    "why",
)
MOST_SHOWN = 20


@summarise.register(PolygenicScore)
def summarise_score(result: PolygenicScore) -> Summary:
    """Return the coverage of a score: how many of its file's variants were used, which were not, and why."""
    import pandas as pd

    counts = result.coverage["verdict"].value_counts()
    order = [verdict for verdict in WHY if verdict in counts]
    total = len(result.coverage)
    table = pd.DataFrame(
        {
            VARIANTS: [float(counts[verdict]) for verdict in order],
            SHARE: [counts[verdict] / total for verdict in order],
            USED_IN_SCORE: ["yes" if verdict in USED else "no" for verdict in order],
            REASON: [WHY[verdict] for verdict in order],
        },
        index=pd.Index(order, name=VERDICT, dtype=object),
    )
    weight = result.coverage["weight"].abs()
    kept = weight[result.coverage["verdict"].isin(USED)].sum() / max(weight.sum(), 1e-300)
    missing = result.coverage.loc[result.coverage["verdict"].isin(USED), "missing_rate"]
    people = pd.DataFrame(len(result.scores), index=table.index, columns=table.columns)
    return Summary(
        title=f"Coverage of the score {result.name}",
        table=table,
        people=people,
        families=people * 0,
        meanings={
            VARIANTS: Meaning.STATISTIC,
            SHARE: Meaning.STATISTIC,
            USED_IN_SCORE: Meaning.DESCRIPTION,
            REASON: Meaning.DESCRIPTION,
        },
        phenotypic=False,
        n_people=len(result.scores),
        n_families=0,
        provenance=result.provenance.then("summarise", of="PolygenicScore"),
        notes=(
            f"{result.n_used:,} of {total:,} variants were used, which have {kept:.1%} of the sum of absolute weights.",
            f"Of the genotypes used {float(missing.mean()):.2%} were missing and counted as the mean of the people scored.",
        ),
        members=Members.behind_all(table, result.scores["participant_id"]),
    )


@list_rows.register(PolygenicScore)
def list_scores(result: PolygenicScore) -> Listing:
    """Return everybody's score, the highest first."""
    return Listing(
        title=f"The score {result.name}",
        rows=result.scores.sort_values("score", ascending=False, ignore_index=True),
        provenance=result.provenance.then("list_rows", of="PolygenicScore"),
    )


def plot_score_coverage(summary: Summary) -> Figure:
    """Return how many of a score's variants had which verdict, as bars."""
    return Figure(summary, _draw_coverage, _describe_coverage)


def _draw_coverage(summary: Summary) -> Drawing:
    return draw_bars(
        summary, VARIANTS, rows=list(summary.table.index), axis="Variants of the score"
    )


def _describe_coverage(summary: Summary) -> str:
    told = ", ".join(f"{row} {summary.text(row, VARIANTS)}" for row in summary.table.index)
    return f"{summary.title}, in variants: {told}. {summary.notes[0] if summary.notes else ''}"


@summarise.register(KernelAssociation)
def summarise_kernel_association(result: KernelAssociation) -> Summary:
    """Return the genes with the smallest p of SKAT, with what a reader has to know of them."""
    import pandas as pd

    shown = result.genes.head(MOST_SHOWN)
    table = pd.DataFrame(
        {
            VARIANTS: shown["variants"].to_numpy(dtype=float),
            "Q": shown["q_statistic"].to_numpy(dtype=float),
            "p": shown["p_value"].to_numpy(dtype=float),
        },
        index=pd.Index(shown["gene"], name="gene", dtype=object),
    )
    behind = Behind.of(
        dict.fromkeys(
            itertools.product(table.index, table.columns),
            result.people["participant_id"].to_numpy(),
        ),
        rows=result.people,
        index=table.index,
        columns=table.columns,
    )
    return Summary(
        title=f"Genes whose variants go with {result.phenotype.replace('_', ' ')}, by SKAT",
        table=table,
        people=behind.people,
        families=behind.families,
        meanings=dict.fromkeys(table.columns, Meaning.STATISTIC),
        phenotypic=True,
        n_people=behind.n_people,
        n_families=behind.n_families,
        members=behind.members,
        provenance=result.provenance.then("summarise", of="KernelAssociation"),
        notes=(f"{len(result.genes):,} genes were tested.", *result.caveats),
    )


@list_rows.register(KernelAssociation)
def list_kernel_association(result: KernelAssociation) -> Listing:
    """Return every gene that was tested."""
    return Listing(
        title="Every gene tested by SKAT",
        rows=result.genes,
        provenance=result.provenance.then("list_rows", of="KernelAssociation"),
    )


@list_rows.register(Transmission)
def list_transmissions(result: Transmission) -> Listing:
    """Return every variant with what was handed on and what not, the smallest p first."""
    return Listing(
        title="Transmissions of each variant",
        rows=result.variants.sort_values("p_value", ignore_index=True),
        provenance=result.provenance.then("list_rows", of="Transmission"),
    )

"""What the cancer domain's products say, what stands behind them, and which of them may ask to leave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from domains.cancer.mutated_genes import MutatedGenes, mutated_genes, mutual_exclusivity
from domains.cancer.mutational_burden import MutationalBurden, mutational_burden
from domains.cancer.sequenced_tumours import Tumours, load_tumours
from domains.cancer.tumour_reports import (
    plot_burden,
    plot_every_burden,
    plot_gene_frequencies,
    plot_oncoplot,
)
from gecip.airlock import request_export
from gecip.errors import ReportingError
from gecip.reporting import Figure, Listing, Summary, list_rows, summarise
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.unit.domains.handmade_tumours import cohort_of, tumour, variant

LUNG, RENAL = range(1, 41), range(41, 44)


@pytest.fixture(scope="module")
def tumours(tmp_path_factory: pytest.TempPathFactory) -> Tumours:
    """Forty lung tumours, TP53 in half of them and KRAS in three, and three renal ones."""
    return load_tumours(
        cohort_of(
            tmp_path_factory.mktemp("made") / "r",
            tumours=[*map(tumour, LUNG), *(tumour(one, disease_type="RENAL") for one in RENAL)],
            variants=[
                *(variant(one, "TP53", 100) for one in LUNG if one % 2),
                *(variant(one, "KRAS", 200) for one in (1, 3, 5)),
                *(
                    variant(one, "TTN", 300 + at, domain="DOMAIN3")
                    for one in LUNG
                    for at in range(one)
                ),
                *(variant(one, "VHL", 400) for one in RENAL),
            ],
        )
    )


@pytest.fixture(scope="module")
def burden(tumours: Tumours) -> MutationalBurden:
    return mutational_burden(tumours, high_from=1.0)


@pytest.fixture(scope="module")
def genes(tumours: Tumours) -> MutatedGenes:
    return mutated_genes(tumours)


def test_burden_is_told_by_kind_the_largest_first(burden: MutationalBurden) -> None:
    table = summarise(burden).table
    assert table.index.tolist() == ["LUNG", "RENAL", "All kinds"]
    lung = burden.tumours[burden.tumours["disease_type"] == "LUNG"]["per_megabase"]
    assert table.at["LUNG", "median"] == pytest.approx(lung.median(), abs=0.005)
    assert table.at["LUNG", "high burden"] == int((lung >= 1.0).sum())
    assert table.at["All kinds", "people"] == 43


def test_a_quartile_is_everybodys_and_theirs_beyond_it_where_those_are_few(
    burden: MutationalBurden,
) -> None:
    summary = summarise(burden)
    lung = burden.tumours[burden.tumours["disease_type"] == "LUNG"]
    assert unknown_numbers(summary) == 0
    for column in ("lower quartile", "median", "upper quartile", "people"):
        assert ids_of(summary, "LUNG", column) == set(lung["participant_id"])
    assert ids_of(summary, "LUNG", "high burden") == set(lung["participant_id"][lung["is_high"]])
    few = lung.sort_values("per_megabase").iloc[::2].head(17)
    told = summarise(replace(burden, tumours=few))
    ordered = few["participant_id"].tolist()
    assert ids_of(told, "LUNG", "lower quartile") == set(ordered[:4])
    assert ids_of(told, "LUNG", "upper quartile") == set(ordered[-4:])
    assert ids_of(told, "LUNG", "median") == set(ordered)


def test_every_gene_is_told_with_all_tumours_behind_it(genes: MutatedGenes) -> None:
    summary = summarise(genes)
    assert summary.table.loc["TP53", ["mutated", "people"]].tolist() == [20, 43]
    assert summary.people.at["KRAS", "share"] == 3
    assert unknown_numbers(summary) == 0
    changed = set(genes.changes.loc[genes.changes["gene"] == "TP53", "tumour"])
    with_it = genes.tumours[genes.tumours["tumour"].isin(changed)]
    assert ids_of(summary, "TP53", "mutated") == set(with_it["participant_id"])
    assert ids_of(summary, "TP53", "people") == set(genes.tumours["participant_id"])
    assert summary.table.at["TP53", "share"] == pytest.approx(20 / 43)


def test_an_oncoplot_is_in_the_order_of_its_genes(genes: MutatedGenes) -> None:
    rows = list_rows(genes).rows
    carried = [tuple(row != "") for row in rows[list(genes.genes)].to_numpy()]
    assert carried == sorted(carried, reverse=True)
    assert len(rows) == 43


def test_two_genes_rest_on_the_people_who_have_both(genes: MutatedGenes) -> None:
    summary = summarise(mutual_exclusivity(genes))
    assert summary.table.at[("TP53", "KRAS"), "both"] == 3
    assert set(summary.people.loc[("TP53", "KRAS")]) == {3}
    assert unknown_numbers(summary) == 0


def test_two_genes_that_many_have_are_told_of_all_tumours_compared(tumours: Tumours) -> None:
    found = mutual_exclusivity(mutated_genes(tumours, genes=["TP53", "TTN"]), hypermutated_from=1e6)
    summary = summarise(found)
    (pair,) = summary.table.index
    with_both = {one for one in found.mutated["TP53"] if one in found.mutated["TTN"]}
    rows = found.tumours[found.tumours["tumour"].isin(with_both)]
    assert len(rows) == 20
    assert unknown_numbers(summary) == 0
    assert ids_of(summary, pair, "both") == set(rows["participant_id"])
    assert ids_of(summary, pair, "odds ratio") == set(found.tumours["participant_id"])
    assert len(whole_of(summary)) == 43


def figures_of(burden: MutationalBurden, genes: MutatedGenes) -> list[Figure]:
    return [plot_burden(summarise(burden)), plot_gene_frequencies(summarise(genes))]


@pytest.mark.slow
def test_no_small_count_leaves_the_airlock(
    burden: MutationalBurden, genes: MutatedGenes, tmp_path: Path
) -> None:
    items: list[Summary | Figure] = [
        summarise(burden),
        summarise(genes),
        summarise(mutual_exclusivity(genes)),
        *figures_of(burden, genes),
    ]
    request = request_export(
        items,
        project="Tumours",
        purpose="To see what is masked",
        folder=tmp_path / "out",
    )
    assert {item.verdict.name for item in request.items} == {"REVIEW"}
    tables = [pd.read_csv(path, dtype=str) for path in sorted((tmp_path / "out").rglob("*.csv"))]
    assert tables
    by_kind = next(table for table in tables if "kind of tumour" in table.columns)
    renal = by_kind[by_kind["kind of tumour"] == "RENAL"].iloc[0]
    assert renal["people"] == "<5"
    by_gene = next(table for table in tables if "mutated" in table.columns)
    assert by_gene.set_index("gene").at["KRAS", "mutated"] == "<5"
    together = next(table for table in tables if "both" in table.columns)
    row = together[(together["gene"] == "TP53") & (together["and gene"] == "KRAS")].iloc[0]
    assert row["both"] == "<5"
    assert not str(row["odds ratio"]).replace(".", "").isdigit()


def test_tumours_one_by_one_stay_inside(
    burden: MutationalBurden, genes: MutatedGenes, tmp_path: Path
) -> None:
    items: list[Listing | Figure] = [
        list_rows(burden),
        list_rows(genes),
        plot_oncoplot(list_rows(genes)),
        plot_every_burden(list_rows(burden)),
    ]
    request = request_export(
        items, project="Tumours", purpose="To see what is refused", folder=tmp_path / "out"
    )
    assert {item.verdict.name for item in request.items} == {"FAIL"}


@pytest.mark.slow
def test_every_figure_is_drawn_and_described(burden: MutationalBurden, genes: MutatedGenes) -> None:
    drawn = [
        *figures_of(burden, genes),
        plot_oncoplot(list_rows(genes)),
        plot_every_burden(list_rows(burden)),
    ]
    for figure in drawn:
        assert figure.png().startswith(b"\x89PNG")
    assert "TP53 47%" in drawn[2].alt_text
    assert "20 of 43" in drawn[1].alt_text


def test_a_figure_refuses_a_product_of_another_kind(
    burden: MutationalBurden, genes: MutatedGenes
) -> None:
    with pytest.raises(ReportingError, match="mutational burden"):
        plot_burden(summarise(genes))
    with pytest.raises(ReportingError, match="mutated genes"):
        plot_gene_frequencies(summarise(burden))
    with pytest.raises(ReportingError, match="no genes by tumour"):
        plot_oncoplot(list_rows(burden))
    with pytest.raises(ReportingError, match="no burdens"):
        plot_every_burden(list_rows(genes))

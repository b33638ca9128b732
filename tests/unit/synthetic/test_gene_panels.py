from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gecip.model.genes import GENES, RARE_DISEASES
from gecip.model.panels import PANELAPP_MODES, Confidence
from gecip.synthetic.gene_panels import gene_panels, related_panels
from tests.unit.synthetic.aggregate_reading import table


@pytest.fixture(scope="module")
def panels(small_release_folder: Path) -> list[dict[str, Any]]:
    document = json.loads((small_release_folder / "panels" / "panels.json").read_text())
    assert document["count"] == len(document["results"])
    found: list[dict[str, Any]] = document["results"]
    return found


def test_every_rare_disease_has_a_panel_in_two_versions(panels: list[dict[str, Any]]) -> None:
    versions = [(panel["name"], panel["version"]) for panel in panels]
    assert len(set(versions)) == len(versions)
    for disease in RARE_DISEASES:
        assert sum(name == disease.name for name, _ in versions) == 2


def test_genes_stand_in_the_words_of_panelapp(panels: list[dict[str, Any]]) -> None:
    for panel in panels:
        assert panel["stats"]["number_of_genes"] == len(panel["genes"]) > 0
        for gene in panel["genes"]:
            known = GENES[gene["gene_data"]["gene_symbol"]]
            assert gene["mode_of_inheritance"] == PANELAPP_MODES[known.mode]
            assert gene["confidence_level"] in {"1", "2", "3"}


def test_the_current_version_has_the_genes_of_the_disease_as_green() -> None:
    for disease in RARE_DISEASES:
        versions = gene_panels()[disease.name]
        green = [symbol for symbol in versions.current.genes if versions.current.is_green(symbol)]
        assert green == [gene.symbol for gene in disease.genes]
        assert set(versions.older.genes) < set(versions.current.genes)
        assert set(versions.current.genes.values()) >= {Confidence.AMBER, Confidence.RED}


def test_an_older_version_gives_way_where_it_lacks_a_gene() -> None:
    versions = gene_panels()["Cystic kidney disease"]
    assert versions.with_green(frozenset({"PKD1"})) is versions.older
    assert versions.with_green(frozenset({"PKHD1"})) is versions.current
    # What is on neither makes no difference.
    assert versions.with_green(frozenset({"CFTR"})) is versions.older


def test_panels_of_the_same_disease_group_are_applied_first() -> None:
    group = {disease.name: disease.group for disease in RARE_DISEASES}
    others = related_panels("Cystic kidney disease")
    assert [group[name] for name in others[:2]] == ["Renal and urinary tract disorders"] * 2
    assert "Cystic kidney disease" not in others


def test_every_applied_panel_is_one_of_the_releases_own(
    small_release_folder: Path, panels: list[dict[str, Any]]
) -> None:
    known = {(panel["name"], panel["version"], panel["hash_id"]) for panel in panels}
    applied = table(small_release_folder, "panels_applied")
    shown = applied[["panel_name", "panel_version", "panel_identifier"]]
    assert set(shown.itertuples(index=False, name=None)) <= known


def test_every_rare_disease_participant_has_the_panel_of_their_disease(
    demo_release_folder: Path,
) -> None:
    applied = table(demo_release_folder, "panels_applied")
    people = table(demo_release_folder, "participant")
    rare = people.loc[people["programme"] == "Rare Diseases", "participant_id"]
    own = applied[applied["panel_name"] == applied["phenotype"]]
    assert set(own["participant_id"]) == set(rare)


def test_some_families_have_several_panels_and_some_one_in_two_versions(
    demo_release_folder: Path,
) -> None:
    applied = table(demo_release_folder, "panels_applied")
    of_person = applied.groupby("participant_id")
    assert (of_person["panel_name"].nunique() > 1).sum() > 50
    versions = applied.groupby(["participant_id", "panel_name"])["panel_version"].nunique()
    assert (versions == 2).sum() > 20
    # A later request has the number of the first, and the next version.
    requests = applied["interpretation_request_id"].str.split("-", expand=True)
    assert (requests[0] == applied["interpretation_cohort_id"]).all()
    assert set(requests[1]) == {"1", "2"}

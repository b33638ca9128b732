"""Whole answers of PanelApp's interface: research use only, so they are read where they lie and nowhere copied."""

from __future__ import annotations

import json

import pytest

from domains.rare_disease.panel_changes import panel_changes
from domains.rare_disease.panels import load_panels
from gecip.model.genes import ModeOfInheritance
from gecip.model.panels import PANELAPP_MODES
from tests.real_data.public_data import public_data


@pytest.fixture(scope="module")
def files():
    return sorted((public_data("panelapp") / "full").glob("*.json"))


def test_every_gene_is_read_with_its_colour_and_mode_or_told(files) -> None:
    assert len(files) == 5
    documents = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    panels = load_panels(files)
    wordings = {wording: mode for mode, wording in PANELAPP_MODES.items()}
    for document, panel in zip(documents, panels, strict=True):
        assert len(panel.genes) == len(document["genes"]) == document["stats"]["number_of_genes"]
        assert len(panel.regions) == len(document["regions"])
        assert panel.repeats == len(document["strs"])
        assert panel.version == document["version"]
        for gene, answered in zip(panel.genes, document["genes"], strict=True):
            assert gene.mode is wordings.get(answered["mode_of_inheritance"])
        green = [one["entity_name"] for one in document["genes"] if one["confidence_level"] == "3"]
        assert [gene.symbol for gene in panel.green()] == green
    # A green gene without a usable mode is named in a remark of its panel.
    said = " ".join(remark.sentence for remark in panels.remarks)
    unusable = {
        gene.symbol
        for panel in panels
        for gene in panel.green()
        if gene.mode in (None, ModeOfInheritance.UNKNOWN)
    }
    assert all(symbol in said for symbol in unusable)


def test_a_panel_has_not_changed_since_itself_and_knows_its_versions(files) -> None:
    panels = load_panels(files)
    for panel in panels:
        unchanged = panel_changes(panel, panel)
        assert unchanged.rows.empty
        assert unchanged.unchanged == len(panel.genes)
        assert panels.pinned(panel.number, on=panel.created) is panel

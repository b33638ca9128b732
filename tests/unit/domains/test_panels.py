"""Panels in PanelApp's shape: what they say, which version holds, what changed, and what cannot be used."""

from __future__ import annotations

import json

import pytest

from domains.rare_disease.applied_panels import name_genes
from domains.rare_disease.panel_changes import panel_changes
from domains.rare_disease.panels import load_panels, mode_of, panels_from_answers
from gecip.errors import InputError
from gecip.model.genes import ModeOfInheritance
from gecip.model.panels import PANELAPP_MODES, Confidence

BIALLELIC = "BIALLELIC, autosomal or pseudoautosomal"
DOMINANT = "MONOALLELIC, autosomal or pseudoautosomal, NOT imprinted"


def gene(symbol: str, level: int = 3, wording: str = BIALLELIC, **about) -> dict:
    data = {
        "gene_symbol": about.get("now", symbol),
        "hgnc_symbol": about.get("now", symbol),
        "hgnc_id": about.get("hgnc"),
        "alias": about.get("alias", []),
        "ensembl_genes": {
            "GRch38": {"90": {"location": "1:1-2", "ensembl_id": about.get("ensembl")}}
        }
        if "ensembl" in about
        else {},
    }
    return {
        "entity_name": symbol,
        "entity_type": "gene",
        "confidence_level": str(level),
        "mode_of_inheritance": wording,
        "gene_data": data,
    }


def panel(*genes: dict, version: str = "1.0", created: str = "2019-05-01", **about) -> dict:
    return {
        "id": 9,
        "hash_id": "abc",
        "name": "Made-up panel",
        "version": version,
        "version_created": f"{created}T10:00:00.000000Z",
        "genes": list(genes),
        "strs": [],
        "regions": [],
        **about,
    }


def read(*documents: dict):
    return panels_from_answers(documents)


def test_a_panel_tells_its_colours_and_modes() -> None:
    (made,) = read(panel(gene("ONE"), gene("TWO", 2, DOMINANT), gene("THREE", 1)))
    assert [one.symbol for one in made.green()] == ["ONE"]
    assert [one.symbol for one in made.of_confidence(Confidence.AMBER)] == ["TWO"]
    assert made.gene("TWO").mode is ModeOfInheritance.MONOALLELIC_NOT_IMPRINTED
    assert repr(made) == "Panel('Made-up panel', number=9, version='1.0', green=1, amber=1, red=1)"


def test_a_page_of_panels_is_read_as_its_panels() -> None:
    assert len(read({"count": 2, "results": [panel(), panel(version="1.1")]})) == 2


@pytest.mark.parametrize(("mode", "wording"), PANELAPP_MODES.items())
def test_every_wording_of_panelapp_names_its_mode(mode, wording) -> None:
    assert mode_of(wording) is mode
    assert mode_of(f"  {wording.lower().replace(', ', ',  ')} ") is mode


@pytest.mark.parametrize("wording", ["", None, "Other", "biallelic", "X-LINKED"])
def test_a_wording_that_is_not_panelapps_names_none(wording) -> None:
    assert mode_of(wording) is None


@pytest.mark.parametrize(
    ("wording", "said"), [("Other", "'Other'"), ("", "no mode"), ("Unknown", "'Unknown'")]
)
def test_a_green_gene_without_a_mode_is_told(wording, said) -> None:
    (remark,) = read(panel(gene("ONE", 3, wording), gene("TWO", 2, wording))).remarks
    assert remark.field == "mode_of_inheritance"
    assert said in remark.sentence
    assert "ONE" in remark.sentence
    assert "TWO" not in remark.sentence
    assert "TIER3" in remark.sentence


def test_a_confidence_that_is_no_colour_is_told_and_counts_as_outside() -> None:
    panels = read(panel(gene("ONE", 0)))
    assert panels.panels[0].green() == ()
    assert "confidence_level" in panels.remarks[0].sentence


def test_repeats_and_regions_without_a_place_are_told() -> None:
    region = {
        "entity_name": "Somewhere",
        "confidence_level": "3",
        "grch38_coordinates": None,
        "chromosome": "1",
    }
    said = [one.field for one in read(panel(strs=[{}], regions=[region])).remarks]
    assert said == ["grch38_coordinates", "strs"]


VERSIONS = (
    panel(version="1.9", created="2017-01-31"),
    panel(version="1.10", created="2018-06-30"),
    panel(version="2.0", created="2020-02-01"),
)


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ({}, "2.0"),
        ({"version": "1.9"}, "1.9"),
        ({"on": "2018-06-30"}, "1.10"),
        ({"on": "2018-06-29"}, "1.9"),
        ({"on": "2030-01-01"}, "2.0"),
    ],
)
def test_a_version_is_pinned_by_name_or_day(asked, version) -> None:
    panels = read(*VERSIONS)
    assert panels.pinned(9, **asked).version == version
    assert panels.pinned("Made-up panel", **asked).version == version


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ((9, {"version": "7"}), "no version '7'"),
        ((9, {"on": "2016-01-01"}), "oldest is of 2017-01-31"),
        (("Made up panel", {}), "Made-up panel"),
    ],
)
def test_a_version_that_is_not_here_is_refused_with_those_that_are(asked, says) -> None:
    name, pin = asked
    with pytest.raises(InputError, match=says):
        read(*VERSIONS).pinned(name, **pin)


@pytest.mark.parametrize("mode", ["biallelic", "autosomal recessive", None, 2])
def test_a_gene_of_ones_own_needs_a_mode_that_is_one(mode) -> None:
    one = read(panel(gene("ONE"))).panels[0]
    with pytest.raises(InputError, match=r"^MINE: .* is no mode of inheritance: write one of Mode"):
        one.with_own_genes({"MINE": mode})


def test_a_gene_of_ones_own_is_green_and_marked_and_replaces_the_panels() -> None:
    (made,) = read(panel(gene("ONE", 1), gene("TWO")))
    merged = made.with_own_genes(
        {"ONE": ModeOfInheritance.MITOCHONDRIAL, "MINE": ModeOfInheritance.BIALLELIC}
    )
    assert {one.symbol: one.is_own for one in merged.green()} == {
        "ONE": True,
        "MINE": True,
        "TWO": False,
    }
    assert merged.gene("ONE").mode is ModeOfInheritance.MITOCHONDRIAL
    assert made.gene("ONE").confidence is Confidence.RED


# -- what changed -------------------------------------------------------------------------------------


def changes(before: list[dict], after: list[dict]) -> dict[str, tuple[str, bool]]:
    older, newer = read(panel(*before), panel(*after, version="2.0"))
    rows = panel_changes(older, newer).rows
    return {row.gene: (row.change, row.newly_green) for row in rows.itertuples()}


def test_nothing_changed_between_a_version_and_itself() -> None:
    assert changes([gene("ONE"), gene("TWO", 1)], [gene("TWO", 1), gene("ONE")]) == {}


def test_genes_are_added_removed_promoted_and_demoted() -> None:
    before = [gene("GONE"), gene("UP", 2), gene("DOWN"), gene("STAYS"), gene("REDDER", 2)]
    after = [
        gene("UP"),
        gene("DOWN", 1),
        gene("STAYS"),
        gene("NEW"),
        gene("LATER", 1),
        gene("REDDER", 1),
    ]
    assert changes(before, after) == {
        "GONE": ("removed", False),
        "UP": ("promoted", True),
        "DOWN": ("demoted", False),
        "NEW": ("added", True),
        "LATER": ("added", False),
        "REDDER": ("demoted", False),
    }


def test_another_mode_is_a_change() -> None:
    assert changes([gene("ONE")], [gene("ONE", 3, DOMINANT)]) == {"ONE": ("mode changed", False)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (gene("OLD", hgnc="HGNC:1"), gene("FRESH", hgnc="HGNC:1")),
        (gene("OLD", ensembl="ENSG1"), gene("FRESH", ensembl="ENSG1")),
        (gene("OLD"), gene("FRESH", alias=["OLD"])),
    ],
)
def test_a_renamed_gene_is_neither_removed_nor_added(before, after) -> None:
    assert changes([before], [after]) == {"FRESH": ("renamed from OLD", False)}


def test_genes_of_different_hgnc_ids_are_different_genes() -> None:
    found = changes([gene("OLD", hgnc="HGNC:1")], [gene("FRESH", hgnc="HGNC:2", alias=["OLD"])])
    assert found == {"OLD": ("removed", False), "FRESH": ("added", True)}


def test_different_panels_are_not_compared() -> None:
    one, other = read(panel(), panel(id=10, name="Another"))
    with pytest.raises(InputError, match="different panels"):
        panel_changes(one, other)


# -- names in the annotation --------------------------------------------------------------------------


def named(*genes: dict, annotated: list[tuple[str, str | None]]):
    found = name_genes(read(panel(*genes)), annotated)
    return dict(found.of), [one.sentence for one in found.remarks]


def test_a_gene_of_the_annotations_own_name_is_just_that() -> None:
    assert named(gene("ONE"), annotated=[("ONE", None)]) == ({"ONE": "ONE"}, [])


def test_a_gene_that_no_variant_lies_in_keeps_its_name_and_nothing_is_said() -> None:
    assert named(gene("ONE"), annotated=[("TWO", None)]) == ({"ONE": "ONE"}, [])


@pytest.mark.parametrize(
    ("of_panel", "annotated"),
    [
        (gene("OLD", ensembl="ENSG1"), ("FRESH", "ENSG1")),
        (gene("OLD", now="FRESH"), ("FRESH", None)),
        (gene("OLD", alias=["FRESH"]), ("FRESH", "5310")),
    ],
)
def test_a_renamed_panel_gene_is_found_and_told(of_panel, annotated) -> None:
    of, said = named(of_panel, annotated=[annotated])
    assert of == {"OLD": "FRESH"}
    assert len(said) == 1
    assert "OLD is called FRESH" in said[0]
    assert said[0].startswith("entity_name")


def test_an_alias_that_is_another_panel_genes_own_name_is_not_taken() -> None:
    of, said = named(gene("ONE", alias=["TWO"]), gene("TWO"), annotated=[("TWO", None)])
    assert of == {"ONE": "ONE", "TWO": "TWO"}
    assert said == []


# -- files --------------------------------------------------------------------------------------------


def test_files_are_read_and_bad_ones_refused(tmp_path) -> None:
    good, bad = tmp_path / "panel.json", tmp_path / "bad.json"
    good.write_text(json.dumps(panel(gene("ONE"))), encoding="utf-8")
    bad.write_text("<html>", encoding="utf-8")
    assert len(load_panels([good])) == 1
    with pytest.raises(InputError, match="not JSON"):
        load_panels([bad])
    with pytest.raises(InputError, match="no panels here"):
        load_panels([tmp_path / "absent.json"])
    with pytest.raises(InputError, match="no field genes"):
        read({"id": 1, "name": "x", "version": "1"})

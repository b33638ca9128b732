from __future__ import annotations

from pathlib import Path

import pytest

from gecip.release import Release, open_release
from gecip.widgets import explore
from tests.handmade import person, phenotype, write_release


@pytest.fixture
def release(tmp_path: Path) -> Release:
    return open_release(
        write_release(
            tmp_path / "own",
            participant=[person(11), person(21, participant_phenotypic_sex="Male"), person(31)],
            rare_diseases_participant_disease=[
                {"participant_id": 11, "normalised_disease_group": "Ciliopathies"},
                {"participant_id": 21, "normalised_disease_group": "Ciliopathies"},
            ],
            rare_diseases_participant_phenotype=[phenotype(11, "HP:0000113")],
        )
    )


def controls(explorer):
    """Return the three filters, the counts, the button and the code, as a person sees them."""
    return explorer.widget.children


def test_a_click_changes_the_counts_and_the_code(release: Release) -> None:
    explorer = explore(release)
    sex, group, term, counts, _, code = controls(explorer)
    assert ">3</b> people" in counts.value
    group.value = "Ciliopathies"
    assert ">2</b> people" in counts.value
    sex.value = "Female"
    assert ">1</b> people" in counts.value
    assert "diseases.group ==" in code.value
    term.value = "HP:0000107"
    assert len(explorer.cohort) == 1
    term.value, sex.value, group.value = "", "", ""
    assert len(explorer.cohort) == 3


def test_the_code_shown_selects_the_same_cohort(release: Release) -> None:
    explorer = explore(release).choose(
        sex="Female", disease_group="Ciliopathies", hpo_term="HP:0000107"
    )
    namespace: dict[str, object] = {}
    exec(explorer.python.replace("'own'", repr(str(release.folder))), namespace)
    assert namespace["cohort"].participants == explorer.cohort.participants == (11,)  # type: ignore[attr-defined]
    assert namespace["definition"] == explorer.choices.definition()


def test_what_cannot_be_selected_is_said_and_leaves_the_cohort(release: Release) -> None:
    explorer = explore(release)
    *_, term, counts, _, _ = controls(explorer)
    term.value = "HP:9999999"
    assert "has no term" in counts.value
    assert len(explorer.cohort) == 3


def test_the_python_shows_on_demand(release: Release) -> None:
    *_, button, code = controls(explore(release))
    assert code.layout.display == "none"
    button.value = True
    assert code.layout.display == ""


def test_where_the_widget_cannot_live_counts_and_code_are_plain(release: Release) -> None:
    bundle = explore(release)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "select_cohort" in bundle["text/html"]


def test_a_release_without_clinical_tables_offers_what_it_has(tmp_path: Path) -> None:
    release = open_release(
        write_release(
            tmp_path / "bare",
            participant=[{"participant_id": "a", "programme_consent_status": "Consenting"}],
        )
    )
    sex, group, *_ = controls(explore(release))
    assert (
        [label for label, _ in sex.options] == [label for label, _ in group.options] == ["anyone"]
    )

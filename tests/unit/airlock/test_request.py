from __future__ import annotations

import json
from pathlib import Path

import pytest

from gecip.airlock import ExportRequest, Verdict, request_export
from gecip.errors import ExportError, InputError
from gecip.release import Release, open_release
from gecip.reporting import Summary, plot_carriers, summarise
from tests.handmade import person, write_release
from tests.products import carriers_of, counted

GROUPS = {"renal": 40, "skin": 30}
GENES = {"PKD1": {"renal": 12, "skin": 3}, "PKD2": {"renal": 9, "skin": 8}}


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Release:
    monkeypatch.setenv("GECIP_EXPORTS", str(tmp_path / "exports"))
    monkeypatch.delenv("GECIP_ROLE", raising=False)
    return open_release(
        write_release(tmp_path / "releases" / "handmade", participant=[person(110000011)])
    )


@pytest.fixture
def small(release: Release) -> Summary:
    return counted({"renal": 12, "skin": 3, "heart": 40}, provenance=release.provenance)


@pytest.fixture
def by_gene(release: Release) -> Summary:
    return summarise(carriers_of(GENES, groups=GROUPS, by=None, provenance=release.provenance))


def ask(*items: object, **changes: object) -> ExportRequest:
    facts = {"project": "RR91", "purpose": "Table 2 of the paper"}
    return request_export(list(items), **facts | changes)  # type: ignore[arg-type]


def manifest_of(request: ExportRequest) -> dict[str, object]:
    assert request.folder is not None
    return json.loads((request.folder / "manifest.json").read_text(encoding="utf-8"))


def test_a_bundle_holds_the_masked_table_under_a_name_made_of_its_content(small: Summary) -> None:
    request = ask(small)
    (item,) = request.items
    assert request.folder is not None
    assert {path.name for path in request.folder.iterdir()} == {
        *item.files,
        "manifest.json",
        "review.html",
    }
    assert (request.folder / item.files[0]).read_text(encoding="utf-8") == (
        "group,people,families\nrenal,withheld,withheld\nskin,<5,<5\nheart,40,40\nTotal,55,55\n"
    )


def test_the_manifest_answers_what_a_checker_asks(
    small: Summary, by_gene: Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gecip.airlock.request.user_name", lambda: "researcher")
    manifest = manifest_of(ask(small, by_gene, plot_carriers(by_gene)))
    assert manifest["project"] == "RR91"
    assert manifest["purpose"] == "Table 2 of the paper"
    assert manifest["requested_by"] == "researcher"
    assert manifest["role"] == "academic"
    table, genes, figure = manifest["items"]  # type: ignore[misc]
    assert table["verdict"] == "review"
    assert {finding["rule"] for finding in table["findings"]} == {
        "small_counts",
        "recoverable_counts",
    }
    assert table["behind"] == "55 people in 55 families"
    assert [step["operation"] for step in table["provenance"]] == ["open_release", "count_people"]
    assert genes["verdict"] == "pass"
    assert figure["caption"].startswith("Carriers per gene. 70 people")
    assert "alternative text" in figure


def test_what_is_refused_is_in_no_file(small: Summary, by_gene: Summary) -> None:
    request = ask(by_gene, small.table)
    assert [item.verdict for item in request.items] == [Verdict.PASS, Verdict.FAIL]
    assert request.verdict is Verdict.FAIL
    manifest = manifest_of(request)
    assert manifest["refused"] == 1
    assert len(manifest["items"]) == 1  # type: ignore[arg-type]


def test_nothing_is_written_when_nothing_may_leave(small: Summary, tmp_path: Path) -> None:
    request = ask(small.table)
    assert request.folder is None
    assert not (tmp_path / "exports").exists()
    assert "nothing was written" in request._repr_html_()


def test_the_same_request_finds_its_bundle_again(small: Summary) -> None:
    assert ask(small).folder == ask(small).folder


def test_a_bundle_that_was_changed_is_not_taken_for_this_one(small: Summary) -> None:
    folder = ask(small).folder
    assert folder is not None
    (folder / "added.txt").write_text("more")
    with pytest.raises(InputError, match="already exists"):
        ask(small)


def test_a_folder_of_ones_own_must_be_new(small: Summary, tmp_path: Path) -> None:
    request = ask(small, folder=tmp_path / "mine")
    assert request.folder == tmp_path / "mine"
    with pytest.raises(InputError, match="already exists"):
        ask(small, folder=str(tmp_path / "mine"))


def test_the_size_of_the_cohort_is_not_told_where_counts_are_masked(
    release: Release, small: Summary, by_gene: Summary
) -> None:
    cohort = release.provenance.then("select_cohort", cohort="Adults", definition="d", people=55)
    masked = counted({"renal": 12, "skin": 3, "heart": 40}, provenance=cohort)
    (item,) = manifest_of(ask(masked))["items"]  # type: ignore[misc]
    assert item["provenance"][1]["parameters"] == {
        "cohort": "Adults",
        "definition": "d",
        "people": "withheld",
    }
    plain = counted({"renal": 15, "heart": 40}, provenance=cohort)
    (item,) = manifest_of(ask(plain))["items"]  # type: ignore[misc]
    assert item["provenance"][1]["parameters"]["people"] == 55


def test_a_rate_is_written_to_six_digits_and_a_gap_as_nothing(release: Release) -> None:
    summary = counted(
        {"renal": 15, "heart": 40, "lung": 0}, family_size=2, provenance=release.provenance
    ).with_rate("rate", of="families", among="people")
    request = ask(summary)
    assert request.verdict is Verdict.PASS
    assert request.folder is not None
    lines = (request.folder / request.items[0].files[0]).read_text().splitlines()
    assert lines[1:4] == ["renal,15,8,0.533333", "heart,40,20,0.5", "lung,0,0,"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"project": ""}, "names no project"),
        ({"purpose": "paper"}, "fewer than 3 words"),
    ],
)
def test_a_request_without_context_is_not_checked_at_all(
    small: Summary, changes: dict[str, str], sentence: str
) -> None:
    with pytest.raises(ExportError, match=sentence):
        ask(small, **changes)


def test_an_unknown_role_cannot_ask(small: Summary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GECIP_ROLE", "visitor")
    with pytest.raises(ExportError, match="no role 'visitor'"):
        ask(small)


def test_items_come_in_a_list(small: Summary) -> None:
    with pytest.raises(ExportError, match="not in a list"):
        request_export(small, project="RR91", purpose="Table 2 of the paper")  # type: ignore[arg-type]
    with pytest.raises(ExportError, match="no items"):
        ask()


def test_on_screen_each_item_has_its_verdict_reason_and_remedy(
    small: Summary, by_gene: Summary
) -> None:
    request = ask(small, by_gene, small.table)
    shown = request._repr_html_()
    for words in (
        "? REVIEW",
        "✓ PASS",
        "✗ FAIL",
        "2 count(s) under 5 are shown as &lt;5.",
        "join small groups into larger ones",
        "As it would leave: People by disease group",
        str(request.folder),
    ):
        assert words in shown
    assert repr(request) == "ExportRequest(PASS=1, REVIEW=1, FAIL=1)"
    assert repr(request.items[0]) == "ItemVerdict(Summary 'People by disease group', REVIEW)"

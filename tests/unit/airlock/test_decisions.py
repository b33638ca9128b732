from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from gecip.airlock import ExportRequest, Verdict, request_export
from gecip.airlock.decisions import (
    approve_request,
    list_requests,
    reject_request,
    return_request,
    show_request,
    withdraw_request,
)
from gecip.airlock.ledger import Ledger
from gecip.airlock.states import Action, State
from gecip.airlock_commands import STATES
from gecip.cli import main
from gecip.configuration import ledger_folder
from gecip.errors import ExportError
from gecip.reporting import Figure, Meaning, Summary, count_people, plot_carriers, summarise
from tests.products import BY_HAND, carriers_of, counted, people_in


@pytest.fixture(autouse=True)
def exports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GECIP_EXPORTS", str(tmp_path / "exports"))
    be(monkeypatch, "ada")
    return tmp_path / "exports"


def be(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    # The environment says nothing of who somebody is: whoever asked cannot decide under another name.
    monkeypatch.setenv("LOGNAME", "somebody-else")
    for module in ("request", "decisions"):
        monkeypatch.setattr(f"gecip.airlock.{module}.user_name", lambda: name)


def ask(*items: Any, **changes: Any) -> ExportRequest:
    facts = {"project": "RR91", "purpose": "Table 2 of the paper"}
    return request_export(list(items), **facts | changes)


def of_people(groups: dict[str, int], *, without: int = 0, **changes: Any) -> Summary:
    """Return a summary of so many people in groups, of whom the last few were left out."""
    people = people_in(groups)
    kept = people.head(len(people) - without)
    return count_people(
        kept, by="group", title="People", phenotypic=True, provenance=BY_HAND, **changes
    )


def rules_of(request: ExportRequest) -> list[set[str]]:
    return [{finding.rule.name for finding in item.findings} for item in request.items]


# ---------------------------------------------------------------------------------------------------------------------
# Against what has left
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fewer", [1, 2, 3, 4])
def test_a_number_whose_people_differ_by_a_few_is_refused_and_both_outputs_are_named(
    fewer: int,
) -> None:
    first = ask(of_people({"renal": 40, "skin": 30}))
    (item,) = (
        second := ask(of_people({"renal": 40, "skin": 30}, without=fewer), project="RR7")
    ).items
    assert item.verdict is Verdict.FAIL
    assert second.folder is None
    (finding,) = [f for f in item.findings if f.rule.name == "differencing"]
    assert f"request {first.name} of project RR91" in finding.sentence
    assert "'skin', 'people' of 'People'" in finding.sentence
    assert len(list_requests()) == 1


@pytest.mark.parametrize("fewer", [0, 5])
def test_the_same_people_and_quite_other_people_may_leave(fewer: int) -> None:
    ask(of_people({"renal": 40, "skin": 30}))
    second = ask(of_people({"renal": 40, "skin": 30}, without=fewer), project="RR7")
    assert second.folder is not None
    assert len(list_requests()) == 2


def test_one_person_exchanged_for_another_is_a_difference_of_two() -> None:
    ask(of_people({"renal": 40, "skin": 30}))
    people = people_in({"renal": 40, "skin": 30})
    people.loc[69, ["participant_id", "family_id"]] = 999
    other = count_people(people, by="group", title="t", phenotypic=True, provenance=BY_HAND)
    assert "differencing" in rules_of(ask(other))[0]


def test_a_masked_number_tells_nothing_that_a_later_one_could_be_held_against() -> None:
    ask(of_people({"renal": 40, "skin": 30, "lung": 3, "heart": 7}))
    (facts,) = [entry.facts for entry in Ledger(ledger_folder()).entries()]
    (output,) = facts["outputs"]
    assert output["rows"] == ["renal", "skin", "Total", "the whole"]
    assert facts["sizes"] == [40, 30, 80]


def test_what_fails_beside_it_does_not_hold_the_rest_back() -> None:
    ask(of_people({"renal": 40, "skin": 30}))
    refused, passing = ask(
        of_people({"renal": 40, "skin": 30}, without=2),
        of_people({"lung": 100, "heart": 80}),
    ).items
    assert refused.verdict is Verdict.FAIL
    assert refused.files == ()
    assert passing.files


def test_returned_and_withdrawn_requests_stand_in_nobodys_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = (of_people({"renal": 40, "skin": 30}, without=n) for n in (0, 2))
    asked = ask(first)
    withdraw_request(asked.name)
    other = ask(second)
    assert other.folder is not None
    # What was withdrawn may be asked for again, and is then held against what came since.
    assert "differencing" in rules_of(ask(first))[0]
    be(monkeypatch, "grace")
    return_request(other.name, reason="Who was counted?")
    be(monkeypatch, "ada")
    assert ask(first).name == asked.name
    assert show_request(asked.name).state is State.ASKED


def test_gene_counts_without_phenotypes_may_differ_by_a_few() -> None:
    genes = {"PKD1": {"renal": 12}, "PKD2": {"renal": 11}}
    first, second = (
        summarise(carriers_of({gene: groups}, groups={"renal": 40}, by=None))
        for gene, groups in genes.items()
    )
    assert ask(first).folder is not None
    assert ask(second).folder is not None


def test_a_summary_that_does_not_know_its_people_is_for_review() -> None:
    known = of_people({"renal": 40, "skin": 30})
    (judged,) = rules_of(ask(replace(known, members=None)))
    assert "unknown_members" in judged
    assert rules_of(ask(known)) == [{"known_release"}]


def means(
    title: str, column: str, rows: dict[str, tuple[float, list[int]]], whole: list[int]
) -> Summary:
    """Return a table of one mean for each row, with the people whose mean it is."""
    from gecip.reporting.members import Members

    table = pd.DataFrame({column: {row: mean for row, (mean, _) in rows.items()}})
    counts = pd.DataFrame({column: {row: len(people) for row, (_, people) in rows.items()}})
    return Summary(
        title=title,
        table=table,
        people=counts,
        families=counts,
        meanings={column: Meaning.STATISTIC},
        phenotypic=True,
        n_people=len(whole),
        n_families=len(whole),
        provenance=BY_HAND,
        members=Members.of({(row, column): people for row, (_, people) in rows.items()}, whole),
    )


def mean_age(people: list[int], age: float, row: str = "all", column: str = "mean age") -> Summary:
    return means(f"Mean age, {row}", column, {row: (age, people)}, people)


def test_a_mean_of_nearly_the_same_people_is_refused() -> None:
    ask(mean_age(list(range(100)), 41.2))
    assert "differencing" in rules_of(ask(mean_age(list(range(99)), 41.4)))[0]


def test_of_two_means_of_nearly_the_same_people_in_one_request_only_the_first_may_leave() -> None:
    first = mean_age(list(range(100)), 41.2)
    asked = ask(first, mean_age(list(range(2, 100)), 41.4, row="most"))
    assert [("differencing" in rules) for rules in rules_of(asked)] == [False, True]
    (finding,) = [f for f in asked.items[1].findings if f.rule.name == "differencing"]
    assert "'most', 'mean age'" in finding.sentence
    assert "'all', 'mean age' of 'Mean age, all' in this request" in finding.sentence
    assert asked.items[1].product is None
    # Nothing follows from means of the same people, or of people enough apart.
    for other in (
        mean_age(list(range(100)), 1.2, column="mean number of admissions"),
        mean_age(list(range(5, 100)), 41.4, row="most"),
    ):
        assert not any("differencing" in rules for rules in rules_of(ask(first, other)))


def test_a_table_of_two_means_may_leave_twice_in_one_request() -> None:
    everybody, most = list(range(100)), list(range(98))
    both = means("Means", "mean", {"age": (41.2, everybody), "admissions": (1.7, most)}, everybody)
    assert not any("differencing" in rules for rules in rules_of(ask(both, both)))


# ---------------------------------------------------------------------------------------------------------------------
# States
# ---------------------------------------------------------------------------------------------------------------------


def test_somebody_else_approves_and_the_history_says_who_and_when(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = ask(counted({"renal": 40, "skin": 30})).name
    be(monkeypatch, "grace")
    done = approve_request(name)
    assert (done.state, done.by) == (State.APPROVED, "ada")
    assert [(step.action, step.by) for step in done.history] == [
        (Action.ASK, "ada"),
        (Action.APPROVE, "grace"),
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", s.when) for s in done.history)
    assert list_requests() == []
    assert [one.name for one in list_requests(state=State.APPROVED)] == [name]


def test_nobody_decides_on_a_request_of_their_own_and_nobody_else_withdraws_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name = ask(counted({"renal": 40, "skin": 30})).name
    for decide in (
        approve_request,
        lambda one: return_request(one, reason="x"),
        lambda one: reject_request(one, reason="x"),
    ):
        with pytest.raises(ExportError, match="is your own"):
            decide(name)
    be(monkeypatch, "grace")
    with pytest.raises(ExportError, match="only whoever asked"):
        withdraw_request(name)
    assert show_request(name).state is State.ASKED


def test_what_was_rejected_is_not_asked_for_again_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    summary = counted({"renal": 40, "skin": 30})
    name = ask(summary).name
    be(monkeypatch, "grace")
    with pytest.raises(ExportError, match="with a reason"):
        reject_request(name, reason=" ")
    assert reject_request(name, reason="Not for this project").history[-1].reason == (
        "Not for this project"
    )
    with pytest.raises(ExportError, match="what is decided stays so"):
        approve_request(name)
    be(monkeypatch, "ada")
    with pytest.raises(ExportError, match="was rejected as it is"):
        ask(summary)
    assert ask(summary, purpose="Table 3 of the other paper").name != name


def test_the_same_request_twice_is_one_entry_and_its_files_come_back(exports: Path) -> None:
    summary = counted({"renal": 40, "skin": 30})
    first = ask(summary)
    assert first.folder == (exports / first.name).resolve()
    for path in first.folder.iterdir():
        path.unlink()
    first.folder.rmdir()
    assert not show_request(first.name).is_whole
    assert ask(summary).name == first.name
    assert show_request(first.name).is_whole
    assert Ledger(ledger_folder()).verify() == 1


@pytest.mark.parametrize("harm", ["changed", "gone", "one more", "manifest"])
def test_files_that_are_not_those_that_were_checked_are_not_approved(
    harm: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask(counted({"renal": 40, "skin": 30}))
    assert request.folder is not None
    (table,) = request.folder.glob("*.csv")
    if harm == "changed":
        table.write_text("something else", encoding="utf-8")
    elif harm == "gone":
        table.unlink()
    elif harm == "one more":
        table.with_name("more.csv").write_text("rows of people", encoding="utf-8")
    else:
        (request.folder / "manifest.json").write_text("{}", encoding="utf-8")
    be(monkeypatch, "grace")
    with pytest.raises(ExportError, match="not those that were checked"):
        approve_request(request.name)


def test_a_request_is_found_by_the_beginning_of_its_name() -> None:
    names = [ask(counted({"renal": n, "skin": 30})).name for n in (40, 60)]
    assert show_request(names[0][:-3]).name == names[0]
    with pytest.raises(ExportError, match="2 requests begin with"):
        show_request(names[0][:10])
    with pytest.raises(ExportError, match="There is no request"):
        show_request("nothing")


# ---------------------------------------------------------------------------------------------------------------------
# The page and the manifest
# ---------------------------------------------------------------------------------------------------------------------


class Links(HTMLParser):
    """Collects every address in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value or "" for name, value in attrs if name in ("href", "src")]


@pytest.mark.slow
def test_the_page_shows_all_that_may_leave_and_needs_nothing_but_its_folder() -> None:
    carriers = summarise(carriers_of({"PKD1": {"renal": 12}}, groups={"renal": 40}, by=None))
    summary = counted({"renal": 40, "skin <i>": 3, "heart": 12})
    request = ask(summary, plot_carriers(carriers), carriers, purpose="Table 2 <b>of</b> the paper")
    assert request.folder is not None
    page = (request.folder / "review.html").read_text(encoding="utf-8")
    links = Links()
    links.feed(page)
    images = {path.name for path in request.folder.glob("*.png")}
    assert {link for link in links.found if not link.startswith("#")} == images
    assert all(f"id='{link[1:]}'" in page for link in links.found if link.startswith("#"))
    assert "http" not in page
    assert "Table 2 &lt;b&gt;of&lt;/b&gt; the paper" in page
    assert "skin &lt;i&gt;" in page
    assert "&lt;5" in page
    for item in request.items:
        assert item.files[0] in page
    assert f"gecip airlock approve {request.name}" in page


def test_no_true_number_behind_a_mark_is_on_the_page_or_among_the_answers() -> None:
    request = ask(counted({"renal": 9_170, "skin": 3}))
    assert request.folder is not None
    for name in ("review.html", "manifest.json"):
        text = (request.folder / name).read_text(encoding="utf-8")
        assert "9,170" not in text
        assert "9170" not in text


@pytest.mark.slow
def test_the_manifest_answers_what_a_checker_would_ask(exports: Path) -> None:
    provenance = BY_HAND.then("select_cohort", cohort="Adults", release="v19")
    summary = counted({"renal": 40, "skin": 3, "heart": 12}, provenance=provenance)
    figure = Figure(summary, _draw, _describe)
    request = ask(summary.with_note("Read with care."), figure)
    assert request.folder is not None
    manifest = json.loads((request.folder / "manifest.json").read_text(encoding="utf-8"))
    answers, of_figure = (item["answers"] for item in manifest["items"])
    assert answers["What does it show?"] == "People by disease group. Read with care."
    assert "of the cohort 'Adults', of release v19" in answers["Who is counted?"]
    assert answers["How was it made?"].startswith("by hand → select cohort (cohort Adults, release")
    assert answers["What was masked?"] == "Of 8 numbers 2 shown as <5, 2 shown as withheld."
    assert "people: people; families: families" in answers["What are the numbers?"]
    assert answers["Could it be held against earlier outputs?"].startswith("Yes")
    assert of_figure["What does it show?"].endswith("A line.")
    unknown = ask(replace(summary, members=None), purpose="Table 3 of the paper")
    assert unknown.folder is not None
    manifest = json.loads((unknown.folder / "manifest.json").read_text(encoding="utf-8"))
    (answer,) = (item["answers"] for item in manifest["items"])
    assert answer["Could it be held against earlier outputs?"].startswith("In part")


def _draw(summary: Summary) -> Any:
    from gecip.reporting.style import new_drawing

    drawing = new_drawing(width=3.0, height=2.0)
    drawing.add_subplot().plot([1, 2])
    return drawing


def _describe(_summary: Summary) -> str:
    return "A line."


def test_nothing_in_a_bundle_tells_who_is_behind_a_number() -> None:
    people = people_in({"renal": 40, "skin": 30})
    people["participant_id"] += 110_000_000
    summary = count_people(people, by="group", title="t", phenotypic=True, provenance=BY_HAND)
    request = ask(summary)
    assert request.folder is not None
    salted = Ledger(ledger_folder()).salted(people["participant_id"].to_numpy(dtype=object))
    for path in request.folder.iterdir():
        content = path.read_bytes()
        assert b"1100000" not in content
        assert not any(str(one).encode() in content for one in salted)
        assert not any(one.tobytes() in content for one in salted)


# ---------------------------------------------------------------------------------------------------------------------
# The command line
# ---------------------------------------------------------------------------------------------------------------------


def say(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["airlock", *words], {})
    said = capsys.readouterr()
    return code, said.out, said.err


def test_the_words_of_the_command_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tuple(state.value for state in State) == STATES
    assert say(capsys, "list") == (0, "0 requests asked.\n", "")
    request = ask(counted({"renal": 40, "skin": 30}))
    code, out, _ = say(capsys, "list")
    assert (code, out.splitlines()) == (
        0,
        [
            f"{request.name}  RR91  ada: Table 2 of the paper  [1 output, review]",
            "1 request asked.",
        ],
    )
    assert say(capsys, "approve", request.name)[0] == 2
    be(monkeypatch, "grace")
    assert say(capsys, "return", request.name, "--because", "Who was counted?")[0] == 0
    code, out, _ = say(capsys, "show", request.name)
    assert code == 0
    assert f"{request.name}: returned" in out
    assert "return by grace: Who was counted?" in out
    be(monkeypatch, "ada")
    assert say(capsys, "withdraw", request.name)[1].endswith("was withdrawn.\n")
    ask(counted({"renal": 40, "skin": 30}))
    be(monkeypatch, "grace")
    assert say(capsys, "reject", request.name, "--because", "Not ours")[0] == 0
    assert say(capsys, "list", "--state", "rejected")[1].endswith("1 request rejected.\n")
    code, out, _ = say(capsys, "verify")
    assert code == 0
    assert "5 entries, all as they were written" in out
    code, _, err = say(capsys, "approve", request.name)
    assert code == 2
    assert "what is decided stays so" in err


def test_an_approval_says_where_the_files_lie(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask(counted({"renal": 40, "skin": 30}))
    be(monkeypatch, "grace")
    code, out, _ = say(capsys, "approve", request.name)
    assert code == 0
    assert str(request.folder) in out

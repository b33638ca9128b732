"""Numbers of people in titles and notes: none leaves that is small, and beside a masked count none at all."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gecip.airlock import Verdict, request_export
from gecip.airlock.judging.numbers_in_words import without_numbers
from gecip.airlock.masking import mask
from gecip.configuration import policy_document
from gecip.governance.policy import parse_policy
from gecip.reporting import Figure, Summary
from gecip.reporting.style import new_drawing
from tests.products import counted

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

POLICY = parse_policy(policy_document())


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("Questionnaires came back for 62% of the probands.", "for [withheld]% of the probands"),
        ("Of 85 families looked at.", "Of [withheld] families"),
        ("12 of the 85 probands have one.", "[withheld] of the [withheld] probands"),
        ("12 of them have one, and 1,234 people none.", "[withheld] of them have one, and [with"),
        ("37 unrelated affected children were left out.", "[withheld] unrelated affected children"),
        ("3 of 40 candidates pass, in 12 trios.", "3 of 40 candidates pass, in [withheld] trios"),
        ("Similarity to 1,234 reference people.", "to [withheld] reference people"),
        ("Right in 62.5 % (n = 85).", "Right in [withheld] % (n = [withheld])"),
        ("Probands: 85, controls = 170.", "Probands: [withheld], controls = [withheld]"),
    ],
)
def test_beside_something_masked_a_sentence_tells_no_number_of_people(
    sentence: str, told: str
) -> None:
    shown, taken_out = without_numbers(sentence, POLICY, beside_masked=True)
    assert told in shown
    assert taken_out == shown.count("[withheld]")


@pytest.mark.parametrize(
    "sentence",
    [
        "95 % intervals by a bootstrap of families; none where fewer than five.",
        "0.3% of the episodes had no resource group with a price.",
        "The two hold 12.0% of the variance.",
        "Costs discounted at 3.5% a year.",
        "After 7 years fewer than 5 of Renal are at risk.",
        "Terms were tested that at least 5 people have.",
        "Up to 12 SNPs two cases are of one cluster.",
        "Kinship at 12,345 high-quality sites; bounds 0.354 and 0.177.",
        "1,234 tests of genes were made; the 20 with the smallest p are shown.",
        "Patients of phase 3 and of cluster 12, since 2019.",
    ],
)
def test_what_counts_nobody_stays(sentence: str) -> None:
    assert without_numbers(sentence, POLICY, beside_masked=True) == (sentence, 0)


def test_where_nothing_is_masked_small_numbers_alone_are_taken_out() -> None:
    def told(sentence: str) -> str:
        return without_numbers(sentence, POLICY, beside_masked=False)[0]

    assert told("Of 85 families, 62% of the probands.") == "Of 85 families, 62% of the probands."
    assert told("For 3 people it is unknown.") == "For [withheld] people it is unknown."
    assert told("3.2 % of 62 patients died.") == "[withheld] % of 62 patients died."
    assert told("32 % of 62 patients died.") == "32 % of 62 patients died."


def draw_its_title(summary: Summary) -> Drawing:
    drawing = new_drawing(width=4.0, height=2.0)
    drawing.add_subplot().set_title(summary.title)
    return drawing


def describe_it(summary: Summary) -> str:
    return f"A title: {summary.title}."


def noted(groups: dict[str, int], *notes: str) -> Summary:
    return replace(counted(groups), notes=notes)


def test_a_note_beside_a_masked_cell_loses_its_numbers_and_one_of_plain_counts_keeps_them() -> None:
    note = "Of 58 people, for 95% of the probands. Wilson's 95 % intervals."
    few, many = noted({"renal": 40, "skin": 3, "heart": 15}, note), noted({"renal": 40}, note)
    (alone,) = mask([many], POLICY)
    assert alone.summary is many
    together = mask([few, many], POLICY)
    for one in together:
        assert one.summary.notes == (
            "Of [withheld] people, for [withheld]% of the probands. Wilson's 95 % intervals.",
        )
        assert one.words == 2
    # What is not masked is not marked for the sake of its words.
    assert [one.is_changed for one in together] == [True, False]


def test_what_leaves_says_that_its_words_were_cut_and_holds_the_number_nowhere(
    tmp_path: Path,
) -> None:
    summary = replace(
        noted({"renal": 40, "skin": 3, "heart": 15}, "Asked were 1,058 people."),
        title="Groups of 1,058 probands",
    )
    folder = tmp_path / "out"
    request = request_export(
        [summary, Figure(summary, draw_its_title, describe_it)],
        project="Words",
        purpose="To see what a sentence tells",
        folder=folder,
    )
    for item in request.items:
        assert item.verdict is Verdict.REVIEW
        (finding,) = [one for one in item.findings if one.rule.name == "numbers_in_words"]
        assert finding.sentence.startswith("2 number(s) of people in the title or the notes")
        assert item.title == "Groups of [withheld] probands"
    (manifest,) = folder.glob("manifest.json")
    entry = json.loads(manifest.read_text(encoding="utf-8"))["items"][0]
    assert entry["notes"] == ["Asked were [withheld] people."]
    assert "in the title or the notes" in entry["answers"]["What was masked?"]
    assert not [path for path in folder.iterdir() if re.search(rb"1,?058", path.read_bytes())]
    assert "1,058" not in request._repr_html_()


SENTENCES = (
    "Of {} people.",
    "{} of the probands answered.",
    "For {} of 900 families it is known.",
    "Known (n = {}).",
    "Among {} affected children.",
)


@pytest.mark.slow
@settings(
    deadline=None, max_examples=40, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
@given(
    counts=st.lists(st.integers(0, 60), min_size=2, max_size=5),
    sentence=st.sampled_from(SENTENCES),
    place=st.integers(0, 4),
)
def test_no_note_repeats_a_count_that_is_masked(
    counts: list[int], sentence: str, place: int
) -> None:
    groups = {f"group {number}": count for number, count in enumerate(counts)}
    number = counts[place % len(counts)]
    (masked,) = mask([noted(groups, sentence.format(number))], POLICY)
    told = re.findall(r"\d+", " ".join(masked.summary.notes))
    if masked.is_changed:
        assert told == []
    else:
        assert not [one for one in told if 0 < int(one) < POLICY.smallest_shown_count]

"""What a notebook can be told from outside, and what is found wrong before anything runs."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gecip.errors import NotebookError
from gecip.sharing.parameters import declared_parameters, told_parameters, with_parameters

NOTEBOOK = Path("question.ipynb")
DECLARED = """
release_name = "demo"  # the release
fewest: int = 5
below = 0.01
genes = ["PKD1", "PKD2"]
copies = {"PKD1": 2}
strict = False
day = None
pair = (1, 2)
"""
ALL = {
    "release_name": "demo",
    "fewest": 5,
    "below": 0.01,
    "genes": ["PKD1", "PKD2"],
    "copies": {"PKD1": 2},
    "strict": False,
    "day": None,
    "pair": (1, 2),
}


def notebook(source: str = DECLARED, tag: str = "parameters") -> nbformat.NotebookNode:
    told = nbformat.v4.new_code_cell(source, metadata={"tags": [tag]})
    return nbformat.v4.new_notebook(
        cells=[told, nbformat.v4.new_code_cell("release_name")],
        metadata={"kernelspec": {"name": "python3", "language": "python", "display_name": "P"}},
    )


def values_after(document: nbformat.NotebookNode) -> dict[str, Any]:
    """Return what the names are once the first two cells have run."""
    names: dict[str, Any] = {}
    exec("\n".join(cell.source for cell in document.cells[:2]), names)
    return {name: names[name] for name in ALL}


def test_every_name_of_the_tagged_cell_is_a_parameter_with_its_value() -> None:
    assert declared_parameters(notebook(), NOTEBOOK) == ALL


@pytest.mark.parametrize(
    ("told", "value"),
    [
        ({"release_name": "v19"}, "v19"),
        ({"release_name": 'a "quoted" \\ ünï'}, 'a "quoted" \\ ünï'),
        ({"fewest": "7"}, 7),
        ({"fewest": 7}, 7),
        ({"below": "1"}, 1.0),
        ({"below": 2}, 2.0),
        ({"below": "1e-5"}, 1e-5),
        ({"genes": "['UMOD']"}, ["UMOD"]),
        ({"copies": "{'UMOD': 1}"}, {"UMOD": 1}),
        ({"strict": "true"}, True),
        ({"strict": "False"}, False),
        ({"day": "2024-06-01"}, "2024-06-01"),
        ({"day": "3"}, 3),
    ],
)
def test_what_is_told_replaces_the_notebooks_own_and_has_its_kind(
    told: dict[str, Any], value: Any
) -> None:
    document, values = with_parameters(notebook(), NOTEBOOK, told=told)
    ((name, _),) = told.items()
    assert values == ALL | {name: value}
    assert values_after(document) == values
    assert type(values[name]) is type(value)
    assert document.cells[1].metadata["tags"] == ["injected-parameters"]
    assert "papermill" not in document.metadata


@pytest.mark.slow
@given(st.text(), st.integers(), st.floats(allow_nan=False), st.lists(st.text() | st.integers()))
def test_any_value_arrives_as_it_was_told(
    text: str, whole: int, number: float, items: list[Any]
) -> None:
    told = {"release_name": text, "fewest": whole, "below": number, "genes": items}
    document, values = with_parameters(notebook(), NOTEBOOK, told=told)
    assert values == ALL | told
    assert values_after(document) == values


@pytest.mark.parametrize(
    ("told", "complaint"),
    [
        ({"fewset": "7"}, "no parameter 'fewset'.*Did you mean 'fewest'"),
        ({"fewest": "7.5"}, "'fewest' is to be a whole number"),
        ({"fewest": True}, "'fewest' is to be a whole number"),
        ({"below": "low"}, "'below' is to be a number"),
        ({"strict": "perhaps"}, "'strict' is to be true or false"),
        ({"genes": "PKD1"}, "'genes' is to be a list"),
        ({"copies": "['PKD1']"}, "'copies' is to be a dictionary"),
        ({"release_name": 19}, "'release_name' is to be text"),
        ({"pair": "(1, 3)"}, "'pair' is a tuple.*make it a list"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(told: dict[str, Any], complaint: str) -> None:
    with pytest.raises(NotebookError, match=complaint):
        with_parameters(notebook(), NOTEBOOK, told=told)


@pytest.mark.parametrize(
    "source", ["release_name = open('x').read()", "import os", "a = b = 1", "a, b = 1, 2", "a = ("]
)
def test_a_cell_that_does_more_than_to_set_plain_values_is_told_so(source: str) -> None:
    with pytest.raises(NotebookError, match="does more than to set names to plain values"):
        with_parameters(notebook(source), NOTEBOOK, told={"release_name": "v19"})


def test_without_a_tagged_cell_nothing_can_be_told_and_nothing_need_be() -> None:
    untagged = notebook(tag="other")
    assert with_parameters(untagged, NOTEBOOK, told={}) == (untagged, {})
    with pytest.raises(NotebookError, match="no cell is tagged 'parameters'"):
        with_parameters(untagged, NOTEBOOK, told={"release_name": "v19"})


def test_words_of_the_command_line_are_parted_at_the_first_sign() -> None:
    assert told_parameters(["a=1", "b = x=y"]) == {"a": "1", "b": " x=y"}
    for words, complaint in (
        (["release"], "name=value"),
        (["=3"], "name=value"),
        (["a=1", "a=2"], "'a' is told twice"),
    ):
        with pytest.raises(NotebookError, match=complaint):
            told_parameters(words)


def test_the_injected_cell_is_python_that_sets_what_was_told_and_nothing_else() -> None:
    document, _ = with_parameters(notebook(), NOTEBOOK, told={"fewest": "7", "strict": "true"})
    statements = ast.parse(document.cells[1].source).body
    assert [statement.targets[0].id for statement in statements] == ["fewest", "strict"]  # type: ignore[attr-defined]

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from gecip.model.dictionary import AREAS, OTHER_AREA, Dictionary, programme_dictionary
from gecip.model.table import TABLES


@pytest.fixture(scope="module")
def dictionary() -> Dictionary:
    return programme_dictionary()


def test_it_speaks_of_every_table_and_column_of_the_model(dictionary: Dictionary) -> None:
    assert {article.name for article in dictionary.articles} == set(TABLES)
    assert dictionary.columns == sum(len(table.known_columns) for table in TABLES.values())


def test_every_table_stands_in_an_area_of_its_own_name(dictionary: Dictionary) -> None:
    areas = [article.area for article in dictionary.articles]
    assert OTHER_AREA not in areas
    assert list(dict.fromkeys(areas)) == list(AREAS.values())


def columns(dictionary: Dictionary) -> set[str]:
    return {f"{one.name}.{column.name}" for one in dictionary.articles for column in one.columns}


def test_a_search_finds_sentences_codings_aliases_and_older_names(dictionary: Dictionary) -> None:
    renal = columns(dictionary.search("renal"))
    assert "rare_diseases_participant_disease.normalised_disease_group" in renal
    assert "cancer_analysis.disease_type" in renal
    assert "av_tumour.anon_tumour_id" in columns(dictionary.search("tumour_pseudo_id"))
    assert "participant.rare_diseases_family_id" in columns(dictionary.search("family_id"))
    assert columns(dictionary.search("snomed")) <= {
        name for name in columns(dictionary) if name.startswith(("ecds.", "did.", "mhsds_"))
    }


def test_capitals_do_not_matter_and_all_words_must_be_said(dictionary: Dictionary) -> None:
    assert columns(dictionary.search("RENAL")) == columns(dictionary.search("renal"))
    both = columns(dictionary.search("outpatient diagnosis"))
    assert both <= columns(dictionary.search("diagnosis"))
    assert columns(dictionary.search("day birth")) == columns(
        dictionary.search("day").search("birth")
    )


def test_a_table_that_is_found_by_its_sentence_is_shown_whole(dictionary: Dictionary) -> None:
    (article,) = dictionary.search("outpatient clinic").articles
    assert article.name == "hes_op"
    assert len(article.columns) == len(TABLES["hes_op"].known_columns)


def test_it_does_not_change(dictionary: Dictionary) -> None:
    before = dictionary.columns
    dictionary.search("renal")
    assert dictionary.columns == before
    with pytest.raises(dataclasses.FrozenInstanceError):
        dictionary.title = "Other"  # type: ignore[misc]


def test_it_is_short_where_it_is_only_named(dictionary: Dictionary) -> None:
    assert re.fullmatch(r"Dictionary\(.*, tables=[\d,]+, columns=[\d,]+\)", repr(dictionary))
    assert "on 'renal'" in repr(dictionary.search("renal"))


def test_text_keeps_to_its_width_and_shows_first_what_was_asked_for(
    dictionary: Dictionary,
) -> None:
    said = dictionary.search("renal").text(width=80)
    assert max(map(len, said.splitlines())) <= 80
    assert "Codings: Renal and urinary tract disorders, Cardiovascular" in " ".join(said.split())
    assert dictionary.search("xyzzy").text() == "Nothing is said of 'xyzzy'."


def test_a_table_in_text_has_its_facts_and_columns(dictionary: Dictionary) -> None:
    said = dictionary.table("mortality").text()
    assert "Linked data: 1995-06-27 to 2024-02-25 in v19" in said
    assert "Earlier names: ons (up to v10)" in said
    assert "icd10_multiple_cause_15  [text, clinical, ICD-10]" in said
    assert "domain_assignment" in dictionary.text()


def test_in_a_notebook_it_is_a_table_that_is_cut_and_says_so(dictionary: Dictionary) -> None:
    shown = dictionary.search("diagnosis")._repr_html_()
    assert shown.count("<tr ") == 60
    assert "The first 60 rows are shown" in shown
    assert "<script" not in shown
    assert "Nothing is said of it" in dictionary.search("<b>")._repr_html_()
    assert "&lt;b&gt;" in dictionary.search("<b>")._repr_html_()


class Page(HTMLParser):
    """Collects what a page links to, and whether its tags are closed."""

    VOID = ("meta", "input", "br", "wbr")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_asks_nothing_of_any_other_address(dictionary: Dictionary) -> None:
    page = dictionary.page()
    read = Page(page)
    assert read.open == []
    assert all(link.startswith("#") and link[1:] in read.ids for link in read.links)
    assert len(read.ids) == len(set(read.ids))
    for outside in ("http:", "https:", "//cdn", "@import", "url(", "fetch(", "XMLHttpRequest"):
        assert outside not in page
    assert set(TABLES) <= set(read.ids)


def test_the_page_of_a_search_holds_what_was_found(dictionary: Dictionary) -> None:
    ids = Page(dictionary.search("outpatient").page()).ids
    assert "hes_op" in ids
    assert "participant" not in ids

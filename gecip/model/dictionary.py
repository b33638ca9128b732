"""The data dictionary: what every table and column means, to be looked through in words.

One source, many prints: the entries are those of the model itself. A release's dictionary holds what
that release has, also what the model does not know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from gecip.model.table import TABLES, Column, ColumnType, Table, nearest

UNDESCRIBED = "Not described: the release has it and the model does not know it."
_MOST_VALUES = 12

# How the areas of the model are called, by the module that describes them; their order is the dictionary's.
AREAS: Mapping[str, str] = {
    "people": "People and families",
    "programme_membership": "People in the programme",
    "rare_disease_clinic": "Rare disease: the clinic",
    "measurements": "Rare disease: measurements",
    "family_analysis": "Rare disease: families and genomes",
    "tiering": "Rare disease: tiering and panels",
    "exomiser": "Rare disease: Exomiser",
    "interpretation": "Rare disease: what came of it",
    "de_novo_variants": "Rare disease: de novo variants",
    "genomes": "Genomes",
    "samples": "Samples",
    "cancer": "Cancer: tumours and their genomes",
    "cancer_staging": "Cancer: stage and pathology",
    "cancer_registry": "Cancer: the registry",
    "cancer_risk": "Cancer: risk factors",
    "cancer_treatment": "Cancer: treatment",
    "hospital": "Hospital stays and deaths",
    "hospital_visits": "Hospital visits and imaging",
    "mental_health": "Mental health",
    "covid_tests": "Tests for COVID-19",
    "quality_of_life": "Quality of life",
    "infection": "Tuberculosis",
}
OTHER_AREA = "Other tables"


@dataclass(frozen=True)
class Article:
    """What the dictionary says of one table: its sentence, facts about it as pairs, and its columns."""

    name: str
    sentence: str
    area: str = OTHER_AREA
    facts: tuple[tuple[str, str], ...] = ()
    columns: tuple[Column, ...] = ()

    def found(self, words: Sequence[str]) -> Article | None:
        """Return the article with the columns that have all the words, with all if only the table has, or None."""
        columns = tuple(column for column in self.columns if _has(_words_of(column), words))
        if columns:
            return replace(self, columns=columns)
        facts = " ".join(value for _, value in self.facts)
        return self if _has(f"{self.name} {self.sentence} {self.area} {facts}", words) else None


@dataclass(frozen=True, repr=False)
class Dictionary:
    """Tables and columns in words; a search gives a smaller dictionary.

    `elsewhere` are articles on what the programme has and this release has not.
    """

    title: str
    articles: tuple[Article, ...]
    elsewhere: tuple[Article, ...] = ()
    asked: str = ""

    def search(self, words: str) -> Dictionary:
        """Return what is said of `words`, as `"renal"`: in names, sentences, codings and older names.

        Several words must all be said of one column. Capitals do not matter.
        """
        wanted = words.lower().split()
        return replace(
            self,
            articles=tuple(_found(self.articles, wanted)),
            elsewhere=tuple(_found(self.elsewhere, wanted)),
            asked=" ".join(filter(None, (self.asked, words.strip()))),
        )

    def table(self, name: str) -> Dictionary:
        """Return what is said of one table.

        Raises
        ------
        KeyError
            When there is no such table here.
        """
        for article in self.articles:
            if article.name == name:
                return replace(self, articles=(article,), elsewhere=())
        raise KeyError(name)

    @property
    def columns(self) -> int:
        """Return how many columns the dictionary speaks of."""
        return sum(len(article.columns) for article in self.articles)

    @property
    def beyond(self) -> str:
        """Return a sentence on what the programme has and this release has not; empty where there is nothing."""
        names = [article.name for article in self.elsewhere]
        if not names or not self.asked:
            return ""
        shown = ", ".join(names[:6]) + (f" and {len(names) - 6:,} more" if len(names) > 6 else "")
        return f"The programme's own releases say more of it: in {shown}."

    def text(self, *, width: int = 100) -> str:
        """Return the dictionary as plain text, its lines at most `width` characters long where words allow."""
        from gecip.model.dictionary_text import dictionary_text

        return dictionary_text(self, width=width)

    def page(self) -> str:
        """Return the dictionary as one HTML page that asks nothing of any other address."""
        from gecip.model.dictionary_page import dictionary_page

        return dictionary_page(self)

    def __repr__(self) -> str:
        asked = f" on {self.asked!r}" if self.asked else ""
        return f"Dictionary({self.title!r}{asked}, tables={len(self.articles):,}, columns={self.columns:,})"

    def _repr_html_(self) -> str:
        from gecip.model.dictionary_page import dictionary_in_notebook

        return dictionary_in_notebook(self)


def programme_dictionary() -> Dictionary:
    """Return the dictionary of all that the model knows."""
    return Dictionary("The programme's clinical tables", tuple(_articles()))


def release_dictionary(title: str, present: Mapping[str, Mapping[str, ColumnType]]) -> Dictionary:
    """Return the dictionary of the tables and columns that a release has.

    Parameters
    ----------
    title
        The release's name.
    present
        By table the columns that it has, by their present names, with their types.
    """
    known = {article.name: article for article in _articles()}
    articles = []
    for name, columns in present.items():
        article = known.get(name) or Article(
            name, "One row for each of what the model does not know."
        )
        described = {column.name: column for column in article.columns}
        here = tuple(
            described.get(column) or Column(kind, UNDESCRIBED, name=column)
            for column, kind in columns.items()
        )
        articles.append(replace(article, columns=here))
        if name in known:
            absent = tuple(column for column in article.columns if column.name not in columns)
            known[name] = replace(article, columns=absent)
    order = list(known)
    articles.sort(key=lambda one: order.index(one.name) if one.name in known else len(order))
    elsewhere = tuple(one for one in known.values() if one.name not in present or one.columns)
    return Dictionary(title, tuple(articles), elsewhere)


def no_such_table(name: str, dictionary: Dictionary) -> str:
    """Return the sentence that answers who asks the dictionary for a table that it does not have."""
    names = tuple(article.name for article in dictionary.articles)
    return f"The dictionary has no table {name!r}{nearest(name, names)}"


def releases_text(known: Column | type[Table]) -> str:
    """Return in which releases something exists, as `from v14`; empty where it is in all that are listed."""
    since = f"from {known.since}" if known.since else ""
    until = f"up to {known.until}" if known.until else ""
    return " ".join(filter(None, (since, until)))


def values_text(column: Column, *, asked: str = "", most: int = _MOST_VALUES) -> str:
    """Return a column's codings with commas between: of many the first, and before them what was asked for."""
    words = asked.lower().split()
    met = [value for value in column.values if any(word in value.lower() for word in words)]
    values = list(dict.fromkeys((*met, *column.values)))
    shown = ", ".join(values[:most])
    more = len(values) - most
    return f"{shown} and {more:,} more" if more > 0 else shown


def former_text(known: Column | type[Table]) -> str:
    """Return what something was called before, as `key_columns (up to v16)`."""
    return ", ".join(
        f"{former.name} (up to {former.until})" if former.until else former.name
        for former in known.former_names
    )


def _articles() -> Iterator[Article]:
    order = list(AREAS)
    modules = {table.name: table.__module__.rpartition(".")[2] for table in TABLES.values()}
    for table in sorted(
        TABLES.values(),
        key=lambda one: (
            order.index(modules[one.name]) if modules[one.name] in order else len(order)
        ),
    ):
        yield Article(
            table.name,
            (table.__doc__ or "").splitlines()[0],
            AREAS.get(modules[table.name], OTHER_AREA),
            tuple((name, value) for name, value in _facts(table) if value),
            tuple(table.known_columns.values()),
        )


def _facts(table: type[Table]) -> Iterator[tuple[str, str]]:
    yield "Key", ", ".join(table.key)
    yield "Releases", releases_text(table)
    yield "Earlier names", former_text(table)
    if table.covers:
        first, last = table.covers
        yield "Linked data", f"{first.isoformat()} to {last.isoformat()} in v19"
    if table.person_column is None:
        yield "People", "Speaks of nobody."
    if table.invented:
        yield "Invented", "Only the synthetic releases have it."


def _found(articles: Sequence[Article], words: Sequence[str]) -> Iterator[Article]:
    for article in articles:
        found = article.found(words)
        if found is not None:
            yield found


def _words_of(column: Column) -> str:
    return " ".join(
        (
            column.name,
            column.alias or "",
            column.description,
            column.code_system or "",
            *column.values,
            *(former.name for former in column.former_names),
        )
    )


def _has(text: str, words: Sequence[str]) -> bool:
    lowered = text.lower()
    return all(word in lowered for word in words)

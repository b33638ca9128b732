"""Explore who is in a release by clicking, and take the Python along.

The widget holds three choices and nothing else: each click writes a definition, the cohort language
counts it, and the code shown is the one that was run.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gecip.cohort import Cohort, CohortDefinition, define_cohort, select_cohort
from gecip.errors import GecipError
from gecip.tables import diseases, participants, phenotypes

if TYPE_CHECKING:
    from gecip.release import Release

ANYONE = ""


@dataclass(frozen=True)
class Choices:
    """What the three filters are set to; an empty word filters nothing."""

    sex: str = ANYONE
    disease_group: str = ANYONE
    hpo_term: str = ANYONE

    def definition(self) -> CohortDefinition:
        """Return the cohort definition that these choices mean."""
        definition = define_cohort("Explored cohort")
        if self.sex:
            definition = definition.include(
                participants.sex == self.sex, because=f"sex is {self.sex}"
            )
        if self.disease_group:
            definition = definition.include(
                diseases.where(diseases.group == self.disease_group).exists_for_participant(),
                because=f"recruited under {self.disease_group}",
            )
        if self.hpo_term:
            definition = definition.include(
                phenotypes.where(
                    phenotypes.term.is_a(self.hpo_term) & (phenotypes.present == "Yes")
                ).exists_for_participant(),
                because=f"{self.hpo_term} or a descendant was found",
            )
        return definition

    def python(self, release: str) -> str:
        """Return the code that selects the same cohort, ready to paste."""
        steps = []
        if self.sex:
            steps.append(
                f".include(participants.sex == {self.sex!r}, because={'sex is ' + self.sex!r})"
            )
        if self.disease_group:
            because = f"recruited under {self.disease_group}"
            steps.append(
                f".include(diseases.where(diseases.group == {self.disease_group!r}).exists_for_participant(), because={because!r})"
            )
        if self.hpo_term:
            because = f"{self.hpo_term} or a descendant was found"
            steps.append(
                f".include(phenotypes.where(phenotypes.term.is_a({self.hpo_term!r}) & (phenotypes.present == 'Yes'))"
                f".exists_for_participant(), because={because!r})"
            )
        criteria = "".join(f"\n    {step}" for step in steps)
        return (
            "from gecip import define_cohort, open_release, select_cohort\n"
            "from gecip.tables import diseases, participants, phenotypes\n\n"
            f"release = open_release({release!r})\n"
            f"definition = (\n    define_cohort('Explored cohort'){criteria}\n)\n"
            "cohort = select_cohort(definition, release)"
        )


def explore(release: Release) -> CohortExplorer:
    """Return a widget with three filters over a release, live counts and the Python behind them."""
    return CohortExplorer(release)


class CohortExplorer:
    """Three filters, the number of people and families they leave, and the Python that leaves the same.

    `cohort` is the cohort of the moment. Where the widget cannot live (a reopened or exported notebook)
    its last counts and code show as plain text instead.
    """

    def __init__(self, release: Release) -> None:
        self.release = release
        self.choices = Choices()
        self.cohort: Cohort = select_cohort(self.choices.definition(), release)
        self._message = ""

    def choose(
        self, *, sex: str = ANYONE, disease_group: str = ANYONE, hpo_term: str = ANYONE
    ) -> CohortExplorer:
        """Set the three filters as clicking does; what cannot be selected is said and leaves the cohort as it was."""
        choices = Choices(sex, disease_group, hpo_term.strip())
        try:
            self.cohort = select_cohort(choices.definition(), self.release)
        except GecipError as error:
            self._message = str(error)
            return self
        self.choices, self._message = choices, ""
        return self

    @property
    def python(self) -> str:
        """Return the code behind the cohort of the moment."""
        return self.choices.python(self.release.name)

    def _counts_html(self) -> str:
        consenting = len(self.release.consent.participants)
        problem = f"<p style='color:#a33'>{html.escape(self._message)}</p>" if self._message else ""
        return (
            f"<p><b style='font-size:1.6em'>{len(self.cohort):,}</b> people in "
            f"<b>{len(self.cohort.families):,}</b> families, of {consenting:,} who consent</p>{problem}"
        )

    def _repr_html_(self) -> str:
        return self._counts_html() + f"<pre>{html.escape(self.python)}</pre>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        import ipywidgets

        bundle = {"text/html": self._repr_html_(), "text/plain": repr(self)}
        view: dict[str, Any] | tuple[dict[str, Any], Any] = ipywidgets.Widget._repr_mimebundle_(
            self.widget
        )
        return (
            bundle
            | (view[0] if isinstance(view, tuple) else view)
            | {"text/html": self._repr_html_()}
        )

    def __repr__(self) -> str:
        return f"CohortExplorer({self.cohort!r})"

    @cached_property
    def widget(self) -> Any:
        """The ipywidgets box that shows this explorer."""
        import ipywidgets

        wide = ipywidgets.Layout(width="32em")
        style = {"description_width": "9em"}
        sex = ipywidgets.Dropdown(
            options=self._options("participant", "participant_phenotypic_sex"),
            description="Sex",
            layout=wide,
            style=style,
        )
        group = ipywidgets.Dropdown(
            options=self._options("rare_diseases_participant_disease", "normalised_disease_group"),
            description="Disease group",
            layout=wide,
            style=style,
        )
        term = ipywidgets.Combobox(
            options=[
                value
                for _, value in self._options(
                    "rare_diseases_participant_phenotype", "normalised_hpo_id"
                )[1:]
            ],
            placeholder="HP:0000107, with its descendants",
            description="HPO term",
            continuous_update=False,
            layout=wide,
            style=style,
        )
        counts = ipywidgets.HTML(self._counts_html())
        code = ipywidgets.HTML(self._code_html())
        shown = ipywidgets.ToggleButton(value=False, description="Show the Python", icon="code")
        code.layout.display = "none"

        def update(_: Any) -> None:
            self.choose(sex=sex.value, disease_group=group.value, hpo_term=term.value)
            counts.value, code.value = self._counts_html(), self._code_html()

        def toggle(change: Any) -> None:
            code.layout.display = "" if change["new"] else "none"

        for control in (sex, group, term):
            control.observe(update, names="value")
        shown.observe(toggle, names="value")
        return ipywidgets.VBox([sex, group, term, counts, shown, code])

    def _code_html(self) -> str:
        return f"<pre style='line-height:1.35'>{html.escape(self.python)}</pre>"

    def _options(self, table: str, column: str) -> list[tuple[str, str]]:
        """Return the values that occur, the most frequent first, behind `anyone`."""
        if (
            table not in self.release.tables
            or column not in self.release.dataset(table).schema.names
        ):
            return [("anyone", ANYONE)]
        values = self.release.read(table, [column])[column].dropna()
        return [
            ("anyone", ANYONE),
            *((str(value), str(value)) for value in values.value_counts().index),
        ]

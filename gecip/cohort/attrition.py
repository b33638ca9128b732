"""How many remain after each step, in people and families, consent first."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Step:
    """What one criterion did.

    `unknown` are the people for whom the condition could not be decided: an inclusion drops them,
    an exclusion keeps them. `uncertain_age` are those for whom it rests on the rule that makes an age
    of a year of birth: a year younger, it would say otherwise.
    """

    reason: str
    rule: str
    people: int
    families: int
    people_dropped: int
    families_dropped: int
    unknown: int
    uncertain_age: int = 0


@dataclass(frozen=True)
class Attrition:
    """The steps from everyone in the release to the cohort."""

    steps: tuple[Step, ...]

    def as_frame(self) -> pd.DataFrame:
        """Return the steps as a table, one row each."""
        import pandas as pd

        return pd.DataFrame(
            {
                "step": [step.reason for step in self.steps],
                "rule": [step.rule for step in self.steps],
                "people": [step.people for step in self.steps],
                "families": [step.families for step in self.steps],
                "people dropped": [step.people_dropped for step in self.steps],
                "families dropped": [step.families_dropped for step in self.steps],
                "unknown": [step.unknown for step in self.steps],
                "uncertain age": [step.uncertain_age for step in self.steps],
            }
        )

    def __repr__(self) -> str:
        return "Attrition(" + " → ".join(f"{step.people:,}" for step in self.steps) + ")"

    def _repr_html_(self) -> str:
        titles = ["Step", "Rule", "People", "Families", "People dropped", "Families dropped"]
        head = "".join(f"<th>{title}</th>" for title in [*titles, "Unknown", "Uncertain age"])
        rows = "".join(
            f"<tr><td style='text-align:left'>{html.escape(step.reason)}</td><td>{step.rule}</td><td>{step.people:,}</td>"
            f"<td>{step.families:,}</td><td>{step.people_dropped:,}</td><td>{step.families_dropped:,}</td>"
            f"<td>{step.unknown:,}</td><td>{step.uncertain_age:,}</td></tr>"
            for step in self.steps
        )
        return f"<table><tr>{head}</tr>{rows}</table>"

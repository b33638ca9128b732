"""The same notebook on two releases: who came and who left, what was found and what was lost, and each number beside the other.

A difference between two releases can be one person, so that all of it stays inside: each part is a Listing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import NotebookError
from gecip.provenance import Provenance
from gecip.reporting import Listing
from gecip.sharing.cohort_changes import CohortChange, cohort_changes
from gecip.sharing.notebook_run import NotebookRun, perform
from gecip.sharing.product_changes import compared_estimates, compared_hits

if TYPE_CHECKING:
    import pandas as pd

# Below it a p or q value counts as a hit, unless another limit is asked for.
SIGNIFICANT = 0.05


@dataclass(frozen=True, repr=False, eq=False)
class ReleaseComparison:
    """What the same notebook gives on two releases.

    Attributes
    ----------
    cohorts
        How each cohort changed, in the order in which the notebook selects them.
    hits
        What was gained and lost, a row each: rows of Listings, lines of Summaries, and values of p or q that
        crossed the limit, with the reason.
    estimates
        Every number of every Summary on both releases.
    """

    notebook: str
    older: str
    newer: str
    cohorts: tuple[CohortChange, ...]
    hits: Listing
    estimates: Listing

    @property
    def steps(self) -> Listing:
        """How many came and left, by cohort and reason."""
        import pandas as pd

        rows = [
            (change.title, word, reason, people)
            for change in self.cohorts
            for word, reasons in (("gained", change.gained), ("lost", change.lost))
            for reason, people in reasons.items()
        ]
        return Listing(
            title=f"Who came and who left between {self.older} and {self.newer}",
            rows=pd.DataFrame(rows, columns=["cohort", "change", "reason", "people"]),
            provenance=self.hits.provenance,
        )

    @property
    def changed(self) -> pd.DataFrame:
        """The estimates that differ."""
        rows = self.estimates.rows
        return rows[rows["differs"]].reset_index(drop=True)

    def __repr__(self) -> str:
        cohorts = ", ".join(f"{one.title!r} {one.balance}" for one in self.cohorts) or "no cohort"
        changes = self.hits.rows["change"]
        return (
            f"ReleaseComparison({self.notebook!r}, {self.older!r} to {self.newer!r}: {cohorts}; hits gained="
            f"{int((changes == 'gained').sum()):,}, lost={int((changes == 'lost').sum()):,})"
        )

    def _repr_html_(self) -> str:
        import html

        lines = "".join(
            f"<li>{html.escape(one.title)}: {one.older:,} → {one.newer:,} people ({one.balance})</li>"
            for one in self.cohorts
        )
        differing = Listing(
            title=f"{self.estimates.title}, where they differ ({len(self.changed):,} of {len(self.estimates):,})",
            rows=self.changed.drop(columns="differs"),
            provenance=self.estimates.provenance,
        )
        parts = [self.steps, self.hits, differing]
        return (
            f"<p><b>{html.escape(self.notebook)}</b>: {html.escape(self.older)} and {html.escape(self.newer)}</p>"
            f"<ul>{lines}</ul>{''.join(part._repr_html_() for part in parts if len(part))}"
        )


def compare_releases(
    notebook: str | Path,
    older: str,
    newer: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    significant: float = SIGNIFICANT,
) -> ReleaseComparison:
    """Return what the same notebook gives on two releases; it is run twice.

    People are told apart by their number, which stays the same from one release to the next. Products are
    held against each other by their place in the notebook. Whoever came or left is counted by
    the first reason that there is: not in the other release, not to be read in it, or the first criterion
    that the person did not meet.

    Parameters
    ----------
    notebook
        A notebook whose parameters name the release.
    older, newer
        The releases.
    parameters
        As for `run_notebook`, the same on both.
    significant
        Below which value of q, or of p where there is no q, a line of a Summary is a hit.

    Raises
    ------
    NotebookError
        When the notebook cannot be run on both, or the releases are one.
    """
    if older == newer:
        raise NotebookError(f"{older} cannot be compared with itself: name two releases.")
    path = Path(notebook).expanduser().absolute()
    runs = [perform(path, release=name, parameters=parameters) for name in (older, newer)]
    changes = cohort_changes(runs[0].people, runs[1].people, releases=(older, newer))
    provenance = Provenance(
        "compare_releases",
        {
            "notebook": path.name,
            "older": [one["release_digest"] for one in runs[0].record["releases"]],
            "newer": [one["release_digest"] for one in runs[1].record["releases"]],
        },
        software=runs[1].record["software"],
    )
    pairs = list(_pairs(runs))
    return ReleaseComparison(
        notebook=path.name,
        older=older,
        newer=newer,
        cohorts=changes,
        hits=compared_hits(
            pairs, changes, releases=(older, newer), significant=significant, provenance=provenance
        ),
        estimates=compared_estimates(pairs, releases=(older, newer), provenance=provenance),
    )


def comparison_page(comparison: ReleaseComparison) -> str:
    """Return a comparison as one HTML page, which asks nothing of any address; it is at row level."""
    import html

    title = html.escape(f"{comparison.notebook} on {comparison.older} and {comparison.newer}")
    return (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n<title>{title}</title>\n'
        "<style>body{font:15px/1.5 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1.5rem}</style>\n"
        f"</head>\n<body>\n<h1>{title}</h1>\n{comparison._repr_html_()}\n</body>\n</html>\n"
    )


def _pairs(runs: Sequence[NotebookRun]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield the contents of the products that stand at the same place of the notebook in both runs."""
    from gecip.sharing.product_marks import marked_outputs

    placed = []
    for run in runs:
        by_place: dict[tuple[int, int], dict[str, Any]] = {}
        seen: dict[int, int] = {}
        for cell, _, mark in marked_outputs(run.document):
            if "number" in mark:
                seen[cell] = seen.get(cell, -1) + 1
                content = run.contents[mark["number"]]
                if "shown_as" not in content:
                    by_place[cell, seen[cell]] = content
        placed.append(by_place)
    for place in sorted(placed[0].keys() & placed[1].keys()):
        older, newer = placed[0][place], placed[1][place]
        if ("table" in older) == ("table" in newer):
            yield older, newer

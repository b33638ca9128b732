"""How a scan of the genome is said: its strongest variants, the quantiles of its p-values, and where they lie.

What leaves is aggregate: statistics of variants that enough people carry by the airlock's rule for
genome-wide results (a minor allele frequency of 0.005 and 20 alleles), and no counts by genotype.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.inflation import genomic_inflation, quantiles
from gecip.configuration import policy_document
from gecip.model.assembly import GRCH38
from gecip.provenance import Provenance
from gecip.reporting.figure import Figure, require_columns
from gecip.reporting.members import Members
from gecip.reporting.style import BLUE, ORANGE, PALE, QUIET, VERMILION, new_drawing
from gecip.reporting.summary import Meaning, Summary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

    People = Collection[Hashable]

GENOME_WIDE = 5e-8
# A callset may hold a variant twice; it is told once.
KEY = ["contig", "position", "reference", "alternate"]
VARIANT, FREQUENCY, EFFECT, ERROR, P = (
    "variant",
    "minor allele frequency",
    "effect of the alternate",
    "standard error",
    "p",
)
EXPECTED, OBSERVED, LOW, HIGH = "expected by chance", "observed", "95 % from", "95 % to"
CONTIG, MEGABASE, HEIGHT = "contig", "megabase", "-log10 p"
# Below this height one mark stands for all of its neighbourhood.
_DRAWN_EACH = 4.0
_STEP, _PLACES = 0.25, 500
_MEGABASE = 1e6


def strongest_variants(
    variants: pd.DataFrame,
    *,
    title: str,
    provenance: Provenance,
    families: int = 0,
    people: People | None = None,
    most: int = 20,
) -> Summary:
    """Return the variants of a scan with the smallest p that may be told, with effect and frequency.

    Parameters
    ----------
    variants
        One row for each variant: `contig, position, reference, alternate, n, alt_frequency,
        minor_allele_count, beta, standard_error, p_value`, as an association gives for one phenotype.
    title
        What was scanned for.
    provenance
        Of the association.
    families
        How many families its people are of.
    people
        Who was in the fit, as identifiers, where that is known; it is for the airlock to compare.
    most
        How many variants; at most those that the airlock takes for selected ones.
    """
    import pandas as pd

    kept, note = tellable(variants)
    rules = policy_document()["variants"]
    # The rule lets a list of fewer leave.
    shown = kept.nsmallest(min(most, rules["most_selected"] - 1), "p_value")
    table = told_of(shown).set_axis(pd.Index(named(shown), name=VARIANT, dtype=object), axis=0)
    behind = _Fitted(shown["n"].to_numpy(dtype=int), families, people)
    return _summary(table, behind, title, provenance, (note,))


def summarise_quantiles(
    variants: pd.DataFrame,
    *,
    title: str,
    provenance: Provenance,
    families: int = 0,
    people: People | None = None,
) -> Summary:
    """Return ordered p-values of a scan beside those that chance gives, with λ in a note; parameters as above.

    Every variant with a p counts, also those too rare to be told one by one.
    """
    import pandas as pd

    found = quantiles(variants["p_value"])
    inflation = genomic_inflation(variants["p_value"])
    table = pd.DataFrame(
        {EXPECTED: found.expected, OBSERVED: found.observed, LOW: found.low, HIGH: found.high},
        index=pd.Index([f"rank {rank}" for rank in found.rank], name="p, the smallest first"),
    )
    notes = (
        f"Genomic inflation λ = {inflation:.3f} over {int(variants['p_value'].notna().sum()):,} variants; 1 is none.",
        "All as -log10 p. The band holds 95 of 100 scans of as many independent variants without association.",
    )
    behind = _Fitted([int(variants["n"].max())] * len(table), families, people)
    return _summary(table, behind, title, provenance, notes)


def summarise_places(
    variants: pd.DataFrame,
    *,
    title: str,
    provenance: Provenance,
    families: int = 0,
    people: People | None = None,
) -> Summary:
    """Return where in the genome a scan's p-values lie, for a Manhattan plot; parameters as above.

    Places are rounded to 10,000 bases. Each variant with a p under 1e-4 has its own row; of others one
    row stands for all of a neighbourhood at one height, so that the table stays small.
    """
    import numpy as np
    import pandas as pd

    kept, note = tellable(variants)
    kept = kept.dropna(subset=["p_value"])
    height = -np.log10(np.maximum(kept["p_value"].to_numpy(dtype=float), np.finfo(float).tiny))
    rounded = np.where(height < _DRAWN_EACH, np.round(height / _STEP) * _STEP, height)
    wide = sum(GRCH38.lengths[name] for name in GRCH38.autosomes) / _PLACES
    position = kept["position"].to_numpy(dtype=float)
    place = np.where(height < _DRAWN_EACH, (position // wide + 0.5) * wide, position)
    places = (
        pd.DataFrame(
            {
                CONTIG: kept["contig"].to_numpy(),
                MEGABASE: np.round(place / _MEGABASE, 2),
                HEIGHT: np.round(rounded, 3),
                "n": kept["n"].to_numpy(dtype=int),
            }
        )
        .drop_duplicates([CONTIG, MEGABASE, HEIGHT])
        .reset_index(drop=True)
    )
    table = places[[CONTIG, MEGABASE, HEIGHT]].set_axis(
        pd.Index([f"mark {number}" for number in range(1, len(places) + 1)], name="mark"), axis=0
    )
    strongest = int((variants["p_value"] < GENOME_WIDE).sum())
    told = f"{strongest:,} of {int(variants['p_value'].notna().sum()):,} variants have a p under {GENOME_WIDE:g}."
    behind = _Fitted(places["n"].to_numpy(), families, people)
    return _summary(
        table, behind, title, provenance, (told, note), meanings={CONTIG: Meaning.DESCRIPTION}
    )


def named(variants: pd.DataFrame) -> list[str]:
    """Return each variant as `chr1:1000:A:G`, a form in which no position looks like a person's number."""
    columns = (variants[name] for name in KEY)
    return [
        f"{contig}:{position}:{ref}:{alt}"
        for contig, position, ref, alt in zip(*columns, strict=True)
    ]


def told_of(variants: pd.DataFrame) -> pd.DataFrame:
    """Return what is told of variants: frequency of the rarer allele, effect, standard error and p."""
    import pandas as pd

    return pd.DataFrame(
        {
            FREQUENCY: rarer_frequency(variants),
            EFFECT: variants["beta"].astype(float),
            ERROR: variants["standard_error"].astype(float),
            P: variants["p_value"].astype(float),
        }
    )


def rarer_frequency(variants: pd.DataFrame) -> pd.Series[float]:
    """Return the frequency of the rarer allele."""
    frequency = variants["alt_frequency"].astype(float)
    return frequency.where(frequency <= 0.5, 1 - frequency)


def tellable(variants: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return the variants of which a genome-wide result may be told, and a sentence on the others."""
    rules = policy_document()["variants"]
    enough = (rarer_frequency(variants) >= rules["least_minor_allele_frequency"]) & (
        variants["minor_allele_count"] >= rules["least_allele_count"]
    )
    left_out = int((~enough & variants["p_value"].notna()).sum())
    return variants[enough].drop_duplicates(KEY), (
        f"{left_out:,} rarer variants are left out, of a minor allele frequency under "
        f"{rules['least_minor_allele_frequency']:g} or fewer than {rules['least_allele_count']} alleles."
    )


@dataclass(frozen=True, repr=False, eq=False)
class _Fitted:
    """Who was in the fit: for each row how many, of how many families, and who, where that is known."""

    counts: Any
    families: int
    people: People | None


def _summary(
    table: pd.DataFrame,
    fitted: _Fitted,
    title: str,
    provenance: Provenance,
    notes: tuple[str, ...],
    *,
    meanings: Mapping[str, Meaning] | None = None,
) -> Summary:
    """Return a summary of which every cell is a statistic of all who were in the fit."""
    import pandas as pd

    behind = pd.DataFrame({key: list(fitted.counts) for key in table.columns}, index=table.index)
    behind = behind.astype(int)
    return Summary(
        title=title,
        table=table,
        people=behind,
        families=behind.clip(upper=fitted.families),
        meanings={**dict.fromkeys(table.columns, Meaning.STATISTIC), **(meanings or {})},
        phenotypic=True,
        n_people=int(behind.max(axis=None)) if len(behind) else 0,
        n_families=fitted.families,
        provenance=provenance.then("summarise", of="scan"),
        notes=notes,
        members=None if fitted.people is None else Members.behind_all(table, fitted.people),
    )


# -- figures ------------------------------------------------------------------------------------------


def plot_quantiles(summary: Summary) -> Figure:
    """Return the quantile-quantile plot of a scan, with the band of chance.

    Raises
    ------
    ReportingError
        When the summary is not one of quantiles.
    """
    require_columns(
        summary,
        {EXPECTED, OBSERVED},
        "cannot be drawn so: give the summary of summarise_quantiles.",
    )
    return Figure(summary, _draw_quantiles, _describe_quantiles)


def plot_manhattan(summary: Summary) -> Figure:
    """Return where in the genome a scan's p-values lie, with the line of 5e-8.

    Raises
    ------
    ReportingError
        When the summary is not one of places.
    """
    require_columns(
        summary,
        {CONTIG, MEGABASE, HEIGHT},
        "cannot be drawn so: give the summary of summarise_places.",
    )
    return Figure(summary, _draw_manhattan, _describe_manhattan)


def _draw_quantiles(summary: Summary) -> Drawing:
    table = summary.table.astype(float)
    drawing = new_drawing(width=5.4, height=5.2)
    axes = drawing.add_subplot()
    axes.fill_between(
        table[EXPECTED], table[LOW], table[HIGH], color=PALE, lw=0, label="95 % by chance"
    )
    end = float(table[EXPECTED].max())
    axes.plot([0, end], [0, end], color=QUIET, lw=1)
    axes.plot(table[EXPECTED], table[OBSERVED], "o", ms=4, color=BLUE, mew=0, label="observed")
    axes.set_xlim(0, end * 1.03)
    axes.set_ylim(0, max(float(table[OBSERVED].max()), end) * 1.05)
    axes.set_xlabel("-log10 p, expected by chance")
    axes.set_ylabel("-log10 p, observed")
    axes.legend(loc="upper left")
    axes.set_title(summary.title)
    return drawing


def _describe_quantiles(summary: Summary) -> str:
    table = summary.table.astype(float)
    top, end = float(table[OBSERVED].max()), float(table[EXPECTED].max())
    return (
        f"{summary.title}. Observed against expected -log10 p; the largest is {top:.1f} where chance gives {end:.1f}. "
        f"{summary.notes[0] if summary.notes else ''}"
    )


def _draw_manhattan(summary: Summary) -> Drawing:
    table = summary.table.dropna()
    drawing = new_drawing(width=9.6, height=4.0)
    axes = drawing.add_subplot()
    order = [*GRCH38.autosomes, "chrX"]
    held = [name for name in order if (table[CONTIG] == name).any()]
    start, middles = 0.0, []
    for number, name in enumerate(held):
        own = table[table[CONTIG] == name]
        length = GRCH38.lengths[name] / _MEGABASE
        axes.plot(
            start + own[MEGABASE].astype(float), own[HEIGHT].astype(float),
            "o" if number % 2 == 0 else "D", ms=3.4 if number % 2 == 0 else 3.0, mew=0,
            color=BLUE if number % 2 == 0 else ORANGE,
        )  # fmt: skip
        middles.append(start + length / 2)
        start += length
    _dress_manhattan(axes, summary, held, middles, start)
    return drawing


def _dress_manhattan(
    axes: Axes, summary: Summary, held: list[str], middles: list[float], end: float
) -> None:
    import math

    line = -math.log10(GENOME_WIDE)
    axes.axhline(line, color=VERMILION, lw=1, ls="--")
    axes.annotate("5e-8", (end, line), xytext=(3, 0), textcoords="offset points", va="center", fontsize=8.5, color=VERMILION)  # fmt: skip
    highest = float(summary.table[HEIGHT].astype(float).max()) if len(summary.table) else line
    axes.set_ylim(0, max(highest, line) * 1.08)
    axes.set_xlim(0, max(end, 1.0))
    # The names of the short chromosomes would touch each other.
    named = dict(zip(held, middles, strict=True))
    shown = [name for name in held if name not in ("chr19", "chr21") or len(held) < 12]
    axes.set_xticks([named[name] for name in shown], [name.removeprefix("chr") for name in shown])
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel("Chromosome")
    axes.set_ylabel("-log10 p")
    axes.set_title(summary.title)


def _describe_manhattan(summary: Summary) -> str:
    table = summary.table.dropna()
    if table.empty:
        return f"{summary.title}. Nothing is drawn."
    top = table.loc[table[HEIGHT].astype(float).idxmax()]
    return (
        f"{summary.title}. Each mark a place of the genome and its -log10 p; the highest, {float(top[HEIGHT]):.1f}, is at "
        f"{top[CONTIG]}, {float(top[MEGABASE]):.2f} megabases. {summary.notes[0] if summary.notes else ''}"
    )

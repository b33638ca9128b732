"""Allele frequencies: which fields of the annotation hold one, of which source and which population."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.errors import GenotypesError

if TYPE_CHECKING:
    import hail as hl

COHORT = "cohort"
EVERYBODY = "all"
THOUSAND_GENOMES = "1000 Genomes"
HIGHEST = "MAX"
# VEP writes the populations of the 1000 Genomes Project, and of the ESP, without a source before them.
_UNNAMED = {
    **dict.fromkeys(("AFR", "AMR", "EAS", "EUR", "SAS"), THOUSAND_GENOMES),
    **dict.fromkeys(("AA", "EA"), "ESP"),
}


@dataclass(frozen=True)
class FrequencyField:
    """A field of CSQ with an allele frequency: `gnomADg_AFR_AF` is of source `gnomADg` and population `AFR`."""

    name: str
    source: str
    population: str


def is_frequency(field: str) -> bool:
    """Return whether a CSQ field holds an allele frequency: VEP's names for these end in `AF`."""
    return field.endswith("AF")


def frequency_field(name: str) -> FrequencyField:
    """Return what a field's name says: VEP's manner is `<source>_<population>_AF`, either of which may be left out."""
    parts = name.removesuffix("AF").rstrip("_").split("_")
    if parts == [""]:
        return FrequencyField(name, THOUSAND_GENOMES, EVERYBODY)
    if parts[0] in _UNNAMED and len(parts) == 1:
        return FrequencyField(name, _UNNAMED[parts[0]], parts[0])
    return FrequencyField(name, parts[0], "_".join(parts[1:]) or EVERYBODY)


def chosen_frequencies(
    names: Iterable[str], *, source: str | None, populations: Sequence[str] | None
) -> tuple[str, ...]:
    """Return the fields of a source and of populations; all there are, where neither is told.

    Parameters
    ----------
    names
        The fields of the annotation.
    source
        As VEP writes it (`gnomADg`, `gnomADe`), `gnomAD` for both, or `1000 Genomes`; case does not matter.
    populations
        As VEP writes them (`AFR`, `NFE`), and `all` for everybody together.

    Raises
    ------
    GenotypesError
        When the annotation has no frequencies, or none such; the message lists what it has.
    """
    known = [frequency_field(name) for name in names if is_frequency(name)]
    if not known:
        raise GenotypesError(
            "The functional annotation has no allele frequencies (fields of CSQ that end in AF), so that rare variants "
            "cannot be told: annotate the release with VEP's gnomAD frequencies."
        )
    of_source = [one for one in known if source is None or _is_of(one, source)]
    if not of_source:
        raise GenotypesError(
            f"The annotation has no frequencies of {source!r}: write source= as one of "
            f"{_listed(one.source for one in known)}, or {COHORT!r} for the cohort's own."
        )
    if populations is None:
        return tuple(one.name for one in of_source)
    if isinstance(populations, str):
        raise GenotypesError(f"populations= takes a list: write populations=[{populations!r}].")
    wanted = {population.lower() for population in populations}
    absent = wanted - {one.population.lower() for one in of_source}
    if absent or not wanted:
        raise GenotypesError(
            f"The annotation has no frequencies of {', '.join(sorted(absent)) or 'an empty list of populations'}: "
            f"write populations= out of {_listed(one.population for one in of_source)}."
        )
    return tuple(one.name for one in of_source if one.population.lower() in wanted)


def highest_frequency(
    annotation: hl.ArrayExpression, fields: Sequence[str] | None = None
) -> hl.Float64Expression:
    """Return a variant's highest allele frequency in these fields, all if not given; 0 where none lists it.

    Raises
    ------
    GenotypesError
        When the annotation has no frequencies.
    """
    import hail as hl

    names = fields or chosen_frequencies(
        annotation.dtype.element_type, source=None, populations=None
    )
    found = annotation.flatmap(lambda one: hl.array([one[name] for name in names]))
    return hl.or_else(hl.max(found), 0.0)


def own_frequency(mt: hl.MatrixTable) -> hl.Float64Expression:
    """Return a variant's highest allele frequency among the called genotypes; 0 where nobody is called.

    One copy, as males have of X, counts as one. Of several alternates on one row the commonest counts.
    """
    import hail as hl

    counts = hl.agg.call_stats(mt.GT, mt.alleles)
    return hl.or_else(hl.max(counts.AF[1:].filter(lambda af: ~hl.is_nan(af))), 0.0)


def _is_of(one: FrequencyField, source: str) -> bool:
    asked = re.sub(r"[\s_]", "", source.lower())
    own = re.sub(r"[\s_]", "", one.source.lower())
    return own == asked or (asked == "gnomad" and own.startswith("gnomad"))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))

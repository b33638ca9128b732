"""What is known of variants on a day: their clinical significance, as ClinVar's VCF tells it."""

from __future__ import annotations

import datetime
import enum
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.errors import InputError
from gecip.model.variant import Variant, contig_name, parse_variant

if TYPE_CHECKING:
    from collections.abc import Iterator

_SIGNIFICANCE = "CLNSIG"


class Significance(enum.Enum):
    """Three verdicts that change what is reported; all others count as uncertain."""

    PATHOGENIC = "pathogenic or likely pathogenic"
    UNCERTAIN = "uncertain or not told"
    BENIGN = "benign or likely benign"


@dataclass(frozen=True, repr=False)
class SignificanceOn:
    """What was known on a day, by variant with padding taken off; what is not named is uncertain."""

    date: datetime.date
    known: Mapping[Variant, Significance]

    def of(self, variant: str | Variant) -> Significance:
        """Return what was known of a variant."""
        named = variant if isinstance(variant, Variant) else parse_variant(variant)
        return self.known.get(named.trimmed, Significance.UNCERTAIN)

    def __repr__(self) -> str:
        return f"SignificanceOn({self.date}, variants={len(self.known):,})"


def significance_of(words: str) -> Significance:
    """Return which of the three verdicts ClinVar's words amount to.

    ClinVar joins several assertions with `/`, `|` and `,`. Conflicting ones are uncertain, whatever they
    are; a risk or a drug response is no verdict on a disease.

    Examples
    --------
    >>> significance_of("Pathogenic/Likely_pathogenic")
    <Significance.PATHOGENIC: 'pathogenic or likely pathogenic'>
    >>> significance_of("Conflicting_classifications_of_pathogenicity")
    <Significance.UNCERTAIN: 'uncertain or not told'>
    """
    text = words.lower().replace(" ", "_")
    for separator in "|,;":
        text = text.replace(separator, "/")
    verdicts = {part.strip("_").removeprefix("likely_") for part in text.split("/")}
    is_pathogenic, is_benign = "pathogenic" in verdicts, "benign" in verdicts
    if is_pathogenic == is_benign:
        return Significance.UNCERTAIN
    return Significance.PATHOGENIC if is_pathogenic else Significance.BENIGN


def known_significance(date: datetime.date, words: Mapping[str | Variant, str]) -> SignificanceOn:
    """Return what was known on a day, from variants and the words used of them.

    Raises
    ------
    DefinitionError
        When a variant is not named as one.
    """
    named = {
        (variant if isinstance(variant, Variant) else parse_variant(variant)).trimmed: said
        for variant, said in words.items()
    }
    return SignificanceOn(date, {one: significance_of(said) for one, said in named.items()})


def read_clinvar(
    file: str | Path, variants: Iterable[str | Variant], *, date: datetime.date | None = None
) -> SignificanceOn:
    """Return what ClinVar's VCF says of the variants asked for: one reading of the file, nothing else kept.

    Parameters
    ----------
    file
        ClinVar's VCF of the assembly on which the variants lie, plain or compressed.
    variants
        Whose significance to keep.
    date
        Of the file; by default the `fileDate` of its header.

    Raises
    ------
    InputError
        When the file cannot be read, has no CLNSIG, or tells no day.
    """
    import pysam

    wanted = {(one if isinstance(one, Variant) else parse_variant(one)).trimmed for one in variants}
    try:
        opened = pysam.VariantFile(str(file))
    except (OSError, ValueError):
        raise InputError(
            f"{file}: this cannot be read as a VCF: name ClinVar's VCF, as clinvar_20241027.vcf.gz."
        ) from None
    with opened as vcf:
        if _SIGNIFICANCE not in vcf.header.info:
            raise InputError(
                f"{file}: there is no INFO field {_SIGNIFICANCE}: name ClinVar's VCF of variants."
            )
        day = date or _file_date(vcf.header.records)
        if day is None:
            raise InputError(
                f"{file}: the header tells no fileDate: name the day in date=, since a reanalysis compares days."
            )
        known = {
            variant: significance_of(words) for variant, words in _told(vcf) if variant in wanted
        }
    return SignificanceOn(day, known)


def _told(vcf: Any) -> Iterator[tuple[Variant, str]]:
    for record in vcf:
        contig = contig_name(record.contig)
        said = record.info.get(_SIGNIFICANCE)
        if contig is None or said is None or record.ref is None:
            continue
        words = said if isinstance(said, str) else "/".join(said)
        for alternate in record.alts or ():
            if alternate.isalpha() and alternate != record.ref:
                yield Variant(contig, record.pos, record.ref, alternate).trimmed, words


def _file_date(records: Iterable[Any]) -> datetime.date | None:
    for record in records:
        if record.key == "fileDate":
            digits = record.value.replace("-", "")
            if len(digits) == 8 and digits.isdigit():
                return datetime.datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    return None

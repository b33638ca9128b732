"""How far apart isolates are: single bases in which they differ, where both could be read.

Left out are the places that differ for other reasons than time: the PE/PPE genes, whose repeats short
reads cannot be placed in, and twelve bases to either side of the mutations that make drugs fail, which
arise again and again wherever the drug is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domains.infectious_disease.resistance_catalogue import (
    ResistanceCatalogue,
    joined,
    known_catalogue,
)
from domains.infectious_disease.resistance_prediction import SMALLEST_ALLELE_FRACTION, touching
from domains.infectious_disease.sequenced_isolates import Isolates
from gecip.analysis.result import Result
from gecip.errors import InputError
from gecip.model.tuberculosis_genome import LENGTH, is_pe_or_ppe

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

Stretch = tuple[int, int]

MARGIN = 12
BASES = "ACGT"


@dataclass(frozen=True, repr=False, eq=False)
class SnpDistances(Result):
    """SNPs between every two isolates: `counts` has shape (isolates, isolates), in the order of `isolates`.

    `n_sites` are the places at which any two of them were compared.
    """

    isolates: Isolates
    counts: npt.NDArray[np.int32]
    n_sites: int

    def __repr__(self) -> str:
        return f"SnpDistances(isolates={len(self.isolates):,}, sites={self.n_sites:,})"


def count_snp_distances(
    isolates: Isolates,
    *,
    masked: Iterable[Stretch] | None = None,
    mask_pe_ppe: bool = True,
    smallest_allele_fraction: float = SMALLEST_ALLELE_FRACTION,
) -> SnpDistances:
    """Return the number of SNPs between every two isolates.

    A place counts where both isolates were read: it lies in no uncalled region of either, and in
    neither is it mixed, that is with a variant in more than the rest and less than the least share of
    the reads that makes it a call. Insertions and deletions are not counted.

    Parameters
    ----------
    isolates
        Isolates with their variants and uncalled regions.
    masked
        Stretches to leave out, 1-based with both ends included, as `read_mask` gives them; the
        surroundings of the well-known resistance mutations if not given.
    mask_pe_ppe
        Whether to leave out variants in genes of the PE/PPE families, which tell themselves by name.
    smallest_allele_fraction
        Share of the reads from which on a variant is called; below one minus this, the reference is.

    Notes
    -----
    Sparse products: the time grows, place by place, with the square of the isolates that differ from the
    reference there.
    """
    masked = joined(resistance_surroundings(known_catalogue()) if masked is None else masked)
    snps = _single_bases(isolates.variants)
    hidden = touching(snps["position"].to_numpy(), snps["position"].to_numpy(), masked)
    if mask_pe_ppe:
        hidden |= snps["gene"].fillna("").map(is_pe_or_ppe).to_numpy(dtype=bool)
    calls = _calls(isolates, snps[~hidden], smallest_allele_fraction)
    return SnpDistances(
        provenance=isolates.provenance.then(
            "count_snp_distances",
            masked_stretches=len(masked),
            masked_bases=sum(stop - start + 1 for start, stop in masked),
            mask_pe_ppe=mask_pe_ppe,
            smallest_allele_fraction=smallest_allele_fraction,
        ),
        isolates=isolates,
        counts=_count_differences(calls),
        n_sites=calls.n_sites,
    )


def resistance_surroundings(
    catalogue: ResistanceCatalogue, *, margin: int = MARGIN
) -> list[Stretch]:
    """Return the stretches around the mutations of a catalogue that make drugs fail; a lost gene is one as a whole."""
    places = [place for drug in catalogue.drugs for place in catalogue.places(drug)]
    return joined((max(1, start - margin), min(LENGTH, stop + margin)) for start, stop in places)


def read_mask(path: str | Path) -> list[Stretch]:
    """Return the stretches of a BED file as 1-based ones with both ends included, in order.

    Raises
    ------
    InputError
        When there is no such file, or a line has no start and stop.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise InputError(
            f"{path}: this mask cannot be read: name a BED file of plain text."
        ) from None
    stretches, problems = [], []
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith(("#", "track", "browser")):
            continue
        fields = line.split("\t")
        if len(fields) < 3 or not (fields[1].isdigit() and fields[2].isdigit()):
            problems.append(
                f"{path}, line {number}: a line of a BED file has a contig, a start and a stop, parted by tabs."
            )
        else:
            stretches.append((int(fields[1]) + 1, int(fields[2])))
    if problems:
        raise InputError(problems[:10])
    return joined(stretches)


def _single_bases(variants: pd.DataFrame) -> pd.DataFrame:
    """Return the substitutions, one row for each base: `isolate, position, ref, alt, gene, allele_fraction`."""
    import pandas as pd

    columns = ["isolate", "position", "ref", "alt", "gene", "allele_fraction"]
    substitutions = variants[variants["ref"].str.len() == variants["alt"].str.len()][columns]
    single = substitutions["ref"].str.len() == 1
    longer = [
        (isolate, position + at, ref, alt, gene, fraction)
        for isolate, position, bases, others, gene, fraction in substitutions[~single].itertuples(
            index=False
        )
        for at, (ref, alt) in enumerate(zip(bases, others, strict=True))
        if ref != alt
    ]
    every = substitutions[single]
    if longer:
        every = pd.concat([every, pd.DataFrame(longer, columns=columns)], ignore_index=True)
    return every.astype({"position": "int64"})


@dataclass(frozen=True, eq=False)
class _Calls:
    """Where isolates differ from the reference, and where they were not read.

    Three lists of places in step with each other: isolate `carrier` has the allele `allele` at `site`.
    Two more: isolate `unread_by` was not read at `unread_site`. An allele is a base at a site.
    """

    n_isolates: int
    n_sites: int
    carrier: npt.NDArray[np.int64]
    site: npt.NDArray[np.int64]
    allele: npt.NDArray[np.int64]
    unread_by: npt.NDArray[np.int64]
    unread_site: npt.NDArray[np.int64]


def _calls(isolates: Isolates, snps: pd.DataFrame, smallest_allele_fraction: float) -> _Calls:
    """Return what every isolate has at every place where any of them differs from the reference."""
    import numpy as np
    import pandas as pd

    names = pd.Index(isolates.isolates["isolate"])
    who = names.get_indexer(snps["isolate"])
    fraction = snps["allele_fraction"].to_numpy(dtype=float)
    base = snps["alt"].map({letter: code for code, letter in enumerate(BASES)})
    called = (fraction >= smallest_allele_fraction) & base.notna().to_numpy()
    mixed = ~called & (fraction > 1 - smallest_allele_fraction)
    positions = np.unique(snps["position"].to_numpy()[called])
    at = np.searchsorted(positions, snps["position"].to_numpy())
    at_a_site = np.isin(snps["position"].to_numpy(), positions)
    regions = isolates.uncalled_regions
    begins = np.searchsorted(positions, regions["start"].to_numpy(dtype=np.int64))
    ends = np.searchsorted(positions, regions["stop"].to_numpy(dtype=np.int64), side="right")
    within = [np.arange(begin, end) for begin, end in zip(begins, ends, strict=True)]
    unread_by = np.repeat(names.get_indexer(regions["isolate"]), ends - begins)
    unread = np.unique(
        np.concatenate(
            [
                unread_by * len(positions) + np.concatenate([*within, np.empty(0, np.int64)]),
                (who * len(positions) + at)[mixed & at_a_site],
            ]
        ).astype(np.int64)
    )
    # A base that two overlapping variants tell is told once.
    places, rows = np.unique((who * len(positions) + at)[called], return_index=True)
    rows = np.flatnonzero(called)[rows[~np.isin(places, unread)]]
    return _Calls(
        n_isolates=len(names),
        n_sites=len(positions),
        carrier=who[rows],
        site=at[rows],
        allele=at[rows] * len(BASES) + base.iloc[rows].to_numpy(dtype=np.int64),
        unread_by=unread // max(len(positions), 1),
        unread_site=unread % max(len(positions), 1),
    )


def _count_differences(calls: _Calls) -> npt.NDArray[np.int32]:
    """Return in how many sites every two isolates differ, of those where both were read.

    Every allele of either counts once, but not where the other was not read; what both have is taken
    off twice, and where they have different alleles of one site, that is one difference and not two.
    """
    import numpy as np

    n = calls.n_isolates
    alleles = _incidence(calls.carrier, calls.allele, (n, calls.n_sites * len(BASES)))
    sites = _incidence(calls.carrier, calls.site, (n, calls.n_sites))
    unread = _incidence(calls.unread_by, calls.unread_site, (n, calls.n_sites))
    carried = np.asarray(sites.sum(axis=1)).reshape(-1)
    same = (alleles @ alleles.T).toarray()
    lost = (sites @ unread.T).toarray()
    differences = carried[:, None] + carried[None, :] - same - (sites @ sites.T).toarray()
    return np.asarray(differences - lost - lost.T, dtype=np.int32)


def _incidence(
    rows: npt.NDArray[np.int64], columns: npt.NDArray[np.int64], shape: tuple[int, int]
) -> Any:
    import numpy as np
    from scipy.sparse import csr_array

    return csr_array((np.ones(len(rows), dtype=np.int32), (rows, columns)), shape=shape)

"""In which genes the tumours of a group are mutated, how, and which genes are never mutated together."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domains.cancer.mutational_burden import mutational_burden
from domains.cancer.protein_changes import Change, change_of
from domains.cancer.sequenced_tumours import Tumours
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import pandas as pd

# Domains of the report with genes that are known in cancer; the third holds all others.
CANCER_DOMAINS = ("DOMAIN1", "DOMAIN2")
MOST_GENES = 12
# Above this burden genes are hit by chance so often that any two of them are found together.
HYPERMUTATED_PER_MEGABASE = 100.0


@dataclass(frozen=True, repr=False, eq=False)
class MutatedGenes(Result):
    """Which genes are mutated in which tumour.

    Attributes
    ----------
    tumours
        One row per participant, by the tumour sampled first: `tumour, participant_id, family_id,
        disease_type, per_megabase`.
    changes
        One row for each tumour and gene mutated in it: `tumour, gene, change` (a `Change`).
    genes
        The genes looked at, the one that is mutated in most tumours first.
    """

    tumours: pd.DataFrame
    changes: pd.DataFrame
    genes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"MutatedGenes(tumours={len(self.tumours):,}, genes={len(self.genes)})"


@dataclass(frozen=True, repr=False, eq=False)
class MutualExclusivity(Result):
    """How often two genes are mutated in the same tumour, against chance.

    `pairs` has a row for each two genes: `first, second, both, first_only, second_only, neither,
    families_both, …, odds_ratio, p, q`; q after Benjamini and Hochberg. `mutated` tells for each gene in
    which of the tumours it is mutated. `set_aside` counts the hypermutated tumours that were left out.
    """

    pairs: pd.DataFrame
    tumours: pd.DataFrame
    mutated: Mapping[str, frozenset[str]]
    set_aside: int

    def __repr__(self) -> str:
        return f"MutualExclusivity(pairs={len(self.pairs)}, tumours={len(self.tumours):,})"


def mutated_genes(
    tumours: Tumours,
    *,
    genes: Sequence[str] | None = None,
    domains: Sequence[str] | None = CANCER_DOMAINS,
    most: int = MOST_GENES,
) -> MutatedGenes:
    """Return which genes are mutated in which tumour, the first tumour of each participant.

    Only variants that change the protein or a splice site count. Without a word on which genes are meant, those
    of the report's cancer domains are ranked: over all genes the longest come first, since they are hit by
    chance, as TTN.

    Parameters
    ----------
    genes
        The genes to look at, in any order; a gene mutated in no tumour stays, with nobody in it.
    domains
        Of the report, from which genes are ranked when none are named; None for every gene.
    most
        How many genes to keep when none are named.

    Raises
    ------
    AnalysisError
        When no gene is named and none is mutated, or `most` is not positive.
    """
    if most < 1:
        raise AnalysisError(f"A figure of {most} genes shows nothing: give most=1 or more.")
    first = tumours.first_of_each_participant()
    burden = mutational_burden(first).tumours
    found = first.variants[first.variants["is_non_synonymous"]].dropna(subset=["gene"])
    if genes is not None:
        found = found[found["gene"].isin(list(genes))]
    elif domains is not None:
        found = found[found["domain"].isin(list(domains))]
    in_tumours = found.groupby("gene")["tumour"].nunique()
    ranked = sorted(
        in_tumours.index if genes is None else dict.fromkeys(genes),
        key=lambda gene: (-int(in_tumours.get(gene, 0)), gene),
    )
    kept = ranked if genes is not None else ranked[:most]
    if not kept:
        raise AnalysisError(
            "None of these tumours has a mutation in a gene of the report's cancer domains: name genes=, or "
            "rank all with domains=None."
        )
    return MutatedGenes(
        provenance=first.provenance.then("mutated_genes", genes=list(kept)),
        tumours=burden[["tumour", "participant_id", "family_id", "disease_type", "per_megabase"]],
        changes=_changes(found[found["gene"].isin(kept)]),
        genes=tuple(kept),
    )


def mutual_exclusivity(
    mutated: MutatedGenes, *, hypermutated_from: float = HYPERMUTATED_PER_MEGABASE
) -> MutualExclusivity:
    """Return for every two genes whether they are mutated together more or less often than by chance.

    Fisher's exact test, two-sided, over the tumours that are not hypermutated; q after Benjamini and
    Hochberg. An odds ratio below 1 says that one mutation makes the other superfluous, or that they
    belong to different diseases under one name. The odds ratio has half a tumour added to each
    of the four counts (Haldane and Anscombe), so that it is finite when one of them is empty.

    Raises
    ------
    AnalysisError
        When there are fewer than two genes, or every tumour is hypermutated.
    """
    import pandas as pd
    from scipy.stats import false_discovery_control, fisher_exact

    kept = mutated.tumours[mutated.tumours["per_megabase"] < hypermutated_from]
    if len(mutated.genes) < 2 or kept.empty:
        raise AnalysisError(
            "Which genes exclude each other needs two genes, and tumours that are not hypermutated: name more "
            "genes, or take more tumours."
        )
    carriers = {
        gene: set(mutated.changes.loc[mutated.changes["gene"] == gene, "tumour"])
        for gene in mutated.genes
    }
    rows = []
    for first, second in itertools.combinations(mutated.genes, 2):
        in_first, in_second = (kept["tumour"].isin(carriers[gene]) for gene in (first, second))
        cells = {
            "both": in_first & in_second,
            "first_only": in_first & ~in_second,
            "second_only": ~in_first & in_second,
            "neither": ~in_first & ~in_second,
        }
        counts = {name: int(chosen.sum()) for name, chosen in cells.items()}
        families = {
            f"families_{name}": int(kept.loc[chosen, "family_id"].nunique())
            for name, chosen in cells.items()
        }
        a, b, c, d = counts.values()
        rows.append(
            {
                "first": first,
                "second": second,
                **counts,
                **families,
                "odds_ratio": (a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)),
                "p": float(fisher_exact([[a, b], [c, d]]).pvalue),
            }
        )
    pairs = pd.DataFrame(rows)
    pairs["q"] = false_discovery_control(pairs["p"].clip(upper=1))
    return MutualExclusivity(
        provenance=mutated.provenance.then(
            "mutual_exclusivity", hypermutated_from=hypermutated_from
        ),
        pairs=pairs.sort_values(["p", "first", "second"], ignore_index=True),
        tumours=kept,
        mutated={gene: frozenset(some) for gene, some in carriers.items()},
        set_aside=len(mutated.tumours) - len(kept),
    )


def _changes(found: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each tumour and gene, with what its mutations do."""
    import pandas as pd

    mutations = found.drop_duplicates(["tumour", "gene", "contig", "position", "ref", "alt"])
    rows = []
    for (tumour, gene), group in mutations.groupby(["tumour", "gene"], sort=True):
        several = len(group) > 1
        rows.append(
            (tumour, gene, Change.SEVERAL if several else change_of(group["consequence"].iloc[0]))
        )
    return pd.DataFrame(rows, columns=["tumour", "gene", "change"])

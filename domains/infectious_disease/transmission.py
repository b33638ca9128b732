"""Who may have infected whom: cases whose isolates are so near that they belong to one chain.

Tuberculosis changes about half a base a year (Walker et al., Lancet Infect Dis 2013,
10.1016/S1473-3099(12)70277-3): of pairs from one household, 96 % lie within five SNPs, and beyond
twelve a recent common source is unlikely. Cases joined by steps of at most twelve are a cluster
(single linkage). A distance has no direction: who fell ill first need not have infected the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from domains.infectious_disease.sequenced_isolates import Isolates
from domains.infectious_disease.snp_distance import Stretch, count_snp_distances
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import pandas as pd

CLUSTER_SNPS = 12
RECENT_SNPS = 5
SNPS_A_YEAR = 0.5


@dataclass(frozen=True, repr=False, eq=False)
class TransmissionClusters(Result):
    """Cases and the clusters to which they belong.

    Attributes
    ----------
    cases
        One row for each participant, by the earliest isolate: `isolate, participant_id, family_id,
        collection_date, lineage, cluster, cluster_size, nearest`. `cluster` is missing for those in
        none, of whom `cluster_size` is 1; `nearest` are the SNPs to the nearest other case.
    links
        The shortest chain through each cluster, one row for each step: `cluster, earlier, later,
        earlier_date, later_date, snps, recent, same_family`.
    counts
        SNPs between every two cases, in the order of `cases`.
    later_isolates
        How many isolates of people who already are a case were left out.
    """

    cases: pd.DataFrame
    links: pd.DataFrame
    counts: npt.NDArray[np.int32]
    cluster_snps: int
    recent_snps: int
    later_isolates: int

    @property
    def n_clusters(self) -> int:
        """How many clusters there are."""
        return int(self.cases["cluster"].nunique())

    @property
    def share_recent(self) -> float:
        """The share of cases that arose by recent transmission: all of a cluster but the one who brought it.

        The classical estimate; it is too low where cases of a chain were not sampled.
        """
        return (int(self.cases["cluster"].notna().sum()) - self.n_clusters) / len(self.cases)

    def __repr__(self) -> str:
        return f"TransmissionClusters(cases={len(self.cases):,}, clusters={self.n_clusters:,})"


def find_clusters(
    isolates: Isolates,
    *,
    cluster_snps: int = CLUSTER_SNPS,
    recent_snps: int = RECENT_SNPS,
    masked: Iterable[Stretch] | None = None,
    mask_pe_ppe: bool = True,
) -> TransmissionClusters:
    """Return the transmission clusters among the participants from whom isolates were grown.

    Parameters
    ----------
    isolates
        Isolates that were read well enough; of each participant the earliest is the case.
    cluster_snps
        Most SNPs of a step within a cluster.
    recent_snps
        Most SNPs of a step that speaks for recent transmission.
    masked, mask_pe_ppe
        What to leave out of the distances; see `count_snp_distances`.

    Raises
    ------
    AnalysisError
        When there are fewer than two cases.
    """
    first = isolates.first_of_each_participant()
    if len(first) < 2:
        raise AnalysisError(
            "Clusters need the isolates of at least two participants: select more people, or ask less of the isolates."
        )
    distances = count_snp_distances(first, masked=masked, mask_pe_ppe=mask_pe_ppe)
    cases = _with_clusters(first.isolates, distances.counts, cluster_snps)
    return TransmissionClusters(
        provenance=distances.provenance.then(
            "find_clusters", cluster_snps=cluster_snps, recent_snps=recent_snps
        ),
        cases=cases,
        links=_links(cases, distances.counts, cluster_snps, recent_snps),
        counts=distances.counts,
        cluster_snps=cluster_snps,
        recent_snps=recent_snps,
        later_isolates=len(isolates) - len(first),
    )


def joined_within(counts: npt.NDArray[np.int32], most: int) -> npt.NDArray[np.int64]:
    """Return for each isolate a number that it shares with those to whom steps of at most `most` SNPs lead."""
    import numpy as np
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    _, labels = connected_components(csr_array(counts <= most), directed=False)
    return np.asarray(labels, dtype=np.int64)


def _with_clusters(
    isolates: pd.DataFrame, counts: npt.NDArray[np.int32], most: int
) -> pd.DataFrame:
    """Return the cases with their clusters, which are numbered from the largest on."""
    import numpy as np
    import pandas as pd

    labels = pd.Series(joined_within(counts, most), index=isolates.index)
    sizes = labels.map(labels.value_counts())
    begins = isolates["collection_date"].groupby(labels).transform("min")
    order = (
        pd.DataFrame({"label": labels, "size": sizes, "begins": begins})
        .query("size > 1")
        .drop_duplicates("label")
        .sort_values(["size", "begins", "label"], ascending=[False, True, True])
    )
    numbers = {label: number for number, label in enumerate(order["label"], start=1)}
    others = counts + np.where(np.eye(len(counts), dtype=bool), np.iinfo(np.int32).max // 2, 0)
    return isolates.assign(
        cluster=labels.map(numbers).astype("Int64"),
        cluster_size=sizes,
        nearest=others.min(axis=1),
    )


def _links(
    cases: pd.DataFrame, counts: npt.NDArray[np.int32], most: int, recent: int
) -> pd.DataFrame:
    """Return the steps of the shortest chain through each cluster; of equal ones those nearest in time."""
    import numpy as np
    import pandas as pd
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    dates = pd.to_datetime(cases["collection_date"])
    days = (dates - dates.min()).dt.days.to_numpy(dtype=float)
    apart = np.nan_to_num(np.abs(days[:, None] - days[None, :]))
    # An absent edge is a zero to the library, so that no weight may be one.
    weights = np.where(counts <= most, 1.0 + counts + apart / 1e6, 0.0)
    tree = minimum_spanning_tree(csr_array(np.triu(weights, k=1))).tocoo()
    rows = []
    for one, other in zip(tree.row, tree.col, strict=True):
        earlier, later = (one, other) if days[one] <= days[other] else (other, one)
        families = cases["family_id"].iloc[[earlier, later]]
        rows.append(
            {
                "cluster": cases["cluster"].iloc[one],
                "earlier": cases["isolate"].iloc[earlier],
                "later": cases["isolate"].iloc[later],
                "earlier_date": dates.iloc[earlier],
                "later_date": dates.iloc[later],
                "snps": int(counts[one, other]),
                "recent": bool(counts[one, other] <= recent),
                "same_family": bool(families.notna().all() and families.nunique() == 1),
            }
        )
    columns = [
        "cluster",
        "earlier",
        "later",
        "earlier_date",
        "later_date",
        "snps",
        "recent",
        "same_family",
    ]
    links = pd.DataFrame(rows, columns=columns)
    return links.sort_values(["cluster", "later_date", "later"], ignore_index=True)

"""Unrelated sets: the most people of whom no two are related, and among such sets the one with most cases."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gecip.analysis.genetic.kinship import THIRD_DEGREE, Kinship
from gecip.analysis.result import Result
from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np

SECONDS_A_COMPONENT = 10.0


@dataclass(frozen=True, repr=False, eq=False)
class UnrelatedPeople(Result):
    """People of whom no two are related.

    `kept` and `removed` are participants, in their order. `cases_kept` is how many of the cases are among them;
    `proven` whether no larger set (with as many cases) exists.
    """

    kept: tuple[Any, ...]
    removed: tuple[Any, ...]
    cases_kept: int
    proven: bool

    def __repr__(self) -> str:
        return f"UnrelatedPeople(kept={len(self.kept):,}, removed={len(self.removed):,})"


def unrelated_people(
    found: Kinship, *, cases: Collection[Any] = (), above: float = THIRD_DEGREE
) -> UnrelatedPeople:
    """Return a largest set of people of whom no two have kinship above a bound, with as many cases as can be.

    First as many cases as possible are kept, and then as many people: so a proband is not lost for
    two healthy parents. Each group of related people is solved exactly as an integer programme; only
    a group that takes longer than ten seconds keeps the best set found by then, and the result says so.
    A rule that drops the person with most relatives, over and over (plink2's, and
    `hl.maximal_independent_set`), can end with fewer.

    Parameters
    ----------
    found
        Of `kinship`; its `at_least` must not lie above the bound.
    cases
        Participants to keep before others.
    above
        Pairs above this are related; 0.0442 parts third cousins from nearer kin, as the programme does.

    Raises
    ------
    AnalysisError
        When pairs that matter were not kept.
    """
    if found.at_least is not None and found.at_least > above:
        raise AnalysisError(
            f"Pairs of kinship below {found.at_least:g} were not kept, and {above:g} is asked for: compute kinship with "
            f"at_least={above:g} or lower."
        )
    related = found.pairs[found.pairs["kinship"] > above]
    people = found.people["participant_id"].tolist()
    edges = list(zip(related["participant_id"], related["other_participant_id"], strict=True))
    wanted = set(cases)
    kept, proven = largest_unrelated_set(
        people, edges, weights={one: 2 * len(people) + 1 for one in wanted}
    )
    return UnrelatedPeople(
        provenance=found.provenance.then(
            "unrelated_people", above=above, cases=len(wanted), kept=len(kept), proven=proven
        ),
        kept=tuple(one for one in people if one in kept),
        removed=tuple(one for one in people if one not in kept),
        cases_kept=len(wanted & kept),
        proven=proven,
    )


def largest_unrelated_set(
    people: Iterable[Hashable],
    related: Iterable[tuple[Hashable, Hashable]],
    *,
    weights: Mapping[Any, float] | None = None,
) -> tuple[set[Any], bool]:
    """Return people of greatest weight together of whom no two are related, and whether that is proven.

    Parameters
    ----------
    weights
        Of people who count more than 1.
    """
    import numpy as np
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    order = list(people)
    place = {one: at for at, one in enumerate(order)}
    pairs = {tuple(sorted((place[a], place[b]))) for a, b in related if a != b}
    edges = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    weight = np.array([(weights or {}).get(one, 1.0) for one in order])
    graph = coo_matrix((np.ones(len(edges)), (edges[:, 0], edges[:, 1])), shape=(len(order),) * 2)
    _, group = connected_components(graph, directed=False)
    kept = np.ones(len(order), dtype=bool)
    proven = True
    edge_group = group[edges[:, 0]]
    by_group = np.argsort(edge_group, kind="stable")
    for mine in np.split(by_group, np.flatnonzero(np.diff(edge_group[by_group])) + 1):
        if not len(mine):
            continue
        members, local = np.unique(edges[mine], return_inverse=True)
        chosen, exact = _heaviest(len(members), local.reshape(-1, 2), weight[members])
        kept[members] = chosen
        proven &= exact
    return {one for one, keep in zip(order, kept, strict=True) if keep}, proven


def _heaviest(count: int, edges: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return which members of one group to keep: an integer programme, each clique of kin one constraint."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_matrix

    cliques = _cliques(count, edges)
    rows = np.repeat(np.arange(len(cliques)), [len(one) for one in cliques])
    columns = np.concatenate([np.array(sorted(one)) for one in cliques])
    matrix = coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(cliques), count))
    greedy = _greedy(count, edges, weight)
    solved = milp(
        -weight / weight.max(),
        constraints=LinearConstraint(matrix.tocsc(), -np.inf, 1.0),
        integrality=np.ones(count),
        bounds=Bounds(0, 1),
        # The least difference between two sets is one person among weights of thousands.
        options={"time_limit": SECONDS_A_COMPONENT, "mip_rel_gap": 0.0},
    )
    if solved.x is None:
        return greedy, False
    found = solved.x > 0.5
    better = found if weight[found].sum() >= weight[greedy].sum() else greedy
    return better, bool(solved.status == 0)


def _cliques(count: int, edges: np.ndarray) -> list[set[int]]:
    """Return groups of people all related to each other that cover every pair: they make the programme tight."""
    near: list[set[int]] = [set() for _ in range(count)]
    for first, second in edges.tolist():
        near[first].add(second)
        near[second].add(first)
    covered: set[tuple[int, int]] = set()
    cliques = []
    for first, second in edges.tolist():
        if (first, second) in covered:
            continue
        clique = {first, second}
        common = near[first] & near[second]
        while common:
            joined = max(common, key=lambda one: (len(near[one] & common), -one))
            clique.add(joined)
            common &= near[joined]
        members = sorted(clique)
        covered.update((a, b) for at, a in enumerate(members) for b in members[at + 1 :])
        cliques.append(clique)
    return cliques


def _greedy(count: int, edges: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return a set by taking the heaviest person with fewest relatives, over and over."""
    import numpy as np

    near: list[set[int]] = [set() for _ in range(count)]
    for first, second in edges.tolist():
        near[first].add(second)
        near[second].add(first)
    left = set(range(count))
    kept = np.zeros(count, dtype=bool)
    while left:
        one = min(left, key=lambda at: (-weight[at], len(near[at] & left), at))
        kept[one] = True
        left -= near[one] | {one}
    return kept

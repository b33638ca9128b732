"""Genetic ancestry: whose genomes resemble which reference, told as similarity and never as ethnicity.

Principal components are computed from reference people only, everybody else is projected onto them,
and a random forest says which reference a person resembles, or that it cannot say. So the programme
does it with the 1000 Genomes (8 components, 400 trees, at least 0.8 of them agreeing; Research
Environment user guide, ancestry inference).

Three things are done here beyond that, each since the plain method goes wrong without it.

- *Shrinkage.* New people fall nearer to the middle than the people from whom the components were
  computed (Lee, Zou and Wright 2010). It is measured by leaving reference people out in turn. A
  component on which new people keep less than half of their distance is noise of the reference, and
  is not used; and the forest learns from reference people projected as if they were new.
- *None of these.* A forest always knows an answer: without an African reference it takes the Africans
  of the 1000 Genomes for Americans, most of them with nine trees of ten. Who lies farther from the
  reference's people than they lie from each other, by the local outlier factor (Breunig 2000), is
  left unassigned.
- *Too few.* A reference of fewer than five people is no reference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gecip.errors import AnalysisError

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Dosages = npt.NDArray[np.int8]
    Numbers = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]
    Places = npt.NDArray[np.intp]
    Words = npt.NDArray[np.object_]

UNASSIGNED = "Unassigned"
COMPONENTS = 8
AT_LEAST = 0.8
FEWEST_REFERENCE_PEOPLE = 5
# On a component below this, more than half of what sets reference people apart is chance.
LEAST_REACH = 0.5
# Breunig's factor: 1 is as near to the reference as its people are to each other.
FARTHEST = 1.5
NEIGHBOURS = 20
TREES = 400
COMPONENTS_TRIED = 2
HELD_OUT_PARTS = 5

# Sites: common, well called, not in linkage; after the programme's third aggregate.
RAREST = 0.05
MOST_MISSING = 0.01
MOST_LINKAGE = 0.1
LINKAGE_WINDOW = 500_000
_STRAND_AMBIGUOUS = frozenset({("A", "T"), ("T", "A"), ("C", "G"), ("G", "C")})
_PEOPLE_AT_ONCE = 2_000


@dataclass(frozen=True, repr=False, eq=False)
class ReferenceSpace:
    """Principal components of reference people, with what is needed to place others among them.

    Attributes
    ----------
    labels
        Which reference each reference person belongs to: shape (people,).
    frequencies
        Of the counted allele among reference people: shape (sites,).
    loadings
        Shape (sites, components); columns are orthogonal and of length 1.
    shares
        Of the reference's variance that each component holds.
    reach
        How much of their distance from the middle new people keep on each component: 1 is all.
    scores
        Of the reference people, each projected as if new: shape (people, components).
    """

    labels: Words
    frequencies: Numbers
    loadings: Numbers
    shares: Numbers
    reach: Numbers
    scores: Numbers

    @property
    def used(self) -> Flags:
        """Which components tell something of new people."""
        return self.reach >= LEAST_REACH

    def __repr__(self) -> str:
        sites, components = self.loadings.shape
        return (
            f"ReferenceSpace(people={len(self.labels):,}, sites={sites:,}, components={components})"
        )


@dataclass(frozen=True, repr=False, eq=False)
class Resemblance:
    """Which reference each person resembles; everything has one place per person.

    `nearest` is the reference with most votes, `probability` its share of them, `outlier_factor` how
    much sparser that reference is around the person than around its own people. `similar_to` is
    `nearest`, or `Unassigned`.
    """

    nearest: Words
    probability: Numbers
    outlier_factor: Numbers
    similar_to: Words


def reference_space(
    dosages: Dosages, labels: Sequence[str], *, components: int = COMPONENTS, seed: int = 0
) -> ReferenceSpace:
    """Return the principal components of reference people, and how far they reach for others.

    Costs some seconds for a thousand people at ten thousand sites.

    Parameters
    ----------
    dosages
        Copies of one allele of unrelated reference people, -1 where unknown: shape (sites, people).
        Sites at which all are equal are allowed, and count nothing.
    labels
        The reference to which each belongs.
    components
        At most how many components to compute.
    seed
        Decides who is left out together when shrinkage is measured.

    Raises
    ------
    AnalysisError
        When there are fewer than two references, one with too few people, or no component reaches
        beyond the reference.
    """
    import numpy as np

    names = np.array(labels, dtype=object)
    _check_labels(names)
    frequencies = allele_frequencies(dosages)
    standard = _standardised(dosages, frequencies)
    count = min(components, len(names) - 1, len(frequencies))
    everyone = np.arange(len(names))
    # Exactly, by way of the small matrix of people against people; a large one is approximated.
    products = standard.T @ standard if len(names) <= _PEOPLE_AT_ONCE else None
    loadings, squares = _principal_axes(standard, products, everyone, count, seed)
    scores = np.empty((len(names), loadings.shape[1]))
    for learned, held_out in _parts(names, seed):
        axes, _ = _principal_axes(standard, products, learned, count, seed)
        scores[held_out] = standard[:, held_out].T @ _turned_towards(axes, loadings)
    as_learned = standard.T @ loadings
    reach = np.clip((scores * as_learned).sum(axis=0) / (as_learned**2).sum(axis=0), 0.0, 1.0)
    if not (reach >= LEAST_REACH).any():
        raise AnalysisError(
            f"At these {len(frequencies):,} sites the {len(names):,} reference people show no structure that others share: "
            "use more sites, or more reference people."
        )
    return ReferenceSpace(
        labels=names,
        frequencies=frequencies,
        loadings=loadings,
        shares=squares / float((standard**2).sum()),
        reach=reach,
        scores=scores,
    )


def project(space: ReferenceSpace, dosages: Dosages) -> Numbers:
    """Return people's places on the components of a reference: shape (people, components).

    Parameters
    ----------
    dosages
        At the sites of the reference, the same allele counted: shape (sites, people). An unknown
        genotype counts as the reference's mean.
    """
    import numpy as np

    if dosages.shape[0] != len(space.frequencies):
        raise AnalysisError(
            f"The reference was computed at {len(space.frequencies):,} sites, and these genotypes are at "
            f"{dosages.shape[0]:,}: give the same sites in the same order."
        )
    blocks = [
        _standardised(dosages[:, first : first + _PEOPLE_AT_ONCE], space.frequencies).T
        @ space.loadings
        for first in range(0, dosages.shape[1], _PEOPLE_AT_ONCE)
    ]
    return np.concatenate(blocks) if blocks else np.empty((0, space.loadings.shape[1]))


def resemble(
    space: ReferenceSpace, scores: Numbers, *, at_least: float = AT_LEAST, seed: int = 0
) -> Resemblance:
    """Return which reference each person resembles, or that it cannot be said.

    Nobody is assigned whose trees agree in less than `at_least`, as people with parents from several
    places, nor who lies where no reference person does.

    Parameters
    ----------
    scores
        Of `project`: shape (people, components).
    """
    import numpy as np
    from sklearn.ensemble import RandomForestClassifier

    learned = space.scores[:, space.used]
    asked = scores[:, space.used]
    if not len(asked):
        nobody = np.empty(0, dtype=object)
        return Resemblance(nobody, np.empty(0), np.empty(0), nobody)
    forest = RandomForestClassifier(
        TREES,
        max_features=min(COMPONENTS_TRIED, learned.shape[1]),
        # A reference of five people beside one of a hundred is to be heard as well.
        class_weight="balanced_subsample",
        random_state=seed,
        n_jobs=1,
    ).fit(learned, space.labels)
    votes = forest.predict_proba(asked)
    nearest = forest.classes_[votes.argmax(axis=1)].astype(object)
    probability = votes.max(axis=1)
    factor = _outlier_factors(learned, space.labels, asked, nearest)
    sure = (probability >= at_least) & (factor <= FARTHEST)
    return Resemblance(nearest, probability, factor, np.where(sure, nearest, UNASSIGNED))


def _outlier_factors(learned: Numbers, labels: Words, asked: Numbers, nearest: Words) -> Numbers:
    """Return how far out of its nearest reference each person lies, each reference by its own density."""
    import numpy as np
    from sklearn.neighbors import LocalOutlierFactor

    factors = np.ones(len(asked))
    for name in np.unique(nearest.astype(str)):
        members = learned[labels == name]
        neighbours = min(NEIGHBOURS, len(members) - 1)
        reference = LocalOutlierFactor(n_neighbors=neighbours, novelty=True).fit(members)
        here = nearest == name
        factors[here] = -reference.score_samples(asked[here])
    return factors


def informative_sites(
    dosages: Dosages,
    contigs: Sequence[str],
    positions: Sequence[int],
    alleles: Sequence[tuple[str, str]],
) -> Places:
    """Return the places of sites by which ancestry can be told: common, well called, and not in linkage.

    Single bases only, none of them A/T or C/G, whose strand cannot be told; allele frequency of at
    least 5 %, at most 1 % unknown, and no r² above 0.1 with a kept site within 500,000 bases before.

    Parameters
    ----------
    dosages
        Of the reference people: shape (sites, people), sorted by contig and position.
    contigs, positions, alleles
        Of each site; alleles as (reference, alternate).
    """
    import numpy as np

    frequencies = allele_frequencies(dosages)
    missing = (dosages < 0).mean(axis=1)
    single = np.array(
        [
            len(pair[0]) == len(pair[1]) == 1 and pair not in _STRAND_AMBIGUOUS
            for pair in map(tuple, alleles)
        ],
        dtype=bool,
    )
    common = np.minimum(frequencies, 1 - frequencies) >= RAREST
    candidates = np.flatnonzero(single & common & (missing <= MOST_MISSING))
    standard = _standardised(dosages[candidates], frequencies[candidates])
    lengths = np.sqrt((standard**2).sum(axis=1))
    # Where everybody has one copy of each the site is an artefact, and sets nobody apart.
    candidates, standard = candidates[lengths > 0], standard[lengths > 0]
    standard /= lengths[lengths > 0, None]
    kept: list[int] = []
    first_near = 0
    for place, site in enumerate(candidates.tolist()):
        # Kept sites that have fallen behind the window are not looked at again.
        while first_near < len(kept) and _is_beyond(
            int(candidates[kept[first_near]]), site, contigs, positions
        ):
            first_near += 1
        near = kept[first_near:]
        if not near or ((standard[near] @ standard[place]) ** 2).max() <= MOST_LINKAGE:
            kept.append(place)
    return np.asarray(candidates[kept], dtype=np.intp)


def allele_frequencies(dosages: Dosages) -> Numbers:
    """Return the frequency of the counted allele at each site, over the people whose genotype is known; 0 if none is."""
    import numpy as np

    known = dosages >= 0
    copies = np.where(known, dosages, 0).sum(axis=1, dtype=np.int64)
    return np.asarray(copies / np.maximum(2 * known.sum(axis=1), 1), dtype=np.float64)


def _is_beyond(before: int, site: int, contigs: Sequence[str], positions: Sequence[int]) -> bool:
    return contigs[before] != contigs[site] or positions[site] - positions[before] > LINKAGE_WINDOW


def _check_labels(labels: Words) -> None:
    import numpy as np

    names, counts = np.unique(labels.astype(str), return_counts=True)
    if len(names) < 2 or counts.min() < FEWEST_REFERENCE_PEOPLE:
        raise AnalysisError(
            f"A reference needs at least two groups of {FEWEST_REFERENCE_PEOPLE} people each, and this one has "
            f"{len(names)}, the smallest of {counts.min() if len(counts) else 0}: add reference people, or leave small groups out."
        )


def _standardised(dosages: Dosages, frequencies: Numbers) -> Numbers:
    """Return dosages less their mean, in units of their deviation under Hardy-Weinberg; unknown ones as the mean."""
    import numpy as np

    mean = 2 * frequencies[:, None]
    deviation = np.sqrt(2 * frequencies * (1 - frequencies))[:, None]
    standard = np.divide(
        dosages - mean,
        deviation,
        out=np.zeros(dosages.shape),
        where=(deviation > 0) & (dosages >= 0),
    )
    return np.asarray(standard)


def _principal_axes(
    standard: Numbers, products: Numbers | None, people: Places, count: int, seed: int
) -> tuple[Numbers, Numbers]:
    """Return the directions in which some of the people differ most, and how much they do along each, squared.

    `products` is the matrix of people against people, if there is one.
    """
    import numpy as np
    from scipy.linalg import eigh
    from sklearn.utils.extmath import randomized_svd

    if products is not None:
        last = len(people) - 1
        squares, weights = eigh(
            products[np.ix_(people, people)], subset_by_index=[last - count + 1, last]
        )
        squares, weights = squares[::-1], weights[:, ::-1]
        axes = standard[:, people] @ weights / np.sqrt(np.maximum(squares, np.finfo(float).tiny))
    else:
        axes, lengths, _ = randomized_svd(standard[:, people], count, random_state=seed)
        squares = lengths**2
    # The sign is a matter of chance: let the largest loading be positive.
    largest = np.abs(axes).argmax(axis=0)
    return axes * np.sign(axes[largest, np.arange(count)]), squares


def _parts(labels: Words, seed: int) -> Iterator[tuple[Places, Places]]:
    """Return pairs of who is learned from and who is left out, each reference spread over the parts."""
    import numpy as np
    from sklearn.model_selection import StratifiedKFold

    parts = StratifiedKFold(HELD_OUT_PARTS, shuffle=True, random_state=seed)
    yield from parts.split(np.zeros(len(labels)), labels.astype(str))


def _turned_towards(axes: Numbers, target: Numbers) -> Numbers:
    """Return axes turned within their own space to lie as near to others as they can (Procrustes)."""
    import numpy as np

    left, _, right = np.linalg.svd(axes.T @ target)
    return np.asarray(axes @ (left @ right))

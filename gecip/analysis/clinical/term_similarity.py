"""How alike two phenotype terms are, and two sets of them: the measures of the literature, over all terms at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np
    import scipy.sparse as sparse

    from gecip.analysis.clinical.phenotype_tables import Numbers, PhenotypeTables, Places

Similarity = Literal["graphic", "overlap", "resnik", "lin"]
SIMILARITIES: tuple[Similarity, ...] = ("graphic", "overlap", "resnik", "lin")


def term_similarities(
    tables: PhenotypeTables, places: Places, *, kind: Similarity, information: str = "omim"
) -> Numbers:
    """Return the likeness of some terms to every term, (some × all).

    `overlap` is the information of the ancestors that two terms share, themselves among them, as a part
    of that of all their ancestors (Deng, PLoS ONE 2015;10:e0115692). `graphic` is what hpo3 calls by
    that paper's name: the terms themselves are left out of the whole, so that a term and its parent are
    wholly alike. `resnik` is the information of the most informative ancestor that two terms share
    (Resnik, IJCAI 1995), `lin` twice that as a part of the terms' own (Lin, ICML 1998).

    Parameters
    ----------
    places
        Places of terms in the tables.
    information
        `"omim"` or `"gene"`: over what a term's information is counted.
    """
    import numpy as np

    known = tables.information[information]
    if kind in ("graphic", "overlap"):
        return _shared_ancestors(tables, places, known, strict=kind == "graphic")
    common = _most_informative(tables, places, known)
    if kind == "resnik":
        return common
    both = known[places][:, None] + known[None, :]
    return np.divide(2 * common, both, out=np.zeros_like(common), where=both > 0)


def _shared_ancestors(
    tables: PhenotypeTables, places: Places, known: Numbers, *, strict: bool
) -> Numbers:
    """Return the information that the ancestors of two terms share as a part of the whole; `strict` as hpo3 does it."""
    import numpy as np
    import scipy.sparse as sparse

    ancestors = tables.ancestors
    shared: Numbers = (ancestors[places].multiply(known[None, :]) @ ancestors.T).toarray()
    if strict:
        above = sparse.csr_array(ancestors - sparse.eye_array(len(known), format="csr"))
        both = (above[places].multiply(known[None, :]) @ above.T).toarray()
    else:
        above, both = ancestors, shared
    whole = above @ known
    union = whole[places][:, None] + whole[None, :] - both
    found = np.divide(shared, union, out=np.zeros_like(shared), where=union > 1e-12)
    found[np.arange(len(places)), places] = 1.0
    return found


def _most_informative(tables: PhenotypeTables, places: Places, known: Numbers) -> Numbers:
    """Return the information of the most informative ancestor that two terms share."""
    import numpy as np

    below = tables.ancestors.T.tocsr()
    found = np.zeros((len(places), len(known)))
    for row, place in enumerate(places):
        above = tables.ancestors.indices[
            tables.ancestors.indptr[place] : tables.ancestors.indptr[place + 1]
        ]
        # The most informative is written last.
        for ancestor in above[np.argsort(known[above], kind="stable")]:
            found[row, below.indices[below.indptr[ancestor] : below.indptr[ancestor + 1]]] = known[
                ancestor
            ]
    return found


def set_similarities(likeness: Numbers, annotated: sparse.csr_array) -> Numbers:
    """Return how alike a set of terms is to the terms of each item: `funSimAvg`.

    That is the mean of two means: of each term's best match among the item's, and of each of the item's
    terms' best match among the set's (Schlicker, BMC Bioinformatics 2006;7:302).

    Parameters
    ----------
    likeness
        Of the set's terms to every term.
    annotated
        The terms of each item, (items × terms); an item without terms is like nothing.
    """
    import numpy as np

    sizes = np.diff(annotated.indptr)
    filled = sizes > 0
    starts = annotated.indptr[:-1][filled]
    best = np.maximum.reduceat(likeness[:, annotated.indices], starts, axis=1).mean(axis=0)
    back = np.add.reduceat(likeness.max(axis=0)[annotated.indices], starts) / sizes[filled]
    found = np.zeros(annotated.shape[0])
    found[filled] = (best + back) / 2
    return found


def closest_terms(likeness: np.ndarray, annotated: Places) -> Places:
    """Return for each term of a set the place of the most alike among the annotated ones."""
    return annotated[likeness[:, annotated].argmax(axis=1)]

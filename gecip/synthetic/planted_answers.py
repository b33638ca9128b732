"""Write down what was planted as answers: for each family, each group and each withdrawal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gecip.synthetic.answer_key import Answer
from gecip.synthetic.casting import DECOYS, SMALL_GROUP_PROBANDS, TRUTHS, Part
from gecip.synthetic.clinical_rows import Programme
from gecip.synthetic.consenting import Consent
from gecip.synthetic.disease_plan import EMPTY_GROUP, SMALL_GROUP
from gecip.synthetic.planting import BURDEN_GROUP, Planted
from gecip.synthetic.recruitment import Role
from gecip.synthetic.sample_mishaps import mishap_answers
from gecip.synthetic.variant_sites import Site

# Genotypes as the VCF shows them, by person, for one planted variant.
Shown = Mapping[int, str]

_PATTERNS = {
    Part.DE_NOVO: "deNovo",
    Part.SIMPLE_RECESSIVE: "SimpleRecessive",
    Part.COMPOUND_HETEROZYGOUS: "CompoundHeterozygous",
    Part.X_LINKED: "XLinkedSimpleRecessive",
    Part.DOMINANT: "InheritedAutosomalDominant",
    Part.INCOMPLETE_PENETRANCE: "InheritedAutosomalDominant",
    Part.OUTSIDE_PANEL: "deNovo",
    Part.PARTIAL_GENOTYPE: "InheritedAutosomalDominant",
}
_REASONS = {
    Part.TOO_COMMON: "the variant is too common for a recessive disease",
    Part.WRONG_SEGREGATION: "the unaffected father carries the variant too",
    Part.SYNONYMOUS: "the variant changes no amino acid",
    Part.TOO_COMMON_SOMEWHERE: "the variant is too common in one population, though rare over all",
    Part.NOT_SHARED: "an affected relative does not carry the variant",
    Part.FAILED_FILTER: "the site fails the aggregate's filters: its reads are not balanced",
    Part.SINGLE_HETEROZYGOTE: "the gene's disease takes two copies, and there is one variant",
    Part.LOST_PARTNER: "the gene's disease takes two copies, and the second variant is too common",
    Part.SAME_COPY: "both variants come from one parent, so that one copy of the gene is whole",
    Part.AMBER_GENE: "the gene is amber on the applied panel, which is not evidence enough",
    Part.OFF_PANEL: "the gene is on no panel applied, and its disease is not the proband's",
}


def all_answers(
    programme: Programme, planted: Sequence[Planted], shown: Sequence[Shown]
) -> list[Answer]:
    """Return the whole answer key, in the order of the people's numbers within each kind."""
    return [
        *_family_answers(programme, planted, shown),
        *(_group_answers() if Part.SMALL_GROUP in programme.plan.parts else []),
        *_burden_answers(programme, planted, shown),
        *_mishap_answers(programme),
        *_withdrawal_answers(programme),
    ]


def duplicate_answers(duplicated: Iterable[Site]) -> list[Answer]:
    """Return the variants that stand in two rows of the aggregate, as decomposed block substitutions do."""
    return [
        Answer(
            kind="duplicate_row",
            domain="release",
            variants=(site.name,),
            expected={"rows": 2, "old_clumped": site.clumped},
        )
        for site in duplicated
    ]


def _family_answers(
    programme: Programme, planted: Sequence[Planted], shown: Sequence[Shown]
) -> list[Answer]:
    of_family: dict[int, list[tuple[Planted, Shown]]] = {}
    for planting, genotypes in zip(planted, shown, strict=True):
        if not planting.companion and planting.part is not Part.ORDINARY:
            of_family.setdefault(planting.family, []).append((planting, genotypes))
    answers = [_family_answer(programme, family, rows) for family, rows in of_family.items()]
    order = [str(part) for part in (*TRUTHS, *DECOYS)]
    return sorted(answers, key=lambda answer: (order.index(answer.kind), answer.family))


def _family_answer(
    programme: Programme, family: int, rows: Sequence[tuple[Planted, Shown]]
) -> Answer:
    people, families = programme.recruits.people, programme.recruits.families
    part = programme.plan.parts[family]
    first = rows[0][0]
    effects = [planting.site.effect for planting, _ in rows]
    high = any(effect is not None and effect.impact == "HIGH" for effect in effects)
    expected: dict[str, Any] = {
        "found": part in TRUTHS,
        "consequences": [effect.consequence for effect in effects if effect is not None],
        "disease_group": programme.plan.diseases[family].group,
        "disease": programme.plan.diseases[family].name,
        "genotypes": {
            planting.site.name: {
                str(people.number[person]): genotype
                for person, genotype in sorted(genotypes.items())
            }
            for planting, genotypes in rows
        },
    }
    if part in TRUTHS:
        expected["segregation_pattern"] = _PATTERNS[part]
        expected["tier"] = _tier(part, high=high)
        expected["on_applied_panel"] = part is not Part.OUTSIDE_PANEL
        incomplete = part is Part.INCOMPLETE_PENETRANCE
        expected["penetrance"] = "incomplete" if incomplete else "complete"
        expected["consanguineous"] = bool(families.consanguineous[family])
    else:
        expected["because"] = _REASONS[part]
        if part in (Part.AMBER_GENE, Part.OFF_PANEL):
            expected["tier"] = "TIER3"
    return Answer(
        kind=str(part),
        domain="rare_disease",
        gene=first.gene.symbol,
        family=int(families.number[family]),
        participant=int(people.number[programme.recruits.place(family, Role.PROBAND)]),
        variants=tuple(planting.site.name for planting, _ in rows),
        mode=first.gene.mode.value,
        expected=expected,
    )


def _tier(part: Part, *, high: bool) -> str:
    if part is Part.OUTSIDE_PANEL:
        return "TIER3"
    return "TIER1" if high or part is Part.DE_NOVO else "TIER2"


def _group_answers() -> list[Answer]:
    return [
        Answer(
            kind=str(Part.SMALL_GROUP),
            domain="release",
            expected={"disease_group": SMALL_GROUP, "people": SMALL_GROUP_PROBANDS},
        ),
        Answer(
            kind=str(Part.EMPTY_GROUP),
            domain="release",
            expected={"disease_group": EMPTY_GROUP, "people": 0},
        ),
    ]


def _burden_answers(
    programme: Programme, planted: Sequence[Planted], shown: Sequence[Shown]
) -> list[Answer]:
    """Return the burden gene, counted among the consenting probands whose genomes are in the aggregate."""
    rows = [
        (planting, genotypes)
        for planting, genotypes in zip(planted, shown, strict=True)
        if planting.part is Part.ORDINARY
    ]
    if not rows:
        return []
    recruits = programme.recruits
    probands = {
        int(person): programme.plan.diseases[recruits.people.family[person]].group == BURDEN_GROUP
        for person in programme.samples.people
        if recruits.people.role[person] is Role.PROBAND
        and programme.consents[person] is Consent.GIVEN
    }
    carriers = [
        person
        for _, genotypes in rows
        for person, genotype in genotypes.items()
        if person in probands and "1" in genotype
    ]
    gene = rows[0][0].gene
    return [
        Answer(
            kind="burden_gene",
            domain="rare_disease",
            gene=gene.symbol,
            variants=tuple(planting.site.name for planting, _ in rows),
            mode=gene.mode.value,
            expected={
                "disease_group": BURDEN_GROUP,
                "cases": sum(probands.values()),
                "controls": len(probands) - sum(probands.values()),
                "planted_carriers": len(carriers),
                "odds_ratio": "above 1",
                "because": "private damaging variants are commoner in this group's probands",
            },
        )
    ]


def _mishap_answers(programme: Programme) -> list[Answer]:
    samples = programme.samples
    sample = dict(zip(samples.people.tolist(), samples.platekeys, strict=True))
    return mishap_answers(programme.recruits, programme.truth, programme.mishaps, sample)


def _withdrawal_answers(programme: Programme) -> list[Answer]:
    people, families = programme.recruits.people, programme.recruits.families
    platekeys = dict(
        zip(programme.samples.people.tolist(), programme.samples.platekeys, strict=True)
    )
    answers = []
    for person in people.number.argsort(kind="stable").tolist():
        consent = programme.consents[person]
        if people.recruited[person] and consent not in (Consent.GIVEN, Consent.ABSENT):
            family = int(people.family[person])
            answers.append(
                Answer(
                    kind="withdrawn",
                    domain="release",
                    family=int(families.number[family]) if family >= 0 else None,
                    participant=int(people.number[person]),
                    expected={
                        "consent": consent.value,
                        "in_tables": consent.in_tables,
                        "listed": consent.listed,
                        "sample": platekeys.get(person),
                    },
                )
            )
    return answers

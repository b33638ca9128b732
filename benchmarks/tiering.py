"""Tiering families in one pass, against the same rules looped over families in Hail; and how it grows.

Families are invented here, mostly trios, with variants of which most are common or silent, as in a
callset that has not been cut to rare coding variants: the pass has to look at all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from benchmarks.measuring import measure, table

if TYPE_CHECKING:
    import hail as hl

    from domains.rare_disease.family_places import FamilyPlaces
    from gecip.analysis.genetic.pedigree import Pedigree
    from gecip.genotypes import Genotypes

SIZES = (1_000,)
VARIANTS = 100_000
LOOPED = 20
IN_FAMILIES = ((100, 10_000), (300, 10_000), (1_000, 10_000), (3_000, 10_000), (10_000, 10_000))
IN_VARIANTS = ((300, 10_000), (300, 30_000), (300, 100_000))
GENES = 2_000
SEED = 1


def run(workspace: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """Yield the results as Markdown: one pass and the loop, growth in families, growth in variants."""
    for families in sizes:
        store = str(store_of(workspace, families, VARIANTS))
        once = measure("benchmarks.tiering:in_one_pass", store, str(families), turns=2)
        loop = measure("benchmarks.tiering:family_by_family", store, str(families), turns=1)
        scaled = loop.cold_seconds * families / LOOPED
        yield (
            f"\n{families:,} families, {VARIANTS:,} variants; what is told: {once.answer}\n\n"
            + table(
                ["by", "first time, s", "again, s", "peak memory of Python, MB"],
                [
                    ["one pass", f"{once.cold_seconds:.1f}", f"{once.warm_seconds:.1f}", f"{once.peak_megabytes:,.0f}"],
                    [
                        f"family by family ({LOOPED} timed: {loop.cold_seconds:.1f} s; scaled)",
                        f"{scaled:,.0f}", "", f"{loop.peak_megabytes:,.0f}",
                    ],
                    ["ratio", f"{scaled / once.cold_seconds:,.0f}", "", ""],
                ],
            )
        )  # fmt: skip
    if sizes != SIZES:
        return
    for title, grid in (("families", IN_FAMILIES), ("variants", IN_VARIANTS)):
        yield f"\nGrowth in {title}\n\n" + table(
            ["families", "variants", "first time, s", "again, s", "calls kept"],
            [_grown(workspace, *size) for size in grid],
        )


def _grown(workspace: Path, families: int, variants: int) -> list[str]:
    store = str(store_of(workspace, families, variants))
    found = measure("benchmarks.tiering:in_one_pass", store, str(families), turns=2)
    return [
        f"{families:,}", f"{variants:,}", f"{found.cold_seconds:.1f}", f"{found.warm_seconds:.1f}",
        f"{found.answer['calls']:,}",
    ]  # fmt: skip


# -- the families and their genotypes -----------------------------------------------------------------


def pedigrees_of(families: int) -> dict[int, Pedigree]:
    """Return so many families: eight of ten trios, one of a child alone, one with a sibling."""
    from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember

    def member(number: int, **about: Any) -> PedigreeMember:
        given: dict[str, Any] = {
            "key": number, "participant_id": number, "father": None, "mother": None, "sex": "Male", "affected": False,
            "relationship": None, "year_of_birth": None, "is_proband": False,
        }  # fmt: skip
        return PedigreeMember(**{**given, **about})

    made = {}
    for family in range(families):
        child, father, mother, sibling = (4 * family + place for place in range(4))
        kind = family % 10
        parents = {} if kind == 8 else {"father": father, "mother": mother}
        members = [member(child, affected=True, is_proband=True, relationship="Proband", **parents)]
        if kind != 8:
            members.append(member(father, relationship="Father"))
            members.append(member(mother, relationship="Mother", sex="Female"))
        if kind == 9:
            members.append(
                member(sibling, relationship="Full Sibling", father=father, mother=mother)
            )
        made[family] = Pedigree(family, tuple(members))
    return made


def people_of(pedigrees: Mapping[int, Pedigree]) -> list[int]:
    """Return everybody, in the order of the columns."""
    return [
        cast("int", one.participant_id) for family in pedigrees.values() for one in family.members
    ]


def store_of(workspace: Path, families: int, variants: int) -> Path:
    """Return a MatrixTable of so many families and variants; a fifth of the variants are tiered by consequence."""
    store = workspace / f"tiering-{families}-{variants}.mt"
    if not (store / "_SUCCESS").exists():
        measure("benchmarks.tiering:make_store", str(store), str(families), str(variants), turns=1)
    return store


def make_store(store: str, families: str, variants: str) -> Callable[[], int]:
    """Return what writes the genotypes: children get one copy of each parent's at random."""

    def write() -> int:
        import hail as hl

        from gecip.genotypes import hail_session

        hail_session()
        pedigrees = pedigrees_of(int(families))
        people = people_of(pedigrees)
        place = {person: number for number, person in enumerate(people)}
        child_of = {
            one.participant_id: (one.father, one.mother)
            for family in pedigrees.values()
            for one in family.members
            if one.father is not None
        }
        parents = [
            [place[parent] for parent in child_of[person]] if person in child_of else [-1, -1]
            for person in people
        ]
        rows = hl.utils.range_table(int(variants), n_partitions=16)
        rows = rows.annotate(
            draw=hl.rand_unif(0, 1, seed=SEED),
            kind=hl.rand_unif(0, 1, seed=SEED + 1),
            gene=hl.rand_int32(0, GENES, seed=SEED + 2),
        )
        # Six in ten variants are rare; a fifth change a protein.
        frequency = hl.if_else(rows.draw < 0.6, rows.draw * 0.001, (rows.draw - 0.6) ** 2)
        terms = (
            hl.case()
            .when(rows.kind < 0.03, "stop_gained")
            .when(rows.kind < 0.2, "missense_variant")
            .default("synonymous_variant")
        )
        missing = hl.missing(hl.tfloat64)
        annotation = hl.struct(
            Consequence=terms,
            SYMBOL="GENE" + hl.str(rows.gene),
            Gene=hl.missing(hl.tstr),
            CANONICAL="YES",
            **{name: hl.if_else(frequency > 0, frequency, missing) for name in _frequency_fields()},
        )
        founders = hl.range(2 * len(people)).map(lambda _: hl.int32(hl.rand_unif(0, 1) < frequency))
        rows = rows.annotate(annotation=[annotation], founders=founders)
        origins = hl.literal(parents, hl.tarray(hl.tarray(hl.tint32)))

        def copy(
            row: hl.StructExpression, person: hl.Int32Expression, which: int
        ) -> hl.Int32Expression:
            parent = origins[person][which]
            drawn = hl.if_else(hl.rand_bool(0.5), 0, 1)
            return hl.if_else(
                parent >= 0, row.founders[2 * parent + drawn], row.founders[2 * person + which]
            )

        rows = rows.annotate(
            entries=hl.range(len(people)).map(
                lambda person: hl.struct(GT=hl.call(copy(rows, person, 0), copy(rows, person, 1)))
            )
        )
        rows = rows.key_by(
            locus=hl.locus("chr1", 1_000 + 100 * rows.idx, reference_genome="GRCh38"),
            alleles=["A", "C"],
        )
        rows = rows.select("annotation", "entries", filters=hl.empty_set(hl.tstr))
        rows = rows.annotate_globals(
            people=hl.literal([hl.Struct(participant_id=one) for one in people])
        )
        mt = rows._unlocalize_entries("entries", "people", ["participant_id"])  # noqa: SLF001 - Hail's own
        mt.write(store, overwrite=True)
        return int(variants)

    return write


def _frequency_fields() -> tuple[str, ...]:
    from domains.rare_disease.frequency_limits import LIMITS

    return tuple(LIMITS)


# -- the two ways -------------------------------------------------------------------------------------


def _genotypes(store: str) -> Genotypes:
    import hail as hl

    from gecip.genotypes import hail_session

    hail_session()
    return cast("Genotypes", SimpleNamespace(mt=hl.read_matrix_table(store)))


def _places(families: Mapping[int, Pedigree], people: list[int]) -> FamilyPlaces:
    from domains.rare_disease.family_places import place_families
    from gecip.analysis.genetic.pedigree import Pedigrees

    return place_families(Pedigrees(dict(families)), people, x_copies={})[0]


def _tiers(
    genotypes: Genotypes, families: Mapping[int, Pedigree], people: list[int]
) -> dict[str, Any]:
    from domains.rare_disease.applied_panels import requests_with
    from domains.rare_disease.family_calls import fold_to_families
    from domains.rare_disease.followed_calls import find
    from domains.rare_disease.panels import Panel, PanelGene
    from domains.rare_disease.tier_assignment import assign_tiers
    from gecip.model.genes import ModeOfInheritance
    from gecip.model.panels import Confidence

    modes = (
        ModeOfInheritance.BIALLELIC,
        ModeOfInheritance.MONOALLELIC_NOT_IMPRINTED,
        ModeOfInheritance.MONOALLELIC_AND_BIALLELIC,
    )
    panel = Panel(
        1, None, "Panel", "1.0", None,
        tuple(PanelGene(f"GENE{one}", Confidence.GREEN, "", modes[one % 3]) for one in range(0, GENES, 20)),
    )  # fmt: skip
    places = _places(families, people)
    calls = fold_to_families(genotypes, places)
    requests = requests_with(places.family_ids, [panel])
    rows = assign_tiers(find(calls, places, ()), calls, places, requests, {})
    counts = {
        str(tier): int(size) for tier, size in rows["tier"].value_counts().sort_index().items()
    }
    return {"calls": len(calls.family), **counts}


def in_one_pass(store: str, families: str) -> Callable[[], dict[str, Any]]:
    """Tier all families at once, from the genotypes on disk to the rows."""
    genotypes = _genotypes(store)
    pedigrees = pedigrees_of(int(families))
    people = people_of(pedigrees)
    return lambda: _tiers(genotypes, pedigrees, people)


def family_by_family(store: str, families: str) -> Callable[[], int]:
    """Tier the first families one by one: the same rules on the columns of one family each time."""
    import hail as hl

    genotypes = _genotypes(store)
    pedigrees = pedigrees_of(int(families))

    def loop() -> int:
        rows = 0
        for number in range(LOOPED):
            family = {number: pedigrees[number]}
            people = people_of(family)
            wanted = hl.literal(set(people))
            mt = genotypes.mt.filter_cols(wanted.contains(genotypes.mt.participant_id))
            found = _tiers(cast("Genotypes", SimpleNamespace(mt=mt)), family, people)
            rows += sum(size for name, size in found.items() if name != "calls")
        return rows

    return loop

"""Tiering families in one pass, against the same rules looped over families in Hail; and how it grows.

Families are invented here, mostly trios, with variants of which most are common or silent, as in a
callset that has not been cut to rare coding variants: the pass has to look at all of them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

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
TRANSCRIPTS = 4
PARTITIONS = 16
VARIANTS_AT_ONCE = 200
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
            [
                "families",
                "people",
                "variants",
                "seconds",
                "calls kept",
                "million genotypes a second",
            ],
            [_grown(workspace, *size) for size in grid],
        )


def _grown(workspace: Path, families: int, variants: int) -> list[str]:
    store = str(store_of(workspace, families, variants))
    found = measure("benchmarks.tiering:in_one_pass", store, str(families), turns=1)
    people = len(people_of(pedigrees_of(families)))
    seconds = found.cold_seconds
    return [
        f"{families:,}", f"{people:,}", f"{variants:,}", f"{seconds:.1f}", f"{found.answer['calls']:,}",
        f"{people * variants / seconds / 1e6:.1f}",
    ]  # fmt: skip


# -- the families and their genotypes -----------------------------------------------------------------


def pedigrees_of(families: int) -> dict[int, Pedigree]:
    """Return so many families: of ten eight are trios, one with an affected mother; one is a child alone, one has a sibling."""
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
            members.append(member(mother, relationship="Mother", sex="Female", affected=kind == 7))
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
        with tempfile.TemporaryDirectory(dir=Path(store).parent) as folder:
            drawn = _write_plink(Path(folder), pedigrees_of(int(families)), int(variants))
            mt = hl.import_plink(
                *(f"{drawn}.{kind}" for kind in ("bed", "bim", "fam")),
                reference_genome="GRCh38",
                min_partitions=PARTITIONS,
            )
            mt = mt.key_cols_by(participant_id=hl.int32(mt.s)).select_cols()
            mt = mt.select_rows(annotation=_annotation(mt.rsid), filters=hl.empty_set(hl.tstr))
            mt.write(store, overwrite=True)
        return int(variants)

    return write


def _write_plink(folder: Path, families: Mapping[int, Pedigree], variants: int) -> Path:
    """Draw genotypes and write them as PLINK does; a variant's name says its frequency, consequence and gene."""
    people = people_of(families)
    place = {person: number for number, person in enumerate(people)}
    children = np.array(
        [
            (place[one.key], place[one.father], place[one.mother])
            for family in families.values()
            for one in family.members
            if one.father is not None and one.mother is not None
        ]
    )
    stream = np.random.default_rng([SEED, len(people), variants])
    draw = stream.random(variants)
    # Six in ten variants are rare; a fifth change a protein.
    frequency = np.where(draw < 0.6, draw * 0.001, (draw - 0.6) ** 2)
    kind = stream.random(variants)
    terms = np.where(
        kind < 0.03, "stop_gained", np.where(kind < 0.2, "missense_variant", "synonymous_variant")
    )
    genes = stream.integers(0, GENES, variants)
    drawn = folder / "drawn"
    with drawn.with_suffix(".bim").open("w") as lines:
        lines.writelines(
            f"chr1\t{share:.6g}|{term}|GENE{gene}\t0\t{1_000 + 100 * number}\tC\tA\n"
            for number, (share, term, gene) in enumerate(zip(frequency, terms, genes, strict=True))
        )
    with drawn.with_suffix(".fam").open("w") as lines:
        lines.writelines(f"0\t{person}\t0\t0\t0\t-9\n" for person in people)
    with drawn.with_suffix(".bed").open("wb") as out:
        out.write(bytes([0x6C, 0x1B, 0x01]))
        for start in range(0, variants, VARIANTS_AT_ONCE):
            block = frequency[start : start + VARIANTS_AT_ONCE]
            out.write(_packed(_copies(stream, block, len(people), children)))
    return drawn


def _copies(stream: np.random.Generator, frequency: Any, people: int, children: Any) -> Any:
    """Return how many copies each person has of each variant, shape (variants, people)."""
    alleles = stream.random((len(frequency), people, 2), dtype=np.float32)
    alleles = alleles < frequency[:, None, None].astype(np.float32)
    for side in (0, 1):
        parents = alleles[:, children[:, 1 + side]]
        taken = stream.integers(0, 2, (len(frequency), len(children), 1), dtype=np.int8)
        alleles[:, children[:, 0], side] = np.take_along_axis(parents, taken, axis=2)[..., 0]
    return alleles.sum(axis=2, dtype=np.uint8)


def _packed(copies: Any) -> bytes:
    """Return copies as rows of a PLINK BED file, four people a byte, the first lowest."""
    codes = np.array([3, 2, 0], dtype=np.uint8)[copies]
    codes = np.pad(codes, ((0, 0), (0, -codes.shape[1] % 4)))
    quarters = codes.reshape(len(codes), -1, 4) << np.array([0, 2, 4, 6], dtype=np.uint8)
    return np.bitwise_or.reduce(quarters, axis=2).tobytes()


def _annotation(name: hl.StringExpression) -> hl.ArrayExpression:
    """Return what VEP would say of a variant: its transcripts, of which one is canonical."""
    import hail as hl

    from domains.rare_disease.frequency_limits import LIMITS

    def transcript(
        parts: hl.ArrayExpression, canonical: hl.StringExpression
    ) -> hl.StructExpression:
        return hl.struct(
            Consequence=parts[1],
            SYMBOL=parts[2],
            Gene=hl.missing(hl.tstr),
            CANONICAL=canonical,
            **dict.fromkeys(LIMITS, hl.float64(parts[0])),
        )

    others = [hl.missing(hl.tstr)] * (TRANSCRIPTS - 1)
    return hl.bind(
        lambda parts: hl.array([transcript(parts, one) for one in (hl.str("YES"), *others)]),
        name.split("\\|"),
    )


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

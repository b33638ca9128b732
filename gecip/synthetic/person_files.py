"""The files of single genomes, as the sequencing provider delivers them: VCF, gVCF and structural variants.

Written for some trios with a planted diagnosis, some in whom small variants explain nothing, and some
people of the cancer arm, in the folders that `genome_file_paths_and_types` names. The other paths of
that table lead nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gecip.model.assembly import GRCH38
from gecip.model.genes import GENES
from gecip.release.layout import delivered_file, read_chunks
from gecip.synthetic.answer_key import Answer
from gecip.synthetic.casting import TRUTHS, Part
from gecip.synthetic.clinical_rows import Programme
from gecip.synthetic.consenting import Consent
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.person_calls import (
    ContigCalls,
    PersonCall,
    ReferenceCall,
    read_person_calls,
)
from gecip.synthetic.random_streams import random_stream
from gecip.synthetic.recruitment import Role
from gecip.synthetic.structural_variant_files import structural_file
from gecip.synthetic.structural_variants import (
    PlantedStructure,
    Structure,
    can_lose_a_large_part,
    can_lose_exons,
    common_structures,
    draw_carriers,
    plant_structures,
)
from gecip.synthetic.vcf_text import header_lines, write_indexed_vcf

if TYPE_CHECKING:
    import pandas as pd

TRIOS_WITH_FILES = 3
PATIENTS_WITH_FILES = 6
FAMILIES_WITH_LOST_EXONS = 3
# Truths that single files show best: both parents lack it, two alleles of two rows, two of one place.
_FIRST = (Part.DE_NOVO, Part.PARTIAL_GENOTYPE, Part.COMPOUND_HETEROZYGOUS)
# How far a gVCF goes on before and after a gene.
FLANK = 1_000
LEAST_GQX = 15
LARGEST_QUALITY = 99
# Each read of the reference makes a heterozygous genotype half as likely.
QUALITY_PER_READ = 10 * float(np.log10(2))

_SOURCE = "gecip synthetic release, in the manner of Starling 2.4.7"
_FILTERS = (("LowGQX", "Locus GQX is less than 15 or not present"),)
_INFORMATION = (
    ("SNVHPOL", "1", "Integer", "SNV contextual homopolymer length"),
    ("CIGAR", "A", "String", "CIGAR alignment for each alternate indel allele"),
    ("MQ", "1", "Integer", "RMS of mapping quality"),
)
_BLOCK_INFORMATION = (
    ("END", "1", "Integer", "End position of the region described in this record"),
    (
        "BLOCKAVG_min30p3a",
        "0",
        "Flag",
        "Sites without a variant, values within [x,y], y <= max(x+3,(x*1.3)), the least printed",
    ),
)
_FORMAT = (
    ("GT", "1", "String", "Genotype"),
    ("GQ", "1", "Integer", "Genotype quality"),
    ("GQX", "1", "Integer", "Empirically calibrated genotype quality"),
    ("DP", "1", "Integer", "Basecalls used for genotyping the site"),
    ("DPF", "1", "Integer", "Basecalls filtered out before genotyping the site"),
    ("DPI", "1", "Integer", "Read depth associated with an indel"),
    ("AD", "R", "Integer", "Allelic depths for the ref and alt alleles in the order listed"),
    ("PL", "G", "Integer", "Phred-scaled likelihoods of the genotypes"),
)
_BLOCK_FORMAT = (("MIN_DP", "1", "Integer", "Minimum filtered basecall depth within a block"),)


@dataclass(frozen=True)
class FilePlace:
    """Whose genome it is: place among the people, sample name, and the folder of its variants."""

    person: int
    platekey: str
    folder: Path


def write_person_files(folder: Path, programme: Programme) -> tuple[Answer, ...]:
    """Write the files of a few people into the release folder, and return what was planted in them.

    Reads the aggregate's VCFs, which are there already; seconds for the demo release.
    """
    unsolved = _unsolved(programme)
    wanted = [*_people_of_trios(programme), *(one for family in unsolved for one in family)]
    places = _file_places(folder, programme, [*wanted, *_patients(programme)])
    calls = read_person_calls(read_chunks(folder), [place.platekey for place in places])
    coverage = dict(zip(programme.samples.platekeys, programme.samples.coverage, strict=True))
    male = dict(zip(programme.samples.platekeys, programme.samples.male, strict=True))
    planted = _planted_structures(programme, places, calls, [family[0] for family in unsolved])
    carried = _carried_structures(programme, [place.person for place in places], planted)
    for place in places:
        name = place.platekey
        writer = _PersonWriter(name, bool(male[name]), float(coverage[name]), calls[name])
        write_indexed_vcf(place.folder / f"{name}.vcf.gz", writer.variant_file())
        write_indexed_vcf(place.folder / f"{name}.genome.vcf.gz", writer.genome_file())
        structural = structural_file(programme.seed, name, carried[place.person])
        write_indexed_vcf(place.folder / f"{name}.SV.vcf.gz", structural)
    recruits = programme.recruits
    return tuple(
        answer
        for one in planted
        for answer in one.answers(
            family=int(recruits.families.number[recruits.people.family[one.person]]),
            participant=int(recruits.people.number[one.person]),
            parents=max(len(family) for family in unsolved if family[0] == one.person) - 1,
        )
    )


def _planted_structures(
    programme: Programme,
    places: Sequence[FilePlace],
    calls: Mapping[str, Mapping[str, ContigCalls]],
    probands: Sequence[int],
) -> tuple[PlantedStructure, ...]:
    names = {place.person: place.platekey for place in places}
    genes = programme.plan.genes
    family = programme.recruits.people.family
    return plant_structures(
        programme.seed,
        [
            (person, gene, calls[names[person]])
            for person in probands
            if person in names and (gene := genes[family[person]]) is not None
        ],
    )


def _carried_structures(
    programme: Programme, people: Sequence[int], planted: Sequence[PlantedStructure]
) -> dict[int, list[tuple[Structure, int]]]:
    """Return the structures of each person with their numbers of copies: common ones, and what was planted."""
    common = common_structures(programme.seed)
    relatives = programme.recruits.people
    copies = draw_carriers(
        programme.seed,
        common,
        [(one, int(relatives.father[one]), int(relatives.mother[one])) for one in people],
    )
    carried = {
        person: [(one, count) for one, count in zip(common, counts, strict=True) if count]
        for person, counts in copies.items()
    }
    for own in planted:
        carried[own.person] += [(one, 1) for one in (*own.breaking, own.decoy)]
    return carried


# ---------------------------------------------------------------------------------------------------------------------
# Whose
# ---------------------------------------------------------------------------------------------------------------------


def sequenced_trio(programme: Programme, family: int) -> tuple[int, int, int] | None:
    """Return a family's proband, father and mother, if all are in the aggregate and consent; else None."""
    recruits = programme.recruits
    proband = recruits.place(family, Role.PROBAND)
    father, mother = int(recruits.people.father[proband]), int(recruits.people.mother[proband])
    trio = (proband, father, mother)
    sequenced = set(programme.samples.people.tolist())
    if all(person in sequenced and programme.consents[person] is Consent.GIVEN for person in trio):
        return trio
    return None


def _people_of_trios(programme: Programme) -> list[int]:
    """Return the people of some trios with a diagnosis, each diagnosed in another way as far as they go."""
    parts = (*_FIRST, *(part for part in TRUTHS if part not in _FIRST))
    trios = []
    for part in parts:
        families = programme.plan.families(part)
        found = [trio for family in families if (trio := sequenced_trio(programme, family))]
        trios += found[:1]
    return [person for trio in trios[:TRIOS_WITH_FILES] for person in trio]


def _unsolved(programme: Programme) -> list[tuple[int, ...]]:
    """Return some unsolved probands whose disease one lost copy can cause, with their unaffected parents.

    Trios come first; where there are too few of them, a proband comes alone.
    """
    plan, affected, recruits = programme.plan, programme.affected, programme.recruits
    families = plan.families(Part.ORDINARY)
    order = random_stream(programme.seed, "structural variants/families").permutation(len(families))
    trios: list[tuple[int, ...]] = []
    alone: list[tuple[int, ...]] = []
    sequenced = set(programme.samples.people.tolist()) - set(programme.mishaps.people)
    for family in (families[at] for at in order):
        proband = recruits.place(family, Role.PROBAND)
        trio = sequenced_trio(programme, family)
        if not can_lose_exons(plan.genes[family]) or proband not in sequenced:
            continue
        if trio and not (affected[trio[1]] or affected[trio[2]]):
            trios.append(trio)
        elif programme.consents[proband] is Consent.GIVEN:
            alone.append((proband,))
    first, *others = [*trios, *alone] or [()]
    # One of them has to be able to lose so much that Canvas sees it.
    others.sort(key=lambda people: not _can_lose_a_large_part(programme, people[0]))
    return [people for people in (first, *others) if people][:FAMILIES_WITH_LOST_EXONS]


def _can_lose_a_large_part(programme: Programme, proband: int) -> bool:
    gene = programme.plan.genes[programme.recruits.people.family[proband]]
    return gene is not None and can_lose_a_large_part(gene)


def _patients(programme: Programme) -> list[int]:
    """Return some people of the cancer arm, those with the lowest numbers."""
    people, sequenced = programme.recruits.people, set(programme.samples.people.tolist())
    patients = [
        int(person)
        for person in programme.in_tables
        if people.family[person] < 0
        and int(person) in sequenced
        and programme.consents[person] is Consent.GIVEN
    ]
    return patients[:PATIENTS_WITH_FILES]


def _file_places(folder: Path, programme: Programme, people: Sequence[int]) -> list[FilePlace]:
    """Return where the variants of each person's latest genome on GRCh38 lie."""
    samples = programme.samples
    names = dict(zip(samples.people.tolist(), samples.platekeys, strict=True))
    rows = programme.genome_files
    paths = _latest_paths(rows[rows["file_sub_type"] == "Standard VCF"])
    return [
        FilePlace(person, names[person], delivered_file(folder, paths[names[person]]).parent)
        for person in people
        if names[person] in paths
    ]


def _latest_paths(rows: pd.DataFrame) -> dict[str, str]:
    ours = rows[rows["genome_build"] == GRCH38.name].sort_values("delivery_date", kind="stable")
    return dict(zip(ours["platekey"], ours["file_path"], strict=True))


# ---------------------------------------------------------------------------------------------------------------------
# What is written
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Block:
    """A stretch in which nothing differs from the reference; `depth` 0 where nothing was called."""

    start: int
    stop: int
    depth: int
    filtered: int
    quality: int


@dataclass(frozen=True)
class _PersonWriter:
    """Writes the lines of one person's files."""

    platekey: str
    male: bool
    coverage: float
    calls: dict[str, ContigCalls]

    def variant_file(self) -> Iterator[str]:
        """Yield the lines of the VCF: what differs from the reference."""
        yield from header_lines(
            source=_SOURCE,
            filters=_FILTERS,
            information=_INFORMATION,
            formats=_FORMAT,
            samples=[self.platekey],
        )
        for contig in GRCH38.lengths:
            yield from self._variant_lines[contig]

    def genome_file(self) -> Iterator[str]:
        """Yield the lines of the gVCF: the same variants, and between them blocks of reference."""
        yield from header_lines(
            source=_SOURCE,
            filters=_FILTERS,
            information=(*_BLOCK_INFORMATION, *_INFORMATION),
            formats=(*_FORMAT, *_BLOCK_FORMAT),
            samples=[self.platekey],
        )
        for contig in GRCH38.lengths:
            mine = self._on(contig)
            lines = [
                (call.position, 1, line)
                for call, line in zip(mine.variants, self._variant_lines[contig], strict=True)
            ]
            lines += [
                (block.start, 0, self._block_line(contig, block))
                for block in self._blocks(contig, mine)
            ]
            yield from (line for *_, line in sorted(lines))

    @cached_property
    def _variant_lines(self) -> dict[str, list[str]]:
        return {
            contig: [_variant_line(call) for call in self._on(contig).variants]
            for contig in GRCH38.lengths
        }

    def _on(self, contig: str) -> ContigCalls:
        return self.calls.get(contig, ContigCalls())

    def _blocks(self, contig: str, mine: ContigCalls) -> Iterator[_Block]:
        regions = _covered(contig, (call.position for call in mine.references))
        variants, references = iter(mine.variants), iter(mine.references)
        variant, reference = next(variants, None), next(references, None)
        for start, stop in regions:
            inside: list[PersonCall | ReferenceCall] = []
            while variant and variant.position <= stop:
                inside += [variant] if variant.stop >= start else []
                variant = next(variants, None)
            while reference and reference.position <= stop:
                inside += [reference] if reference.position >= start else []
                reference = next(references, None)
            inside.sort(key=lambda call: call.position)
            yield from self._blocks_within(contig, (start, stop), inside)

    def _blocks_within(
        self, contig: str, region: tuple[int, int], inside: Iterable[PersonCall | ReferenceCall]
    ) -> Iterator[_Block]:
        """Yield the blocks of one region; a block ends where depth differs too much from what it began with."""
        cursor, stop = region
        seen: list[ReferenceCall] = []
        for call in inside:
            if call.position < cursor and isinstance(call, ReferenceCall):
                continue
            closes = isinstance(call, PersonCall) or not _fits(seen, call)
            if closes:
                if call.position > cursor:
                    yield self._block(contig, (cursor, call.position - 1), seen)
                seen, cursor = [], max(cursor, call.position)
            if isinstance(call, PersonCall):
                cursor = max(cursor, call.stop + 1)
            elif call.depth:
                seen.append(call)
            else:
                yield _Block(call.position, call.position, 0, call.filtered, 0)
                cursor = call.position + 1
        if cursor <= stop:
            yield self._block(contig, (cursor, stop), seen)

    def _block(
        self, contig: str, stretch: tuple[int, int], seen: Sequence[ReferenceCall]
    ) -> _Block:
        if seen:
            return _Block(
                *stretch,
                depth=min(call.depth for call in seen),
                filtered=min(call.filtered for call in seen),
                quality=min(call.quality for call in seen),
            )
        depth = round(self.coverage / (2 if self._has_one_copy(contig, stretch[0]) else 1))
        quality = min(round(depth * QUALITY_PER_READ), LARGEST_QUALITY)
        return _Block(*stretch, depth=depth, filtered=0, quality=quality)

    def _has_one_copy(self, contig: str, position: int) -> bool:
        return self.male and GRCH38.is_hemizygous_in_males(contig, position)

    def _block_line(self, contig: str, block: _Block) -> str:
        base = reference_bases(contig, block.start, block.start)
        one_copy = self._has_one_copy(contig, block.start)
        if block.depth:
            genotype, quality = "0" if one_copy else "0/0", str(block.quality)
        else:
            genotype, quality = "." if one_copy else "./.", "."
        passed = "PASS" if block.quality >= LEAST_GQX else "LowGQX"
        return (
            f"{contig}\t{block.start}\t.\t{base}\t.\t.\t{passed}\tEND={block.stop};BLOCKAVG_min30p3a"
            f"\tGT:GQX:DP:DPF:MIN_DP\t{genotype}:{quality}:{block.depth}:{block.filtered}:{block.depth}"
        )


def _fits(seen: Sequence[ReferenceCall], call: ReferenceCall) -> bool:
    """Return whether a site may join those of a block: called, and not much deeper than the shallowest."""
    if not call.depth:
        return False
    depths = [call.depth, *(one.depth for one in seen)]
    return max(depths) <= max(min(depths) + 3, min(depths) * 1.3)


def _covered(contig: str, sites: Iterable[int]) -> list[tuple[int, int]]:
    """Return the stretches of a contig that a gVCF covers here: around genes, and at the aggregate's other sites."""
    regions: list[tuple[int, int]] = list(_around_genes(contig))
    positions = np.unique(np.fromiter(sites, dtype=np.int64))
    inside = np.zeros(len(positions), dtype=bool)
    for start, stop in regions:
        inside |= (positions >= start) & (positions <= stop)
    regions += [(position, position) for position in positions[~inside].tolist()]
    return sorted(regions)


@cache
def _around_genes(contig: str) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    spans = sorted(
        (gene.start - FLANK, gene.stop + FLANK) for gene in GENES.values() if gene.contig == contig
    )
    for start, stop in spans:
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(stop, merged[-1][1]))
        else:
            merged.append((start, stop))
    return tuple(merged)


def _variant_line(call: PersonCall) -> str:
    evidence = min(call.likelihoods[0], 3_000)
    passed = "PASS" if call.calibrated_quality >= LEAST_GQX else "LowGQX"
    reads, likelihoods = (",".join(map(str, row)) for row in (call.reads, call.likelihoods))
    if call.is_single_base:
        information = f"SNVHPOL={_homopolymer(call.contig, call.position)};MQ=60"
        formats = "GT:GQ:GQX:DP:DPF:AD:PL"
        cells = f"{call.quality}:{call.calibrated_quality}:{call.depth}:{call.filtered}"
    else:
        cigars = ",".join(_cigar(call.reference, alternate) for alternate in call.alternates)
        information = f"CIGAR={cigars};MQ=60"
        formats = "GT:GQ:GQX:DPI:AD:PL"
        cells = f"{call.quality}:{call.calibrated_quality}:{call.depth}"
    return (
        f"{call.contig}\t{call.position}\t.\t{call.reference}\t{','.join(call.alternates)}\t{evidence}"
        f"\t{passed}\t{information}\t{formats}\t{call.genotype}:{cells}:{reads}:{likelihoods}"
    )


def _cigar(reference: str, alternate: str) -> str:
    """Return how an indel is aligned, both alleles beginning with the base before it."""
    if len(reference) == len(alternate):
        return f"{len(reference)}X"
    shared = 1
    change = len(alternate) - len(reference)
    rest = min(len(reference), len(alternate)) - shared
    tail = f"{rest}M" if rest else ""
    return f"{shared}M{abs(change)}{'I' if change > 0 else 'D'}{tail}"


@cache
def _homopolymer(contig: str, position: int) -> int:
    """Return the length of the longest run of one base beside a position, as the caller counts it."""
    start = max(1, position - 10)
    bases = reference_bases(contig, start, min(position + 10, GRCH38.lengths[contig]))
    before, after = bases[: position - start][::-1], bases[position - start + 1 :]
    return max(_run(before), _run(after), 1)


def _run(bases: str) -> int:
    return len(bases) - len(bases.lstrip(bases[0])) if bases else 0

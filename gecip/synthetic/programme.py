"""Make a whole release: who, what, genomes, tables and the answer key, in that order, in one folder."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from gecip import progress as reports
from gecip.model.assembly import GRCH38
from gecip.model.naming import Edition, edition_of
from gecip.model.programme_releases import labkey_folder, release_date
from gecip.release.layout import SAMPLE_LISTS, Chunk, Manifest, write_chunks
from gecip.synthetic.aggregate_files import ContigRecords, lay_out_chunks, write_chunk
from gecip.synthetic.annotation_files import annotate
from gecip.synthetic.answer_key import Answer, write_answers
from gecip.synthetic.clinical_rows import predicted_ancestry
from gecip.synthetic.coding_calls import CodingCalls
from gecip.synthetic.common_variants import common_variants
from gecip.synthetic.de_novo_rows import TrioCandidates
from gecip.synthetic.domain_tables import domain_tables
from gecip.synthetic.further_patients import with_cancer_patients
from gecip.synthetic.gene_dropping import Genomes, drop_genomes
from gecip.synthetic.gene_panels import write_panels
from gecip.synthetic.generator_version import generator_version, release_digest
from gecip.synthetic.kinship import unrelated_people
from gecip.synthetic.penetrance import Carried
from gecip.synthetic.people_blocks import (
    AnswersOfBlocks,
    block_sizes,
    draw_people,
    listed_samples,
    makers_of,
)
from gecip.synthetic.person_files import write_person_files
from gecip.synthetic.planted_answers import Shown, all_answers, duplicate_answers
from gecip.synthetic.planted_carriers import carriers_of_planted
from gecip.synthetic.planting import Planted
from gecip.synthetic.principal_components import BackboneCopies
from gecip.synthetic.random_streams import seed_of_block
from gecip.synthetic.recruitment import (
    ANCESTRIES,
    CANCER_SHARE_OF_PROGRAMME,
    FIRST_BLOCK,
    Recruits,
)
from gecip.synthetic.reference_sequence import (
    Positions,
    positions_in_other_files,
    write_reference,
)
from gecip.synthetic.release_tables import ReleaseTables
from gecip.synthetic.sample_mishaps import GeneticTruth
from gecip.synthetic.score_file import score_answer, write_score
from gecip.synthetic.sequencing import (
    GENOTYPE_TEXT,
    HEMIZYGOUS_MISSING,
    Samples,
    qualities,
    sequence,
)
from gecip.synthetic.site_quality import SampleGroups, judge_sites
from gecip.synthetic.somatic_aggregate import write_somatic_aggregate
from gecip.synthetic.trait_measurements import TRAIT, TraitGenotypes, TraitMeasurements
from gecip.synthetic.tumours import TumourTables
from gecip.synthetic.variant_sites import Site, draw_sites, duplicated_rows
from gecip.writing import new_folder

DEMO_PARTICIPANTS = 600
DEMO_SEED = 1
DEMO_CANCER_PATIENTS = 400
ASSIGNED = 0.8

Item = TypeVar("Item")


def synthesise_release(
    folder: str | Path,
    *,
    participants: int = DEMO_PARTICIPANTS,
    cancer_patients: int = 0,
    seed: int = DEMO_SEED,
    version: str = "v19",
    genomes: bool = True,
    name: str | None = None,
    progress: bool = True,
) -> Path:
    """Make a synthetic release in a new folder, and return the folder.

    It has the real one's files, tables and faults, and planted truths that `read_answers` tells. The
    same arguments give the same bytes. 600 participants take about a minute and 60 MB.

    Parameters
    ----------
    folder
        Must not exist; it appears when the release is whole.
    participants
        How many people the participant table has, those who withdrew among them. A few more are in
        the aggregate only, since they withdrew before the release.
    cancer_patients
        How many more people of the cancer arm the tables have, with tumours, but without a genome in
        the germline aggregate. The demo release has 400.
    version
        The release of the main programme that it stands for; its date and LabKey folder follow.
    genomes
        Without genomes there are the clinical tables only, of as many people as are asked for: they
        are made block by block, so that memory does not grow with them. Then a fifth of the
        participants are of the cancer arm, and what rests on genomes is not in the answer key.
    name
        What the release calls itself; the folder's name if not given.

    Raises
    ------
    InputError
        When the folder exists, the disk is full, or too few participants are asked for.
    ReleaseError
        When there is no such version.
    """
    destination = Path(folder).expanduser()
    date = release_date(version)
    report = _Report(shown=progress)
    making = _Making(
        seed=seed,
        date=date,
        participants=participants,
        cancer_patients=cancer_patients,
        version=version,
        edition=edition_of(version, labkey_folder(version)),
        report=report,
    )
    with new_folder(destination) as partial:
        made = making.with_genomes(partial) if genomes else making.block_by_block(partial)
        write_panels(partial)
        _write_sample_list(partial, made.listed, version)
        write_answers(partial, made.answers)
        Manifest(
            name=name or destination.name,
            version=version,
            date=date,
            assembly=GRCH38.name,
            origin="synthetic",
            folder=labkey_folder(version),
            partial_genotypes=made.partial_genotypes,
            facts={
                "participants": participants,
                "cancer_patients": cancer_patients,
                "genomes": made.genomes,
                "variants": made.variants,
                "seed": seed,
                "generator": generator_version(),
            },
            digest=release_digest(
                participants=participants,
                cancer_patients=cancer_patients,
                seed=seed,
                version=version,
                **({} if genomes else {"genomes": False}),
            ),
        ).write(partial)
    return destination


@dataclass(frozen=True)
class _Made:
    """What the manifest, the sample list and the answer key say of a release that was written."""

    listed: Sequence[str]
    answers: Sequence[Answer]
    genomes: int = 0
    variants: int = 0
    partial_genotypes: int | None = None


@dataclass(frozen=True)
class _Making:
    """How a release is to be made; each method makes one, with genomes or without."""

    seed: int
    date: datetime.date
    participants: int
    cancer_patients: int
    version: str
    edition: Edition
    report: _Report

    def with_genomes(self, folder: Path) -> _Made:
        seed, report = self.seed, self.report
        with report.step("Recruiting families"):
            people = draw_people(seed, participants=self.participants, date=self.date)
        aggregate = _write_aggregate(
            folder, seed, people.truth, people.samples, people.planted, report
        )
        programme = people.programme(
            seed, aggregate.carried, unrelated=_unrelated(people.truth, people.samples)
        )
        components = aggregate.backbone.scores(programme.unrelated[people.samples.people])
        programme = with_cancer_patients(
            replace(programme, components=components), self.cancer_patients
        )
        domains = domain_tables(
            programme, people.planted, aggregate.coding, aggregate.trios, aggregate.trait
        )
        with ReleaseTables(folder, self.edition) as tables:
            makers = report.items(
                makers_of(programme, domains).items(), "Writing clinical tables", "table"
            )
            for table, make in makers:
                tables.append(table, make(), programme)
        scores = [
            score_answer(write_score(folder, seed, TRAIT, made.weights))
            for made in domains
            if isinstance(made, TraitMeasurements) and made.weights
        ]
        with report.step("Writing the somatic aggregate"):
            for made in domains:
                if isinstance(made, TumourTables):
                    write_somatic_aggregate(folder, seed, made, version=self.version)
        with report.step("Writing the files of single genomes"):
            in_files = write_person_files(folder, programme)
        with report.step("Writing the reference sequence"):
            write_reference(folder, aggregate.positions, positions_in_other_files(folder))
        return _Made(
            listed=listed_samples(people),
            answers=[
                *all_answers(programme, people.planted, aggregate.shown),
                *duplicate_answers(aggregate.duplicated),
                *(answer for tables in domains for answer in tables.answers),
                *in_files,
                *scores,
            ],
            genomes=len(people.samples),
            variants=aggregate.variants,
            partial_genotypes=aggregate.partial_genotypes,
        )

    def block_by_block(self, folder: Path) -> _Made:
        listed: list[str] = []
        answers = AnswersOfBlocks()
        with ReleaseTables(folder, self.edition) as tables:
            sizes = block_sizes(self.participants + self.cancer_patients)
            block = FIRST_BLOCK
            for size in self.report.items(sizes, "Writing clinical tables", "block"):
                seed = seed_of_block(self.seed, block.number)
                people = draw_people(
                    self.seed,
                    participants=size,
                    date=self.date,
                    genomes=False,
                    block=block,
                    cancer_share=self._cancer_share,
                )
                carried = carriers_of_planted(seed, people.recruits, people.planted)
                programme = people.programme(
                    seed, carried, unrelated=_unrelated(people.truth, people.samples)
                )
                domains = domain_tables(programme, people.planted)
                for table, make in makers_of(programme, domains).items():
                    tables.append(table, make(), programme)
                listed += listed_samples(people)
                answers.add(programme, domains)
                block = people.recruits.next_block
        return _Made(listed=listed, answers=answers.merged())

    @property
    def _cancer_share(self) -> float:
        """The programme's share of the cancer arm, and who was asked for besides."""
        wanted = CANCER_SHARE_OF_PROGRAMME * self.participants + self.cancer_patients
        return wanted / (self.participants + self.cancer_patients)


@dataclass
class _Aggregate:
    """What is kept of the written genomes: positions, counts, carriers of planted variants, and calls that tables rest on."""

    planted: Sequence[Planted]
    chunks: list[Chunk] = field(default_factory=list)
    positions: dict[str, Positions] = field(default_factory=dict)
    duplicated: list[Site] = field(default_factory=list)
    variants: int = 0
    partial_genotypes: int = 0
    carried: list[Carried] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    coding: CodingCalls = field(default_factory=CodingCalls)
    trios: TrioCandidates = field(default_factory=TrioCandidates)
    trait: TraitGenotypes = field(default_factory=TraitGenotypes)
    backbone: BackboneCopies = field(default_factory=BackboneCopies)

    def __post_init__(self) -> None:
        self.carried = [{} for _ in self.planted]
        self.shown = [{} for _ in self.planted]


def _write_aggregate(
    folder: Path,
    seed: int,
    truth: GeneticTruth,
    samples: Samples,
    planted: Sequence[Planted],
    report: _Report,
) -> _Aggregate:
    """Make and write the genomes contig by contig, so that no more than one is held at a time."""
    aggregate = _Aggregate(planted)
    groups = _sample_groups(seed, truth, samples)
    contigs = (*GRCH38.autosomes, GRCH38.x_contig)
    for contig in report.items(contigs, "Passing down and sequencing genomes", "contig"):
        records, genomes = _contig(seed, contig, truth, samples, groups, planted)
        _remember_planted(aggregate, truth.recruits, samples, records, genomes)
        aggregate.coding.remember(truth.recruits.people, records, genomes)
        aggregate.trios.remember(truth.recruits.people, samples, records)
        aggregate.trait.remember(records, genomes)
        aggregate.backbone.remember(records)
        aggregate.positions[contig] = records.sites.positions
        aggregate.duplicated += duplicated_rows(records.sites)
        aggregate.variants += len(records.sites)
        aggregate.partial_genotypes += int((records.calls.state > HEMIZYGOUS_MISSING).sum())
        for chunk in lay_out_chunks(folder, records.sites):
            write_chunk(chunk, records, samples.platekeys)
            aggregate.chunks.append(chunk)
    write_chunks(folder, tuple(aggregate.chunks))
    return aggregate


def _contig(
    seed: int,
    contig: str,
    truth: GeneticTruth,
    samples: Samples,
    groups: SampleGroups,
    planted: Sequence[Planted],
) -> tuple[ContigRecords, Genomes]:
    """Return what is written of a contig, the sites at which somebody in the aggregate differs, and people's own genomes."""
    people = truth.recruits.people
    mine = [planting for planting in planted if planting.site.contig == contig]
    common = common_variants(seed, contig, people)
    everything = draw_sites(
        seed,
        contig,
        common=common,
        planted=[(planting.site, planting.frequencies) for planting in mine],
    )
    dropped = drop_genomes(seed, people, everything, common=common, planted=mine)
    kept = (dropped.alleles[truth.donor[samples.people]] == 1).any(axis=(0, 1))
    sites = everything.take(kept)
    alleles = dropped.alleles[:, :, kept]
    calls = sequence(seed, samples, Genomes(sites, alleles[truth.donor]))
    quality = qualities(calls)
    records = ContigRecords(
        sites,
        calls,
        quality,
        judge_sites(sites, calls, quality, groups),
        annotate(seed, everything, kept),
    )
    return records, Genomes(sites, alleles[truth.body])


def _remember_planted(
    aggregate: _Aggregate,
    recruits: Recruits,
    samples: Samples,
    records: ContigRecords,
    genomes: Genomes,
) -> None:
    rows = {site.name: row for row, site in enumerate(records.sites.rows)}
    columns = {int(person): column for column, person in enumerate(samples.people)}
    for place, planting in enumerate(aggregate.planted):
        row = rows.get(planting.site.name)
        if row is not None:
            members = recruits.families.members(planting.family)
            aggregate.carried[place] = {
                person: (int(genomes.alleles[person, 0, row]), int(genomes.alleles[person, 1, row]))
                for person in members
            }
            aggregate.shown[place] = {
                person: GENOTYPE_TEXT[records.calls.state[row, columns[person]]]
                for person in members
                if person in columns
            }


def _sample_groups(seed: int, truth: GeneticTruth, samples: Samples) -> SampleGroups:
    """Return which samples count for what; trios that a mishap took apart do not count as such."""
    predicted = predicted_ancestry(seed, truth)[samples.people]
    unrelated = _unrelated(truth, samples)[samples.people]
    columns = {int(person): column for column, person in enumerate(samples.people)}
    people = truth.recruits.people
    related = [
        (int(person), int(people.father[person]), int(people.mother[person])) for person in columns
    ]
    trios = [
        [columns[one] for one in trio]
        for trio in related
        if all(one in columns and truth.donor[one] == one for one in trio)
    ]
    return SampleGroups(
        male=samples.male,
        unrelated={
            ancestry: np.flatnonzero(unrelated & (predicted[:, place] >= ASSIGNED))
            for place, ancestry in enumerate(ANCESTRIES)
        },
        trios=np.array(trios, dtype=np.int64).reshape(-1, 3),
    )


def _unrelated(truth: GeneticTruth, samples: Samples) -> np.ndarray:
    """Return in whose name the samples of a largest set of unrelated genomes are, each genome once."""
    sequenced = np.zeros(len(truth.donor), dtype=bool)
    sequenced[truth.donor[samples.people]] = True
    chosen = unrelated_people(truth.recruits, sequenced)
    genomes, first = np.unique(truth.donor[samples.people], return_index=True)
    unrelated = np.zeros(len(truth.donor), dtype=bool)
    unrelated[samples.people[first]] = chosen[genomes]
    return unrelated


def _write_sample_list(folder: Path, listed: Sequence[str], version: str) -> None:
    path = folder / SAMPLE_LISTS / f"main_programme_{version}_samples.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{name}\n" for name in listed), encoding="utf-8")


@dataclass(frozen=True)
class _Report:
    """Progress, shown or not."""

    shown: bool

    def step(self, title: str) -> AbstractContextManager[None]:
        return reports.step(title) if self.shown else nullcontext()

    def items(self, items: Iterable[Item], title: str, unit: str) -> Iterator[Item]:
        return reports.progress(items, title=title, unit=unit) if self.shown else iter(items)

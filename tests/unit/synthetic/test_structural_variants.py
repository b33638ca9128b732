"""Structural variants as single files have them: planted losses are found by VCF and gene table, nothing else breaks a gene."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pysam
import pytest

from gecip.model.genes import GENES
from gecip.synthetic import Answer, read_answers
from gecip.synthetic.gene_structure import reference_bases, transcript_of
from tests.unit.synthetic.aggregate_reading import sample_of_participant, table
from tests.unit.synthetic.person_file_reading import files_of_kind

KINDS = ("structural_variant", "copy_number_variant")


@dataclass(frozen=True)
class Event:
    name: str
    contig: str
    start: int
    stop: int
    reference: str
    alternate: str
    kind: str
    information: dict[str, Any] = field(compare=False)
    call: dict[str, Any] = field(compare=False)

    @property
    def is_loss(self) -> bool:
        return self.kind == "DEL" or (self.kind == "CNV" and self.call["CN"] < 2)

    @property
    def is_heterozygous(self) -> bool:
        return self.call["CN"] == 1 if self.kind == "CNV" else tuple(self.call["GT"]) == (0, 1)

    def exons_of(self, symbol: str) -> set[int]:
        """Return which exons of a gene it overlaps, by the positions of the transcript."""
        transcript = transcript_of(symbol)
        hit = [
            base
            for base, position in enumerate(transcript.positions.tolist())
            if self.start < position <= self.stop
        ]
        return {transcript.exon(base) for base in hit}


def events(path: Path) -> list[Event]:
    with pysam.VariantFile(str(path)) as records:
        return [
            Event(
                str(record.id),
                record.contig,
                record.pos,
                record.stop,
                str(record.ref),
                str((record.alts or ("",))[0]),
                str(record.info["SVTYPE"]),
                dict(record.info.items()),
                dict(record.samples[0].items()),
            )
            for record in records
        ]


@pytest.fixture(scope="module")
def files(small_release_folder: Path) -> dict[str, list[Event]]:
    return {
        name: events(path)
        for name, path in files_of_kind(small_release_folder, "Structural VCF").items()
    }


@pytest.fixture(scope="module")
def answers(small_release_folder: Path) -> list[Answer]:
    return [answer for answer in read_answers(small_release_folder) if answer.kind in KINDS]


def test_each_kind_is_planted_with_a_decoy(answers: list[Answer]) -> None:
    told = [(answer.kind, answer.expected["found"]) for answer in answers]
    assert sorted(told) == sorted((kind, found) for kind in KINDS for found in (True, False))


def test_a_planted_loss_is_found_by_the_probands_file_and_the_table_of_genes(
    small_release_folder: Path, files: dict[str, list[Event]], answers: list[Answer]
) -> None:
    sample = sample_of_participant(small_release_folder)
    diseases = table(small_release_folder, "rare_diseases_participant_disease")
    disease = diseases.set_index("participant_id")["normalised_specific_disease"]
    for answer in answers:
        if not answer.expected["found"]:
            continue
        proband = answer.participant or 0
        genes = [
            gene
            for gene in GENES.values()
            if gene.disease == disease[proband] and gene.mode.one_copy_suffices
        ]
        found = [
            (event, gene.symbol)
            for event in files[sample[proband]]
            for gene in genes
            if event.contig == gene.contig
            and event.is_loss
            and event.is_heterozygous
            and event.exons_of(gene.symbol)
        ]
        assert {gene for _, gene in found} == {answer.gene}
        assert {name for event, _ in found for name in [event.name.split(":")[0]]} == (
            {"MantaDEL"} if answer.kind == "structural_variant" else {"MantaDEL", "Canvas"}
        )
        for event, gene in found:
            assert event.exons_of(gene) == set(answer.expected["exons"])
            assert event.stop == answer.expected["stop"]


def test_nothing_else_touches_an_exon(
    small_release_folder: Path, files: dict[str, list[Event]], answers: list[Answer]
) -> None:
    sample = sample_of_participant(small_release_folder)
    truths = {
        (sample[answer.participant or 0], answer.expected["stop"])
        for answer in answers
        if answer.expected["found"]
    }
    carried = 0
    for name, mine in files.items():
        for event in mine:
            if (name, event.stop) in truths:
                continue
            carried += 1
            for gene in GENES.values():
                if gene.contig == event.contig and gene.start - 5_000 < event.start < gene.stop:
                    assert not event.exons_of(gene.symbol), event.name
    assert carried > 10 * len(files)


def test_decoys_are_duplications_in_the_same_gene(
    small_release_folder: Path, files: dict[str, list[Event]], answers: list[Answer]
) -> None:
    sample = sample_of_participant(small_release_folder)
    for answer in answers:
        if answer.expected["found"]:
            continue
        gene = GENES[answer.gene or ""]
        (decoy,) = (
            event
            for event in files[sample[answer.participant or 0]]
            if event.stop == answer.expected["stop"]
        )
        assert decoy.kind == "DUP"
        assert gene.start < decoy.start < decoy.stop < gene.stop


def test_no_heterozygous_call_lies_where_a_copy_is_lost(
    small_release_folder: Path, answers: list[Answer]
) -> None:
    sample = sample_of_participant(small_release_folder)
    small = files_of_kind(small_release_folder, "Standard VCF")
    for answer in answers:
        if answer.expected["found"]:
            contig, position, *_ = answer.variants[0].split(":")
            path = small[sample[answer.participant or 0]]
            with pysam.VariantFile(str(path)) as records:
                inside = list(records.fetch(contig, int(position), answer.expected["stop"]))
            assert not inside


def test_fields_are_those_of_manta_and_canvas(files: dict[str, list[Event]]) -> None:
    everything = [event for mine in files.values() for event in mine]
    assert {event.kind for event in everything} == {"DEL", "DUP", "INS", "INV", "BND", "CNV"}
    for event in everything:
        assert event.reference == reference_bases(event.contig, event.start, event.start)
        if event.kind == "CNV":
            assert event.alternate == "<CNV>"
            assert event.stop - event.start >= 10_000
            assert {"RC", "BC", "CN"} == set(event.call)
            continue
        assert ("SR" in event.call) == ("IMPRECISE" not in event.information)
        likelihoods = event.call["PL"]
        copies = sum(allele or 0 for allele in event.call["GT"])
        assert likelihoods.index(min(likelihoods)) == copies
        if event.kind == "DEL":
            assert event.information["SVLEN"] == (event.start - event.stop,)


def test_both_ends_of_a_translocation_name_each_other(files: dict[str, list[Event]]) -> None:
    met = 0
    for mine in files.values():
        ends = {event.name: event for event in mine if event.kind == "BND"}
        for name, event in ends.items():
            mate = ends[event.information["MATEID"][0]]
            assert mate.information["MATEID"] == (name,)
            assert f"{mate.contig}:{mate.start}" in event.alternate
            met += 1
    assert met


def test_children_have_the_common_variants_of_their_parents(
    small_release_folder: Path, files: dict[str, list[Event]], answers: list[Answer]
) -> None:
    sample = sample_of_participant(small_release_folder)
    people = table(small_release_folder, "participant")
    rows = people[people["participant_id"].map(sample).isin(files)]
    planted = {answer.expected["stop"] for answer in answers}
    trios = 0
    for _, family in rows[rows["rare_diseases_family_id"].notna()].groupby(
        "rare_diseases_family_id"
    ):
        by_relation = dict(
            zip(
                family["biological_relationship_to_proband"].fillna("Proband"),
                family["participant_id"].map(sample),
                strict=True,
            )
        )
        if set(by_relation) != {"Proband", "Father", "Mother"}:
            continue
        trios += 1
        child, father, mother = (
            {event.name for event in files[by_relation[role]] if event.stop not in planted}
            for role in ("Proband", "Father", "Mother")
        )
        assert child <= father | mother
    assert trios

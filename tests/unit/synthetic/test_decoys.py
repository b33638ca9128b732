"""Each decoy of the demo looks like an answer and is none: what speaks against it is read from the files, and nothing else does."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pysam
import pytest

from gecip.model.genes import GENES
from gecip.release.layout import PANELS, Chunk, read_chunks
from gecip.synthetic import Answer, read_answers
from gecip.synthetic.casting import DECOYS
from tests.unit.synthetic.aggregate_reading import sample_of_participant, table
from tests.unit.synthetic.interpretation_reading import named

EACH = 5
DAMAGING = {"HIGH", "MODERATE"}
OF_TIER_3 = {"decoy_amber_gene", "decoy_outside_panel"}
COMMON = {"decoy_too_common", "decoy_too_common_in_one_population"}
NEW = {"decoy_not_shared", "decoy_failed_filter", "decoy_amber_gene", "decoy_outside_panel"}
# The groups of gnomAD that the cut-offs name and that are large enough to be counted in.
GROUPS = ("gnomADe_AMR", "gnomADe_EAS", "gnomADe_NFE", "gnomADe_SAS", "gnomADg_AFR", "gnomADg_NFE")


@dataclass
class Demo:
    """The demo's files, read only where a decoy lies."""

    folder: Path

    @cached_property
    def decoys(self) -> list[Answer]:
        return [one for one in read_answers(self.folder) if one.kind.startswith("decoy")]

    def of(self, *kinds: str) -> list[Answer]:
        found = [one for one in self.decoys if one.kind in kinds]
        assert len(found) == EACH * len(kinds)
        return found

    @cached_property
    def sample(self) -> dict[int, str]:
        return sample_of_participant(self.folder)

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        return read_chunks(self.folder)

    def _record(self, variant: str, *, annotation: bool = False) -> pysam.VariantRecord:
        contig, position, reference, alternate = variant.split(":")
        for chunk in self.chunks:
            path = chunk.annotation if annotation else chunk.genotypes
            with pysam.VariantFile(str(path)) as file:
                if contig not in file.header.contigs:
                    continue
                for record in file.fetch(contig, int(position) - 1, int(position)):
                    here = (record.pos, record.ref, record.alts)
                    if here == (int(position), reference, (alternate,)):
                        return record
        raise AssertionError(variant)

    def filters(self, variant: str) -> list[str]:
        return list(self._record(variant).filter)

    def call(self, variant: str, participant: int) -> tuple[int | None, ...]:
        return tuple(self._record(variant).samples[self.sample[participant]]["GT"])

    def copies(self, variant: str, participant: int) -> int:
        return sum(allele or 0 for allele in self.call(variant, participant))

    def annotation(self, variant: str) -> dict[str, str]:
        record = self._record(variant, annotation=True)
        fields = str(record.header.info["CSQ"].description).rpartition("Format: ")[2].split("|")
        entries = [dict(zip(fields, one.split("|"), strict=True)) for one in record.info["CSQ"]]
        return next(one for one in entries if one["CANONICAL"] == "YES")

    def frequencies(self, variant: str) -> dict[str, float]:
        entry = self.annotation(variant)
        return {group: float(entry[f"{group}_AF"] or 0) for group in GROUPS}

    @cached_property
    def affected(self) -> dict[int, bool]:
        members = table(self.folder, "rare_diseases_pedigree_member")
        members = members[members["participant_id"].notna()]
        return {
            int(number): status == "Affected"
            for number, status in zip(
                members["participant_id"], members["affection_status"], strict=True
            )
        }

    @cached_property
    def people(self):  # type: ignore[no-untyped-def]
        return table(self.folder, "participant")

    def relatives(self, family: int | None) -> dict[int, str]:
        """Return the proband's relatives whose genomes are here: how each is related."""
        rows = self.people[self.people["rare_diseases_family_id"] == family]
        relation = rows["biological_relationship_to_proband"].fillna("Proband")
        return {
            int(number): role
            for number, role in zip(rows["participant_id"], relation, strict=True)
            if role != "Proband" and number in self.sample
        }


@pytest.fixture(scope="module")
def demo(demo_release_folder: Path) -> Demo:
    return Demo(demo_release_folder)


def test_there_are_five_of_each_kind_each_with_its_reason(demo: Demo) -> None:
    counts = Counter(decoy.kind for decoy in demo.decoys)
    assert counts == dict.fromkeys(map(str, DECOYS), EACH)
    assert len({decoy.family for decoy in demo.decoys}) == len(demo.decoys)
    reasons = {(decoy.kind, decoy.expected["because"]) for decoy in demo.decoys}
    assert len(reasons) == len(DECOYS)
    assert not any(decoy.expected["found"] for decoy in demo.decoys)


def test_all_but_the_silent_ones_are_damaging_and_all_but_the_unbalanced_ones_pass(
    demo: Demo,
) -> None:
    for decoy in demo.decoys:
        for variant in decoy.variants:
            entry = demo.annotation(variant)
            assert entry["SYMBOL"] == decoy.gene
            if decoy.kind == "decoy_synonymous":
                assert entry["Consequence"] == "synonymous_variant"
            else:
                assert entry["IMPACT"] in DAMAGING
            failed = ["ABratio"] if decoy.kind == "decoy_failed_filter" else ["PASS"]
            assert demo.filters(variant) == failed


def test_penetrance_is_complete_in_every_familiy_of_a_decoy(demo: Demo) -> None:
    penetrance = demo.people.set_index("participant_id")["penetrance"]
    assert {penetrance[decoy.participant] for decoy in demo.decoys} == {"complete"}


def test_common_ones_are_homozygous_and_common_everywhere_or_in_one_population(demo: Demo) -> None:
    for decoy in demo.of(*COMMON):
        frequencies = demo.frequencies(decoy.variants[0])
        above = {group.rpartition("_")[2] for group, known in frequencies.items() if known > 0.01}
        assert demo.call(decoy.variants[0], decoy.participant or 0) == (1, 1)
        if decoy.kind == "decoy_too_common":
            assert above == {"AFR", "AMR", "EAS", "NFE", "SAS"}
        else:
            assert len(above) == 1
            assert float(demo.annotation(decoy.variants[0])["gnomADe_AF"]) < 0.01


def test_new_ones_are_in_no_parent_and_in_nobody_else(demo: Demo) -> None:
    for decoy in demo.of(*NEW, "decoy_synonymous"):
        record = demo._record(decoy.variants[0])
        carriers = {name for name, call in record.samples.items() if 1 in call["GT"]}
        assert carriers == {demo.sample[decoy.participant or 0]}


def test_an_affected_relative_lacks_what_is_not_shared_and_no_other_decoy_has_one(
    demo: Demo,
) -> None:
    for decoy in demo.decoys:
        ill = [one for one in demo.relatives(decoy.family) if demo.affected[one]]
        assert bool(ill) == (decoy.kind == "decoy_not_shared")
        assert all(demo.copies(decoy.variants[0], one) == 0 for one in ill)


def test_the_father_who_carries_it_too_is_well(demo: Demo) -> None:
    for decoy in demo.of("decoy_wrong_segregation"):
        (father,) = (one for one, role in demo.relatives(decoy.family).items() if role == "Father")
        assert demo.copies(decoy.variants[0], father) == 1
        assert not demo.affected[father]


def test_one_copy_of_a_gene_that_takes_two_is_whole(demo: Demo) -> None:
    for decoy in demo.of("decoy_single_heterozygote", "decoy_lost_partner", "decoy_same_copy"):
        assert decoy.mode == "biallelic"
        proband = decoy.participant or 0
        others = _rare_damaging(demo, decoy)
        first, *second = decoy.variants
        assert demo.copies(first, proband) == 1
        assert max(demo.frequencies(first).values()) < 0.01
        if decoy.kind == "decoy_single_heterozygote":
            assert others == {first}
        elif decoy.kind == "decoy_lost_partner":
            assert others == {first}
            assert demo.copies(second[0], proband) >= 1
            assert max(demo.frequencies(second[0]).values()) > 0.01
        else:
            assert others == {first, *second}
            parents = [
                tuple(demo.copies(variant, one) for variant in decoy.variants)
                for one, role in demo.relatives(decoy.family).items()
                if role in ("Father", "Mother")
            ]
            assert (1, 1) in parents
            assert set(parents) <= {(1, 1), (0, 0)}


def _rare_damaging(demo: Demo, decoy: Answer) -> set[str]:
    """Return the proband's rare damaging variants in the decoy's gene."""
    gene = GENES[decoy.gene or ""]
    found = set()
    for chunk in demo.chunks:
        with pysam.VariantFile(str(chunk.genotypes)) as file:
            if gene.contig not in file.header.contigs:
                continue
            for record in file.fetch(gene.contig, gene.start - 1, gene.stop):
                if 1 in record.samples[demo.sample[decoy.participant or 0]]["GT"]:
                    found.add(f"{record.contig}:{record.pos}:{record.ref}:{record.alts[0]}")
    return {
        variant
        for variant in found
        if demo.annotation(variant)["IMPACT"] in DAMAGING
        and max(demo.frequencies(variant).values()) <= 0.01
    }


def test_panels_say_amber_or_nothing_of_the_genes_outside_them(demo: Demo) -> None:
    document = json.loads((demo.folder / PANELS).read_text(encoding="utf-8"))
    level = {
        (panel["name"], panel["version"], gene["gene_data"]["gene_symbol"]): gene[
            "confidence_level"
        ]
        for panel in document["results"]
        for gene in panel["genes"]
    }
    applied = table(demo.folder, "panels_applied")
    disease = table(demo.folder, "rare_diseases_participant_disease").set_index("participant_id")
    for decoy in demo.of("decoy_amber_gene", "decoy_outside_panel"):
        rows = applied[applied["participant_id"] == decoy.participant]
        levels = {
            name: level.get((name, version, decoy.gene))
            for name, version in zip(rows["panel_name"], rows["panel_version"], strict=True)
        }
        own = disease.loc[decoy.participant, "normalised_specific_disease"]
        assert levels[own] == ("2" if decoy.kind == "decoy_amber_gene" else None)
        assert "3" not in levels.values()


def test_no_decoy_is_tiered_but_those_outside_panels_in_tier_3(demo: Demo) -> None:
    tiers = named(demo.folder, "tiering_data")
    for decoy in demo.decoys:
        rows = tiers[tiers["rare_diseases_family_id"] == decoy.family]
        rows = rows[rows["variant"].isin(decoy.variants)]
        assert set(rows["tier"]) == ({"TIER3"} if decoy.kind in OF_TIER_3 else set())
        assert decoy.expected.get("tier") == ("TIER3" if decoy.kind in OF_TIER_3 else None)

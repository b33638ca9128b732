"""One release in which every fault of the kind that families bring stands at once: each is a sentence, and the tiers go on."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from domains.rare_disease import RARE_DISEASE_FAMILIES, de_novo_candidates, tier_variants, why
from domains.rare_disease.panels import Panel, PanelGene
from domains.rare_disease.tiering import Choices, TieredVariants
from gecip.analysis.genetic.pedigree import Pedigree, read_pedigrees
from gecip.cohort import select_cohort
from gecip.errors import InputError
from gecip.genotypes import Genotypes, load_genotypes
from gecip.model.genes import ModeOfInheritance
from gecip.model.panels import Confidence
from gecip.release import open_release
from gecip.reporting import list_rows
from gecip.synthetic import read_answers

MEMBERS, PEOPLE = "rare_diseases_pedigree_member", "participant"
FATHER_LINK = "rare_diseases_pedigree_member_father_sk"
KEY = "rare_diseases_pedigree_member_sk"
NO_PROBAND, YOUNG_FATHER, CIRCLE, NO_GENOME = range(4)


def change(folder: Path, table: str, by: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Write a table of a release again, row by row."""
    file = folder / "tables" / f"{table}.parquet"
    rows = pq.read_table(file)
    changed = [by(row) for row in rows.to_pylist()]
    pq.write_table(pa.Table.from_pylist(changed, schema=rows.schema), file)


def break_families(folder: Path, families: list[Pedigree]) -> None:
    """Take the proband's mark from one family, age from a father, and let a grandfather descend from his grandchild."""
    young, circle = families[YOUNG_FATHER], families[CIRCLE]
    without = families[NO_PROBAND].family_id

    def member(row: dict[str, Any]) -> dict[str, Any]:
        if row["rare_diseases_family_id"] == without:
            row |= {"is_proband": False, "biological_relationship_to_proband": None}
        if row[KEY] == young.proband.father:  # type: ignore[union-attr]
            row["year_of_birth"] = young.proband.year_of_birth + 1  # type: ignore[union-attr, operator]
        if row["rare_diseases_family_id"] == circle.family_id:
            # With years the link to a younger parent is cut before there is a circle.
            row["year_of_birth"] = None
        if row[KEY] == circle.proband.father:  # type: ignore[union-attr]
            row[FATHER_LINK] = circle.proband.key  # type: ignore[union-attr]
        return row

    def person(row: dict[str, Any]) -> dict[str, Any]:
        if row["rare_diseases_family_id"] == without:
            row["participant_type"] = "Relative"
        return row

    change(folder, MEMBERS, member)
    change(folder, PEOPLE, person)


@pytest.fixture(scope="module")
def planted(small_release_folder: Path) -> Any:
    """A diagnosis by one variant, whose gene stands on the panels."""
    return next(one for one in read_answers(small_release_folder) if one.kind == "dominant")


@pytest.fixture(scope="module")
def genotypes(hail: Any, small_release_folder: Path, planted: Any) -> Genotypes:
    cohort = select_cohort(RARE_DISEASE_FAMILIES, open_release(small_release_folder))
    return load_genotypes(cohort).in_genes([planted.gene])


@pytest.fixture(scope="module")
def families(genotypes: Genotypes, planted: Any) -> list[Pedigree]:
    """Four families whose proband has both parents here, none of them that of the planted diagnosis."""
    held = set(genotypes.mt.participant_id.collect())
    found = [
        pedigree
        for pedigree in read_pedigrees(genotypes.cohort).families.values()
        if pedigree.family_id != planted.family
        and any(
            child.is_proband and {child.participant_id, father.participant_id, mother.participant_id} <= held
            for child, father, mother in pedigree.trios()
        )
        and pedigree.proband.year_of_birth is not None  # type: ignore[union-attr]
    ]  # fmt: skip
    return found[:4]


@pytest.fixture(scope="module")
def panel(planted: Any) -> Panel:
    """A panel that knows the planted gene by a former name, and gives another gene a mode that is none."""
    old = PanelGene(
        "FORMER", Confidence.GREEN, "", ModeOfInheritance.MONOALLELIC_NOT_IMPRINTED, aliases=(planted.gene,)
    )  # fmt: skip
    odd = PanelGene("ODD", Confidence.GREEN, "Sometimes dominant", None)
    return Panel(1, None, "Panel", "1.0", None, (old, odd))


@pytest.fixture(scope="module")
def tiering(
    genotypes: Genotypes,
    families: list[Pedigree],
    panel: Panel,
    small_release_folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> TieredVariants:
    folder = tmp_path_factory.mktemp("broken") / small_release_folder.name
    shutil.copytree(small_release_folder, folder, symlinks=True)
    break_families(folder, families)
    cohort = select_cohort(RARE_DISEASE_FAMILIES, open_release(folder))
    mother = families[NO_GENOME].proband.mother  # type: ignore[union-attr]
    gone = next(one.participant_id for one in families[NO_GENOME].members if one.key == mother)
    mt = genotypes.mt.drop("AD", "PL")
    mt = mt.filter_cols(mt.participant_id != gone)
    broken = replace(genotypes.with_matrix(mt, because="a member without a genome"), cohort=cohort)
    return tier_variants(broken, panels=[panel])


SENTENCES = {
    "a family without a proband": (
        NO_PROBAND,
        r"^rare_diseases_pedigree_member\.is_proband: a family has no proband \(\d+ famil.*\); the family was left out",
    ),
    "a parent younger than the child": (
        YOUNG_FATHER,
        r"^rare_diseases_pedigree_member\.year_of_birth: a parent is not older than the child \(1 family\); the link was left out",
    ),
    "a cycle": (
        CIRCLE,
        r"^rare_diseases_pedigree_member_father_sk and _mother_sk: somebody is drawn as their own ancestor \(1 family\); the links",
    ),
    "a member without a genome": (
        NO_GENOME,
        r"^participant_id: a member takes part but has no genome .*; the family was tiered without that member's genotypes",
    ),
    "a renamed gene": (
        None,
        r"^entity_name: the panels' gene FORMER is called \w+ in the annotation .*; variants of \w+ were counted for it",
    ),
    "an unknown mode": (
        None,
        r"^mode_of_inheritance: the panel Panel 1\.0 gives the mode 'Sometimes dominant', .* for ODD; .* stand in TIER3",
    ),
    "no AD": (None, r"^FORMAT AD: the genotypes have no reads by allele; tiers rest on the called genotypes"),
    "no PL": (None, r"^FORMAT PL: the genotypes have no likelihoods; a new variant was told by the parents' called"),
}  # fmt: skip


@pytest.mark.jvm
@pytest.mark.parametrize("fault", SENTENCES)
def test_each_fault_is_a_sentence_with_its_field_and_what_was_done(
    tiering: TieredVariants, families: list[Pedigree], fault: str
) -> None:
    whose, sentence = SENTENCES[fault]
    (remark,) = [one for one in tiering.remarks if re.match(sentence, one.sentence)]
    if whose is not None:
        assert families[whose].family_id in remark.families
    assert remark.sentence in list_rows(tiering).notes
    assert not re.search(r"\d{5}|LP\d", remark.sentence)


@pytest.mark.jvm
def test_all_other_families_are_tiered_and_those_with_a_fault_as_the_sentence_says(
    tiering: TieredVariants, families: list[Pedigree], planted: Any
) -> None:
    looked_at = set(tiering.families["family_id"])
    kept = {one.family_id for one in families} & looked_at
    assert kept == {one.family_id for one in families[1:]}
    structure = tiering.families.set_index("family_id")["family_structure"]
    assert structure[families[NO_GENOME].family_id] != "trio"
    row = tiering.places.row_of(families[YOUNG_FATHER].family_id)
    assert row is not None
    assert tiering.places.father[row, 0] == -1
    assert tiering.places.mother[row, 0] >= 0
    # The diagnosis in the gene of a former name is found all the same.
    told = tiering.rows[tiering.rows["family_id"] == planted.family]
    assert set(planted.variants) <= set(told["variant"])
    assert set(told.loc[told["variant"].isin(planted.variants), "panel_name"]) == {"Panel"}
    assert "TIER3" not in why(tiering, planted.variants[0], planted.family).tiers


@pytest.mark.jvm
def test_a_search_for_new_variants_says_what_it_did_without_reads(tiering: TieredVariants) -> None:
    said = [remark.sentence for remark in de_novo_candidates(tiering.genotypes).remarks]
    assert any(
        re.match("FORMAT/AD, FORMAT/PL: Hail's caller needs .*; the programme's filters", one)
        for one in said
    )
    assert any("altreadparent and abratio were not applied" in one for one in said)
    assert any("a parent is not older than the child" in one for one in said)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"transcripts": "mane"}, "^transcripts is 'mane': write 'canonical' or 'any'"),
        ({"no_call_parent": "carrier"}, "^no_call_parent is 'carrier': write 'ignored' or"),
    ],
)
def test_a_choice_that_is_none_is_refused(given: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        Choices(**given)

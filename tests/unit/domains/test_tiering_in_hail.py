"""The pass over the genotypes against plain Python, and a whole synthetic release against its answer key."""

from __future__ import annotations

import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from domains.rare_disease import (
    RARE_DISEASE_FAMILIES,
    panel_changes,
    read_panels,
    retier,
    tier_variants,
    tiering_rows,
    why,
)
from domains.rare_disease.family_calls import fold_to_families, remarks_of_fields
from domains.rare_disease.family_places import place_families
from domains.rare_disease.frequency_limits import LIMITS, Inheritance
from gecip.analysis.genetic.pedigree import Pedigree, PedigreeMember, Pedigrees
from gecip.cohort import select_cohort
from gecip.errors import GenotypesError, InputError
from gecip.genotypes import load_genotypes
from gecip.model.genes import ModeOfInheritance
from gecip.model.tiering import TieringData
from gecip.release import open_release
from gecip.reporting import list_rows, summarise
from gecip.synthetic import read_answers

pytestmark = pytest.mark.jvm

TERMS = (
    "synonymous_variant",
    "missense_variant",
    "stop_gained&splice_region_variant",
    "intron_variant",
)


def family_of(number: int, size: int) -> Pedigree:
    """Return a proband with parents and siblings, `size` people in all."""
    keys = [number * 1000 + place for place in range(size)]
    parents = (
        {"father": keys[1], "mother": keys[2]} if size > 2 else {"father": None, "mother": None}
    )
    return Pedigree(
        number,
        tuple(
            PedigreeMember(
                key=key,
                participant_id=key,
                sex="Female" if place == 2 else "Male",
                affected=place == 0,
                relationship=None,
                year_of_birth=None,
                is_proband=place == 0,
                **(parents if place not in (1, 2) else {"father": None, "mother": None}),
            )
            for place, key in enumerate(keys)
        ),
    )


def matrix(hail: Any, people: list[int], rows: list[dict[str, Any]], *, drop: tuple[str, ...] = ()):
    """Return a MatrixTable of written rows: annotation, filters and one call text for each person."""
    fields = ["Consequence", "SYMBOL", "CANONICAL", *LIMITS]
    one = hail.tstruct(
        **{
            name: hail.tfloat64 if name in LIMITS else hail.tstr
            for name in fields
            if name not in drop
        }
    )
    kind = hail.tstruct(
        locus=hail.tlocus("GRCh38"),
        alleles=hail.tarray(hail.tstr),
        filters=hail.tset(hail.tstr),
        annotation=hail.tarray(one),
        entries=hail.tarray(hail.tstruct(GT=hail.tcall)),
    )
    written = [
        {
            "locus": hail.Locus("chr1", 100 + place, reference_genome="GRCh38"),
            "alleles": ["A", "C"],
            "filters": set(row.get("filters", ())),
            "annotation": [
                {name: entry.get(name) for name in fields if name not in drop}
                for entry in row["annotation"]
            ],
            "entries": [
                {"GT": None if call is None else hail.Call(list(call))} for call in row["calls"]
            ],
        }
        for place, row in enumerate(rows)
    ]
    table = hail.Table.parallelize(written, kind, key=["locus", "alleles"], n_partitions=2)
    table = table.annotate_globals(
        people=hail.literal([hail.Struct(participant_id=person) for person in people])
    )
    mt = table._unlocalize_entries("entries", "people", ["participant_id"])
    return SimpleNamespace(mt=mt, cohort=SimpleNamespace(release=SimpleNamespace(name="hand-made")))


def test_the_pass_keeps_what_plain_python_keeps_and_nothing_else(hail) -> None:
    """Families of one to forty people, so that some fill more than one packed word."""
    chance = random.Random(7)
    families = [family_of(number, size) for number, size in enumerate((1, 3, 40, 4, 2))]
    people = [one.participant_id for family in families for one in family.members]
    chance.shuffle(people)
    # Two people are in the pedigrees and not among the genotypes: a father and a sibling.
    people = [one for one in people if one not in (1001, 2039)]
    places, _ = place_families(
        Pedigrees({one.family_id: one for one in families}), people, x_copies={}
    )
    calls = [None, (0, 0), (0, 1), (1, 1), (0,), (1,)]
    rows = []
    for _ in range(60):
        frequencies = {
            name: chance.choice([None, 0.0, 0.0009, 0.0011, 0.009, 0.02, 0.11])
            for name in chance.sample(list(LIMITS), 3)
        }
        annotation = [
            {
                "Consequence": chance.choice(TERMS),
                "SYMBOL": chance.choice(["ONE", "TWO", None]),
                "CANONICAL": chance.choice(["YES", "YES", None]),
                **frequencies,
            }
            for _ in range(chance.randint(1, 3))
        ]
        rows.append(
            {
                "annotation": annotation,
                "filters": chance.choice([(), (), ("missingness",)]),
                "calls": [chance.choice(calls) for _ in people],
            }
        )
    found = fold_to_families(matrix(hail, people, rows), places)
    seen = {
        (int(found.variants["position"][variant]) - 100, int(family)): states.tolist()
        for variant, family, states in zip(found.variant, found.family, found.states, strict=True)
    }
    assert seen == _plainly(rows, people, places)
    for row in found.variants.itertuples():
        annotation = rows[row.position - 100]["annotation"]
        for kind in Inheritance:
            rare = all(
                (entry.get(name) or 0) <= by[kind]
                for name, by in LIMITS.items()
                for entry in annotation
            )
            assert getattr(row, kind.value) is rare


def _plainly(rows, people, places) -> dict[tuple[int, int], list[int]]:
    tiered = {"missense_variant", "stop_gained", "splice_region_variant"}
    kept = {}
    for place, row in enumerate(rows):
        changes = any(
            entry["CANONICAL"] == "YES"
            and entry["SYMBOL"]
            and tiered & set(entry["Consequence"].split("&"))
            for entry in row["annotation"]
        )
        rare = all(
            (entry.get(name) or 0) <= max(by.values())
            for name, by in LIMITS.items()
            for entry in row["annotation"]
        )
        if row["filters"] or not changes or not rare:
            continue
        states = {
            person: -1
            if call is None
            else 0
            if sum(call) == 0
            else 2
            if sum(call) == len(call)
            else 1
            for person, call in zip(people, row["calls"], strict=True)
        }
        for family, members in enumerate(places.members):
            mine = [states[one.participant_id] for one in members]
            if mine[0] > 0:
                kept[place, family] = mine + [-1] * (places.width - len(mine))
    return kept


def test_annotation_without_what_tiering_needs_is_refused_or_told(hail) -> None:
    row = [
        {
            "annotation": [{"Consequence": "stop_gained", "SYMBOL": "ONE", "CANONICAL": "YES"}],
            "calls": [(0, 1)],
        }
    ]
    with pytest.raises(GenotypesError, match="no field SYMBOL"):
        remarks_of_fields(matrix(hail, [1], row, drop=("SYMBOL",)), internal=None)
    with pytest.raises(GenotypesError, match="none of the allele frequencies"):
        remarks_of_fields(matrix(hail, [1], row, drop=tuple(LIMITS)), internal=None)
    told = {
        remark.field: remark.sentence
        for remark in remarks_of_fields(
            matrix(hail, [1], row, drop=("CANONICAL", "gnomADg_AMI_AF")), internal=None
        )
    }
    assert "CSQ gnomADg_AMI_AF" in told
    assert "every transcript" in told["CSQ CANONICAL"]
    assert "called genotypes (GT) alone" in told["FORMAT AD"]
    assert "called genotypes (GT) alone" in told["FORMAT PL"]
    bare = matrix(hail, [1], row)
    bare.mt = bare.mt.drop("annotation")
    with pytest.raises(GenotypesError, match="hand-made has none"):
        remarks_of_fields(bare, internal=None)


# -- a whole release ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiering(hail, small_release_folder):
    cohort = select_cohort(RARE_DISEASE_FAMILIES, open_release(small_release_folder))
    return tier_variants(load_genotypes(cohort))


@pytest.fixture(scope="module")
def answers(small_release_folder):
    return [one for one in read_answers(small_release_folder) if one.domain == "rare_disease"]


def test_every_planted_diagnosis_stands_in_its_tier_by_its_pattern(tiering, answers) -> None:
    planted = [one for one in answers if "tier" in one.expected]
    assert len(planted) >= 8
    for answer in planted:
        expected = answer.expected
        rows = tiering.rows[
            (tiering.rows["family_id"] == answer.family)
            & tiering.rows["variant"].isin(answer.variants)
            & (tiering.rows["segregation_pattern"] == expected["segregation_pattern"])
            & (tiering.rows["penetrance"] == expected["penetrance"])
        ]
        assert set(rows["variant"]) == set(answer.variants)
        # Of two variants the graver one makes the diagnosis's tier.
        assert rows["tier"].min() == expected["tier"]


# What `why` has to say of a decoy, by kind.
WORDS = {
    "decoy_too_common": "too common for a recessive disease",
    "decoy_too_common_in_one_population": "too common in one population for a recessive disease",
    "decoy_wrong_segregation": "the unaffected father carries the variant too",
    "decoy_synonymous": "synonymous_variant",
    "decoy_not_shared": "does not carry the variant",
    "decoy_failed_filter": "the site does not pass its filters",
    "decoy_single_heterozygote": "two copies have to be changed, and only one variant of",
    "decoy_lost_partner": "was lost to frequency, recessive",
    "decoy_same_copy": "both come from one parent",
    "decoy_amber_gene": "amber on",
    "decoy_outside_panel": "on no applied panel",
}


def check_decoys(tiering, answers) -> set[str]:
    """Hold every decoy out of the first two tiers, and `why` to one of each kind; return the kinds."""
    decoys = [one for one in answers if one.kind.startswith("decoy")]
    first_two = tiering.rows[tiering.rows["tier"].isin(["TIER1", "TIER2"])]
    reported = set(first_two[["family_id", "variant"]].itertuples(index=False, name=None))
    for decoy in decoys:
        assert not any((decoy.family, variant) in reported for variant in decoy.variants)
    of_kind = {one.kind: one for one in decoys}
    told = {kind: why(tiering, one.variant, one.family) for kind, one in of_kind.items()}
    assert {kind: one.because for kind, one in told.items() if WORDS[kind] not in one.because} == {}
    assert all(one.steps["verdict"].eq("fails").any() for one in told.values())
    return set(told)


def test_no_decoy_is_in_the_first_two_tiers_and_why_names_what_was_planted(
    tiering, answers
) -> None:
    assert check_decoys(tiering, answers) >= {
        "decoy_too_common",
        "decoy_wrong_segregation",
        "decoy_synonymous",
    }


def test_of_every_kind_of_decoy_the_demo_release_shows_and_why_tells_five(
    hail, demo_release_folder
) -> None:
    release = open_release(demo_release_folder)
    planted = [one for one in read_answers(demo_release_folder) if one.domain == "rare_disease"]
    kinds = [one.kind for one in planted if one.kind.startswith("decoy")]
    assert min(kinds.count(kind) for kind in WORDS) >= 5
    found = tier_variants(load_genotypes(select_cohort(RARE_DISEASE_FAMILIES, release)))
    assert check_decoys(found, planted) == set(WORDS)


def test_families_have_a_handful_of_variants_to_read(tiering, answers) -> None:
    planted = {(one.family, variant) for one in answers for variant in one.variants}
    first_two = tiering.rows[tiering.rows["tier"].isin(["TIER1", "TIER2"])]
    unplanted = first_two[
        [
            pair not in planted
            for pair in first_two[["family_id", "variant"]].itertuples(index=False, name=None)
        ]
    ]
    of_family = (
        unplanted.groupby("family_id")["variant"]
        .nunique()
        .reindex(tiering.families["family_id"], fill_value=0)
    )
    assert of_family.median() <= 1
    assert of_family.max() <= 6


def test_why_agrees_with_the_tiers_of_what_is_tiered(tiering) -> None:
    sample = tiering.rows.drop_duplicates(["tier", "segregation_pattern", "penetrance"]).head(5)
    for row in sample.itertuples():
        best = tiering.rows.query("family_id == @row.family_id and variant == @row.variant")[
            "tier"
        ].min()
        reasons = why(tiering, row.variant, row.family_id)
        assert reasons.tiers[0] == best
        assert row.segregation_pattern in reasons.because
        assert list(reasons.steps["filter"][:2]) == ["site's filters", "consequence"]


def test_why_names_the_partner_and_what_others_were_lost_to(tiering, answers) -> None:
    answer = next(one for one in answers if one.kind == "compound_heterozygous")
    first, second = answer.variants
    partners = why(tiering, first, answer.family).partners.set_index("variant")
    assert partners["verdict"][second] == "passes"
    lost = partners[partners["verdict"] == "fails"]
    assert lost["lost_to"].notna().all()
    assert lost["value"].astype(str).str.len().gt(0).all()


def test_why_asks_for_a_family_and_a_variant_that_are_there(tiering, answers) -> None:
    with pytest.raises(InputError, match="was not tiered"):
        why(tiering, answers[0].variants[0], -1)
    family = tiering.families["family_id"][0]
    with pytest.raises(InputError, match="no row for that variant"):
        why(tiering, "chr1:12:A:C", family)


def test_rows_have_the_programmes_columns_and_only_carriers(tiering) -> None:
    rows = tiering_rows(tiering)
    assert list(rows.columns) == list(TieringData.columns)
    assert len(rows.columns) == 26
    probands = rows[rows["participant_type"] == "Proband"]
    assert len(probands) == len(tiering.rows)
    for name, column in TieringData.columns.items():
        if column.values:
            assert set(rows[name].dropna()) <= set(column.values)
    assert not rows["genotype"].isin(["missing", "reference_homozygous"]).any()


def test_the_programmes_own_rows_agree_and_every_difference_is_explained(
    tiering, small_release_folder
) -> None:
    """The release's tiers were made by another route, from true genotypes and other people's consent."""
    from tests.unit.domains.tier_differences import differences

    left = differences(tiering, open_release(small_release_folder))
    assert left.agreeing > 50
    assert left.unexplained == []


def test_listings_stay_inside_and_the_summary_counts_families(tiering) -> None:
    listing = list_rows(tiering)
    assert listing.notes
    table = summarise(tiering).table
    families = tiering.rows.loc[
        tiering.rows["tier"].isin(["TIER1", "TIER2"]), "family_id"
    ].nunique()
    assert table.loc["Total", "families"] == families


def test_other_versions_of_the_panels_cost_no_pass_and_change_only_their_genes(tiering) -> None:
    newest, oldest = retier(tiering), retier(tiering, on="2018-01-01")
    assert newest.calls is tiering.calls
    panels = read_panels(tiering.genotypes.cohort.release)
    changed = {
        gene
        for number in {panel.number for panel in panels}
        for gene in panel_changes(*panels.versions(number)).rows["gene"]
    }
    key = ["family_id", "variant", "tier"]
    same = [
        set(one.rows.loc[~one.rows["gene"].isin(changed), key].itertuples(index=False, name=None))
        for one in (newest, oldest)
    ]
    assert same[0] == same[1]
    first = {
        (one.name, one.version) for panel in panels for one in panels.versions(panel.number)[:1]
    }
    used = oldest.rows[["panel_name", "panel_version"]].dropna().itertuples(index=False, name=None)
    assert set(used) <= first
    nothing = retier(tiering, on="2000-01-01")
    assert set(nothing.rows["tier"]) == {"TIER3"}
    assert any("there was no version on 2000-01-01" in one.sentence for one in nothing.remarks)


def test_own_genes_and_other_panels_cost_no_change_of_the_rest(tiering) -> None:
    outside = tiering.rows[
        (tiering.rows["tier"] == "TIER3") & (tiering.rows["mode_of_inheritance"] == "biallelic")
    ]
    gene = outside["gene"].iloc[0]
    again = tier_variants(tiering.genotypes, own_genes={gene: ModeOfInheritance.BIALLELIC})
    own = again.rows[again.rows["own_gene"]]
    assert set(own["gene"]) == {gene}
    assert set(own["panel_name"]) == {"Own genes"}
    others = [
        rows[rows["gene"] != gene].reset_index(drop=True) for rows in (tiering.rows, again.rows)
    ]
    pd.testing.assert_frame_equal(*others)
    assert np.isin(again.families["family_id"], tiering.families["family_id"]).all()

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.unit.synthetic.aggregate_reading import (
    Aggregate,
    sample_of_participant,
    samples_with_mishaps,
    table,
)
from tests.unit.synthetic.interpretation_reading import family_truths, named, the_answer

WORDS = {
    "0/1": "heterozygous",
    "1/.": "heterozygous",
    "./1": "heterozygous",
    "1/1": "alternate_homozygous",
    "1": "alternate_hemizigous",
}
VARIANT = ["chromosome", "position", "reference", "alternate"]
COMPOUND = ("CompoundHeterozygous", "XLinkedCompoundHeterozygous")


@pytest.fixture(scope="module")
def tiers(demo_release_folder: Path) -> pd.DataFrame:
    return named(demo_release_folder, "tiering_data")


def test_every_planted_diagnosis_stands_in_the_tier_and_pattern_of_the_answer_key(
    demo_release_folder: Path, tiers: pd.DataFrame
) -> None:
    diagnoses = [
        answer for answer in family_truths(demo_release_folder) if answer.expected["found"]
    ]
    assert len(diagnoses) > 40
    for answer in diagnoses:
        rows = tiers[
            (tiers["participant_id"] == answer.participant) & tiers["variant"].isin(answer.variants)
        ]
        assert set(rows["variant"]) == set(answer.variants)
        assert rows["tier"].min() == answer.expected["tier"]
        assert answer.expected["segregation_pattern"] in set(rows["segregation_pattern"])
        assert set(rows["genomic_feature_hgnc"]) == {answer.gene}


def test_every_carrier_of_a_family_has_rows_and_nobody_else(
    demo_release_folder: Path, tiers: pd.DataFrame
) -> None:
    shown = table(demo_release_folder, "participant").set_index("participant_id")
    for answer in family_truths(demo_release_folder):
        for variant, genotypes in (
            answer.expected["genotypes"].items() if answer.expected["found"] else ()
        ):
            rows = tiers[(tiers["variant"] == variant)]
            rows = rows[rows["rare_diseases_family_id"] == answer.family]
            carriers = {
                int(number)
                for number, genotype in genotypes.items()
                if "1" in genotype and int(number) in shown.index
            }
            assert set(rows["participant_id"]) == carriers


def test_genotypes_are_those_of_the_aggregate_in_words(small_release_folder: Path) -> None:
    aggregate = Aggregate(small_release_folder)
    column = {name: place for place, name in enumerate(aggregate.samples)}
    sample = sample_of_participant(small_release_folder)
    mistaken = samples_with_mishaps(small_release_folder)
    compared = 0
    for row in named(small_release_folder, "tiering_data").itertuples():
        assert row.sample_id == sample[row.participant_id]
        called = aggregate.by_name[row.variant].genotypes[column[row.sample_id]]
        # A family is interpreted on its own samples, and with the sex that is recorded.
        if called not in ("./.", ".") and row.sample_id not in mistaken:
            compared += 1
            assert WORDS[called] == row.genotype
    assert compared > 60


def test_tiered_sites_pass_and_are_rare_and_change_the_protein(small_release_folder: Path) -> None:
    aggregate = Aggregate(small_release_folder)
    annotation = {name: fields for name, fields, _ in aggregate.annotations}
    planted = {
        variant for answer in family_truths(small_release_folder) for variant in answer.variants
    }
    tiers = named(small_release_folder, "tiering_data").drop_duplicates("variant")
    for row in tiers.itertuples():
        fields = annotation[row.variant]
        assert aggregate.by_name[row.variant].filters == "PASS" or row.variant in planted
        assert set(row.consequence_type.split(",")) <= set(fields["Consequence"].split("&"))
        assert len(row.consequence_type.split(",")) == len(row.so_term.split(","))
        frequencies = [fields[f"gnomADg_{one}_AF"] for one in ("AFR", "AMR", "FIN", "NFE")]
        limit = 0.001 if "Dominant" in row.segregation_pattern else 0.01
        assert all(float(value or 0) <= limit for value in frequencies)


def test_genes_on_the_panel_are_in_the_first_two_tiers_and_others_in_the_third(
    demo_release_folder: Path, tiers: pd.DataFrame
) -> None:
    import json

    document = json.loads((demo_release_folder / "panels" / "panels.json").read_text())
    green = {
        panel["hash_id"]: {
            gene["entity_name"] for gene in panel["genes"] if gene["confidence_level"] == "3"
        }
        for panel in document["results"]
    }
    applied = table(demo_release_folder, "panels_applied")
    of_request: dict[str, set[str]] = {}
    for row in applied.itertuples():
        of_request.setdefault(row.interpretation_request_id, set()).update(
            green[row.panel_identifier]
        )
    on_panel = pd.Series(
        [
            gene in of_request[request]
            for gene, request in zip(
                tiers["genomic_feature_hgnc"], tiers["interpretation_request_id"], strict=True
            )
        ]
    )
    assert set(tiers.loc[on_panel, "tier"]) == {"TIER1", "TIER2"}
    assert set(tiers.loc[~on_panel, "tier"]) == {"TIER3"}


def test_doubled_rows_are_as_many_as_the_answer_key_says(
    demo_release_folder: Path, tiers: pd.DataFrame
) -> None:
    expected = the_answer(demo_release_folder, "doubled_tier_rows").expected
    pairs: dict[tuple[object, ...], list[tuple[str, str]]] = {}
    for row in tiers.itertuples():
        pairs.setdefault((row.participant_id, row.variant), []).append(
            (row.tier, row.segregation_pattern)
        )
    assert expected == {
        "pairs_of_carrier_and_variant": len(pairs),
        "in_several_rows": sum(len(rows) > 1 for rows in pairs.values()),
        "in_several_tiers": sum(len({tier for tier, _ in rows}) > 1 for rows in pairs.values()),
        "by_several_patterns": sum(len({how for _, how in rows}) > 1 for rows in pairs.values()),
    }
    assert min(expected.values()) > 0


def test_partners_are_missing_as_often_as_the_answer_key_says(
    demo_release_folder: Path, tiers: pd.DataFrame
) -> None:
    expected = the_answer(demo_release_folder, "missing_partner").expected
    groups: dict[tuple[object, ...], set[str]] = {}
    for row in tiers.itertuples():
        if row.segregation_pattern in COMPOUND and row.participant_type == "Proband":
            key = (row.participant_id, row.interpretation_request_id, row.genomic_feature_hgnc)
            groups.setdefault(key, set()).add(row.variant)
    alone = sum(len(variants) == 1 for variants in groups.values())
    assert expected == {"compound_heterozygotes": len(groups), "without_partner": alone}
    assert 0 < alone < len(groups) / 4


def test_some_consequences_are_lists(demo_release_folder: Path, tiers: pd.DataFrame) -> None:
    expected = the_answer(demo_release_folder, "comma_consequences").expected
    assert sum("," in value for value in tiers["consequence_type"]) == expected["rows"] > 0


def test_every_tiered_variant_has_one_row_of_frequencies(
    demo_release_folder: Path, tiers: pd.DataFrame
) -> None:
    frequencies = named(demo_release_folder, "tiered_variants_frequency")
    assert frequencies["variant"].is_unique
    assert set(frequencies["variant"]) == set(tiers["variant"])
    known = frequencies["gnomad_genomes_all"].dropna()
    assert ((known > 0) & (known < 0.02)).all()
    assert frequencies["uk10k_all"].isna().any()
    assert frequencies["uk10k_all"].notna().any()


def test_incomplete_penetrance_is_tried_only_where_the_form_says_so(
    demo_release_folder: Path, tiers: pd.DataFrame
) -> None:
    people = table(demo_release_folder, "participant")
    asked = people.loc[people["penetrance"] == "incomplete", "rare_diseases_family_id"]
    incomplete = tiers.loc[tiers["penetrance"] == "incomplete", "rare_diseases_family_id"]
    assert len(incomplete) > 0
    assert set(incomplete) <= set(asked)

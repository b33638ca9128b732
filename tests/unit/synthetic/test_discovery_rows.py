from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.synthetic.aggregate_reading import table
from tests.unit.synthetic.interpretation_reading import family_truths, named, the_answer

if TYPE_CHECKING:
    from pathlib import Path


def test_researchers_sent_in_what_lies_outside_the_panels_and_more(
    demo_release_folder: Path,
) -> None:
    sent = table(demo_release_folder, "submitted_diagnostic_discovery")
    found = set(zip(sent["participant_id"], "chr" + sent["variant_of_interest"], strict=True))
    truths = [answer for answer in family_truths(demo_release_folder) if answer.expected["found"]]
    known = {(answer.participant, variant) for answer in truths for variant in answer.variants}
    assert found <= known
    outside = [answer for answer in truths if answer.expected["tier"] == "TIER3"]
    for answer in outside:
        assert {(answer.participant, variant) for variant in answer.variants} <= found
    assert len(found) > len(outside)


def test_discoveries_are_as_many_as_the_answer_key_says(demo_release_folder: Path) -> None:
    sent = table(demo_release_folder, "submitted_diagnostic_discovery")
    expected = the_answer(demo_release_folder, "diagnoses_of_researchers").expected
    assert expected == {"rows": len(sent), "participants": len(set(sent["participant_id"]))}


def test_zygosity_is_that_of_the_tiers(demo_release_folder: Path) -> None:
    sent = table(demo_release_folder, "submitted_diagnostic_discovery")
    tiers = named(demo_release_folder, "tiering_data")
    genotypes = {
        (row.participant_id, row.variant): row.genotype.removeprefix("alternate_")
        for row in tiers.itertuples()
    }
    for row in sent.itertuples():
        told = genotypes[row.participant_id, f"chr{row.variant_of_interest}"]
        if row.Zygosity == "compound heterozygous":
            assert told == "heterozygous"
        else:
            assert (row.Zygosity or "hemizigous") == told

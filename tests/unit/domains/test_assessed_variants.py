"""Releases of a few rows, in which each table writes the same variant in its own way."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import pytest

from domains.rare_disease import RARE_DISEASE_FAMILIES
from domains.rare_disease.assessed_variants import assessed_variants
from domains.rare_disease.returned_findings import return_finding
from gecip.airlock import request_export
from gecip.cohort import select_cohort
from gecip.errors import AnalysisError, DefinitionError
from gecip.model.interpretation import SubmittedDiagnosticDiscovery
from gecip.release import open_release
from gecip.reporting import list_rows, summarise
from tests.handmade import person, write_release

PROBAND, MOTHER, OTHER, WITHDRAWN = 110000011, 110000012, 110000021, 110000031
DAY = datetime.date(2024, 11, 1)
INDEL = {
    "assembly": "GRCh38",
    "chromosome": "2",
    "position": 100,
    "reference": "CA",
    "alternate": "C",
}
PADDED = INDEL | {"reference": "CAT", "alternate": "CT"}
SUBSTITUTION = INDEL | {"chromosome": "X", "reference": "C", "alternate": "T"}


def tier(participant_id: int, name: str, alleles: dict[str, object]) -> dict[str, object]:
    return {
        "participant_id": participant_id,
        "tier": name,
        "genomic_feature_hgnc": "PKD1",
        **alleles,
    }


def cohort_of(folder: Path, **tables: object):
    people = [
        person(PROBAND),
        person(MOTHER, participant_type="Relative", rare_diseases_family_id=PROBAND // 10),
        person(OTHER),
        person(WITHDRAWN, programme_consent_status="Withdrawn"),
    ]
    release = open_release(write_release(folder, participant=people, **tables))  # type: ignore[arg-type]
    return select_cohort(RARE_DISEASE_FAMILIES, release)


@pytest.fixture
def cohort(tmp_path: Path):
    return cohort_of(
        tmp_path / "own",
        tiering_data=[
            tier(PROBAND, "TIER3", INDEL),
            tier(PROBAND, "TIER1", INDEL),
            tier(MOTHER, "TIER3", INDEL),
            tier(WITHDRAWN, "TIER1", INDEL),
            tier(OTHER, "TIER1", INDEL | {"assembly": "GRCh37"}),
        ],
        exomiser=[
            {"participant_id": PROBAND, "rank": rank, "genomic_feature_hgnc": "PKD1", **PADDED}
            for rank in (3, 2)
        ],
        gmc_exit_questionnaire=[
            {
                "participant_id": OTHER,
                "gene_name": "PKD1;TSC2",
                "acmg_classification": name,
                "event_date": datetime.date(2019, month, 1),
                **SUBSTITUTION,
            }
            for month, name in [(5, "pathogenic_variant"), (2, "likely_benign_variant")]
        ]
        + [{"participant_id": PROBAND, "case_solved_family": "no"}],
        submitted_diagnostic_discovery=[
            {
                "participant_id": PROBAND,
                "gene_of_interest": "PKD1",
                "variant_of_interest": text,
                "genome_build": "GRCh38",
                "reporting_date": datetime.date(2022, 3, 4),
                "Zygosity": "heterozygous",
            }
            for text in ("2:100:CA:C", "the one we spoke of")
        ],
    )


def found(result) -> dict[tuple[object, str], tuple[str, int]]:
    return {
        (row.participant_id, row.source): (row.verdict, row.entries)
        for row in result.rows.itertuples()
    }


def test_a_variant_is_found_in_every_table_however_it_is_written(cohort) -> None:
    result = assessed_variants(cohort, ["chr2-100-CA-C"])
    assert found(result) == {
        (PROBAND, "Tiering"): ("TIER1", 2),
        (MOTHER, "Tiering"): ("TIER3", 1),
        (PROBAND, "Exomiser"): ("rank 2", 2),
        (PROBAND, "Sent in by a researcher"): ("heterozygous", 1),
    }
    assert result.never_assessed == ()
    assert set(result.rows["variant"]) == {"chr2:100:CA:C"}


def test_the_last_questionnaire_counts(cohort) -> None:
    result = assessed_variants(cohort, ["chrX:100:C:T"])
    assert found(result) == {(OTHER, "Reported by the centre"): ("pathogenic", 2)}
    assert result.rows["assessed_on"].tolist() == [pd.Timestamp(2019, 5, 1)]


def test_what_is_on_another_assembly_or_in_free_words_is_counted_and_not_compared(cohort) -> None:
    result = assessed_variants(cohort)
    told = {source.name: count for source, count in result.not_compared.items() if count}
    assert told == {"TIERING": 1, "DISCOVERY": 1}
    assert "2 rows lie on another assembly" in " ".join(list_rows(result).notes)
    older = assessed_variants(cohort, ["2:100:CA:C"], assembly="GRCh37")
    assert found(older) == {(OTHER, "Tiering"): ("TIER1", 1)}


def test_a_variant_nobody_looked_at_is_said_to_be_new(cohort) -> None:
    result = assessed_variants(cohort, ["chr2:100:CA:C", "chr2:101:C:T"])
    assert [str(variant) for variant in result.never_assessed] == ["chr2:101:C:T"]
    listing = list_rows(result)
    assert listing.rows["verdict"].tolist()[-1] == "not assessed"
    assert "participant_id" not in listing.rows


def test_people_are_counted_once_a_source_and_once_in_all(cohort) -> None:
    table = summarise(assessed_variants(cohort)).table["people"]
    assert table.to_dict() == {
        "Exomiser": 1,
        "Tiering": 2,
        "Sent in by a researcher": 1,
        "Reported by the centre": 1,
        "Total": 3,
    }


def test_tables_that_a_release_lacks_are_told(tmp_path: Path) -> None:
    cohort = cohort_of(tmp_path / "few", tiering_data=[tier(PROBAND, "TIER2", INDEL)])
    result = assessed_variants(cohort)
    assert [source.name for source in result.missing] == ["EXOMISER", "DISCOVERY", "QUESTIONNAIRE"]
    assert "has no table of: Exomiser" in " ".join(summarise(result).notes)
    with pytest.raises(AnalysisError, match="has none of them"):
        assessed_variants(cohort_of(tmp_path / "none"))


def test_what_names_no_variant_is_refused(cohort) -> None:
    with pytest.raises(DefinitionError, match="does not name a variant"):
        assessed_variants(cohort, ["PKD1"])


# -- returning a finding ------------------------------------------------------------------------------


def returned(cohort, **other: object):
    finding = {
        "gene": "PKD1",
        "variants": ["chr2:100:CA:C"],
        "zygosity": "heterozygous",
        "because": "It cuts the protein short.",
        "reporting_date": DAY,
    }
    return return_finding(cohort, other.pop("who", PROBAND), **(finding | other))  # type: ignore[arg-type]


def test_a_finding_is_a_row_of_the_table_in_which_findings_stand(cohort) -> None:
    finding = returned(cohort)
    assert list(finding.rows) == list(SubmittedDiagnosticDiscovery.columns)
    (row,) = finding.rows.to_dict("records")
    assert row["variant_of_interest"] == "2:100:CA:C"
    assert row["group"] is None
    assert "TIER1" in finding.request
    assert "Your centre has reported" not in finding.request


def test_days_are_shown_as_days_and_missing_ones_as_missing(cohort) -> None:
    shown = list_rows(returned(cohort))._repr_html_()
    assert "2024-11-01" in shown
    assert "00:00" not in shown
    assert "NaT" not in list_rows(assessed_variants(cohort))._repr_html_()


def test_two_variants_share_a_group(cohort) -> None:
    both = ["chr2:100:CA:C", "chr2:200:C:T"]
    finding = returned(cohort, variants=both, zygosity="compound heterozygous")
    assert finding.rows["group"].tolist() == ["group_1", "group_1"]


def test_what_the_centre_reported_already_is_said(cohort) -> None:
    finding = returned(cohort, who=OTHER, variants=["chrX:100:C:T"])
    assert "Your centre has reported this before" in finding.request


def test_an_older_release_gets_the_columns_that_it_has(cohort, tmp_path: Path) -> None:
    folder = write_release(
        tmp_path / "older",
        participant=[person(PROBAND)],
        tiering_data=[tier(PROBAND, "TIER1", INDEL)],
    )
    manifest = (folder / "release.json").read_text(encoding="utf-8")
    older = manifest.replace('"v19"', '"v17"').replace("main-programme_v19", "main-programme_v17")
    (folder / "release.json").write_text(older, encoding="utf-8")
    rows = returned(select_cohort(RARE_DISEASE_FAMILIES, open_release(folder))).rows
    assert list(rows) == [
        "participant_id",
        "gene_of_interest",
        "variant_of_interest",
        "gene_build",
        "reporting_date",
        "notes",
    ]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"who": WITHDRAWN}, "does not consent"),
        ({"variants": []}, "at least one variant"),
        ({"zygosity": "het"}, "has no word"),
        ({"zygosity": "compound heterozygous"}, "do not go together"),
        ({"because": " "}, "is empty"),
        ({"assembly": "hg19"}, "is none of"),
    ],
)
def test_a_finding_that_cannot_stand_is_refused(
    cohort, other: dict[str, object], sentence: str
) -> None:
    with pytest.raises(AnalysisError, match=sentence) as refused:
        returned(cohort, **other)
    assert str(WITHDRAWN) not in str(refused.value)


def test_findings_stay_inside(cohort) -> None:
    request = request_export(
        [list_rows(returned(cohort)), list_rows(assessed_variants(cohort))],
        project="Rare disease",
        purpose="To see what happens",
    )
    assert {item.verdict.name for item in request.items} == {"FAIL"}

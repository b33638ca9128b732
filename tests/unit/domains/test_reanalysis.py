"""A synthetic release, whose panels have an older and a newer version, against the panels' own file."""

from __future__ import annotations

import datetime
import json

import pytest

from domains.rare_disease import RARE_DISEASE_FAMILIES, read_panels, tier_variants
from domains.rare_disease.clinical_significance import Significance, known_significance
from domains.rare_disease.reanalysis import Standing, WhatChanged, reanalyse, standing_of
from gecip.airlock import request_export
from gecip.cohort import select_cohort
from gecip.errors import AnalysisError
from gecip.genotypes import load_genotypes
from gecip.release import open_release
from gecip.reporting import list_rows, summarise
from gecip.synthetic import read_answers

THEN, NOW = datetime.date(2018, 1, 1), datetime.date(2020, 1, 1)


@pytest.mark.parametrize(
    ("tier", "known", "standing"),
    [
        (None, Significance.PATHOGENIC, Standing.NOT_REPORTABLE),
        ("TIER3", Significance.UNCERTAIN, Standing.NOT_REPORTABLE),
        ("TIER3", Significance.PATHOGENIC, Standing.KNOWN_OUTSIDE),
        ("TIER2", Significance.UNCERTAIN, Standing.TIER2),
        ("TIER1", Significance.UNCERTAIN, Standing.TIER1),
        ("TIER2", Significance.PATHOGENIC, Standing.KNOWN_PATHOGENIC),
        ("TIER1", Significance.BENIGN, Standing.NOT_REPORTABLE),
        ("TIER3", Significance.BENIGN, Standing.NOT_REPORTABLE),
    ],
)
def test_knowledge_raises_or_ends_what_follows_the_disease_and_nothing_else(
    tier: str | None, known: Significance, standing: Standing
) -> None:
    assert standing_of(tier, known) is standing


@pytest.fixture(scope="module")
def tiering(hail, small_release_folder):
    cohort = select_cohort(RARE_DISEASE_FAMILIES, open_release(small_release_folder))
    return tier_variants(load_genotypes(cohort))


@pytest.fixture(scope="module")
def panels(tiering):
    return read_panels(tiering.genotypes.cohort.release)


@pytest.fixture(scope="module")
def green(small_release_folder) -> dict[str, dict[str, set[str]]]:
    """Return the green genes of each panel on either day, as the release's own file has them."""
    document = json.loads((small_release_folder / "panels" / "panels.json").read_text("utf-8"))
    found: dict[str, dict[str, set[str]]] = {"then": {}, "now": {}}
    for panel in sorted(document["results"], key=lambda one: one["version_created"]):
        genes = {gene["entity_name"] for gene in panel["genes"] if gene["confidence_level"] == "3"}
        day = datetime.date.fromisoformat(panel["version_created"][:10])
        if day <= THEN:
            found["then"][panel["name"]] = genes
        if day <= NOW:
            found["now"][panel["name"]] = genes
    return found


@pytest.mark.jvm
def test_only_genes_that_became_green_bring_something_new(tiering, panels, green) -> None:
    result = reanalyse(tiering, panels, older=THEN, newer=NOW)
    applied = {
        request.family_id: {panel.name for panel in request.panels} for request in tiering.requests
    }
    assert len(result.rows) > 0
    for row in result.rows.itertuples():
        names = applied[row.family_id]
        assert not any(row.gene in green["then"].get(name, ()) for name in names)
        assert any(row.gene in green["now"].get(name, ()) for name in names)
        assert row.what_changed == WhatChanged.PANEL.value
        assert "on the panel" in row.because


@pytest.mark.jvm
def test_every_planted_diagnosis_in_a_gene_that_became_green_is_found(
    tiering, panels, green, small_release_folder
) -> None:
    result = reanalyse(tiering, panels, older=THEN, newer=NOW)
    found = set(result.rows[["family_id", "variant"]].itertuples(index=False, name=None))
    applied = {
        request.family_id: {panel.name for panel in request.panels} for request in tiering.requests
    }
    expected = set()
    for answer in read_answers(small_release_folder):
        if answer.domain != "rare_disease" or not answer.expected.get("found"):
            continue
        names = applied.get(answer.family, set())
        before, after = (
            any(answer.gene in green[day].get(name, ()) for name in names)
            for day in ("then", "now")
        )
        if after and not before and "genotypes" in answer.expected:
            expected |= {(answer.family, variant) for variant in answer.variants}
    assert expected <= found


@pytest.mark.jvm
def test_new_knowledge_raises_what_was_reportable_and_brings_what_was_outside(
    tiering, panels
) -> None:
    now = NOW
    plain = reanalyse(tiering, panels, older=THEN, newer=now)
    known = set(plain.rows["variant"])
    first = tiering.rows[
        tiering.rows["tier"].isin(["TIER1"]) & ~tiering.rows["variant"].isin(known)
    ]
    third = tiering.rows[
        (tiering.rows["tier"] == "TIER3")
        & ~tiering.rows["variant"].isin(
            [*known, *tiering.rows[tiering.rows["tier"] != "TIER3"]["variant"]]
        )
    ]
    raised, outside = first["variant"].iloc[0], third["variant"].iloc[0]
    words = {raised: "Pathogenic", outside: "Likely_pathogenic"}
    result = reanalyse(
        tiering, panels, older=THEN, newer=now, known_now=known_significance(now, words)
    )
    assert set(result.raised["variant"]) == {raised}
    fresh = result.rows[~result.rows["variant"].isin(known)]
    assert set(fresh["variant"]) == {outside}
    assert set(fresh["what_changed"]) == {WhatChanged.KNOWLEDGE.value}
    # What was known already on the older day is no news.
    both = known_significance(THEN, words)
    again = reanalyse(
        tiering,
        panels,
        older=THEN,
        newer=now,
        known_then=both,
        known_now=known_significance(now, words),
    )
    assert set(again.rows["variant"]) == known
    assert again.raised.empty


@pytest.mark.jvm
def test_what_is_known_to_be_benign_now_is_not_reported(tiering, panels) -> None:
    variant = reanalyse(tiering, panels, older=THEN, newer=NOW).rows["variant"].iloc[0]
    benign = known_significance(NOW, {variant: "Benign"})
    result = reanalyse(tiering, panels, older=THEN, newer=NOW, known_now=benign)
    assert variant not in set(result.rows["variant"])


@pytest.mark.jvm
def test_days_go_forward_and_panels_that_were_not_there_yet_are_told(tiering, panels) -> None:
    with pytest.raises(AnalysisError, match="from an older day to a newer one"):
        reanalyse(tiering, panels, older=NOW, newer=THEN)
    early = reanalyse(tiering, panels, older=datetime.date(2010, 1, 1), newer=NOW)
    assert early.remarks
    assert len(early.rows) > len(reanalyse(tiering, panels, older=THEN, newer=NOW).rows)


@pytest.mark.jvm
def test_rows_stay_inside_and_families_by_reason_may_ask_to_leave(tiering, panels) -> None:
    result = reanalyse(tiering, panels, older=THEN, newer=NOW)
    request = request_export(
        [list_rows(result), summarise(result)],
        project="Reanalysis",
        purpose="To report new findings",
    )
    listing, summary = (item.verdict.name for item in request.items)
    assert listing == "FAIL"
    assert summary != "FAIL"
    assert "participant_id" not in list_rows(result).rows

"""What the domain says, on a release made by hand and on isolates made by hand."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from domains.infectious_disease import (
    PEOPLE_WITH_TUBERCULOSIS,
    compare_with_culture,
    find_clusters,
    load_isolates,
    plot_agreement,
    plot_chains,
    plot_clusters,
    plot_distances,
    plot_resistance,
    predict_resistance,
    summarise_distances,
    summarise_profiles,
)
from domains.infectious_disease.sequenced_isolates import Isolates
from gecip.airlock import request_export
from gecip.cohort import define_cohort, select_cohort
from gecip.errors import AnalysisError, ReportingError, UnknownTableError
from gecip.release import Release, open_release
from gecip.reporting import Figure, Summary, list_rows, summarise
from tests.handmade import person, write_release
from tests.known_people import ids_of, unknown_numbers, whole_of
from tests.unit.domains.handmade_isolates import isolates_of, snp, variant

PEOPLE = [110_000_011, 110_000_012, 110_000_021, 110_000_031]


def isolate(number: int, name: str, **facts: object) -> dict[str, object]:
    return {
        "participant_id": PEOPLE[number],
        "isolate": name,
        "collection_date": date(2019, 1, 1),
        "lineage": "lineage4",
        "mean_depth": 60.0,
        "coverage": 0.99,
    } | facts


@pytest.fixture
def release(tmp_path: Path) -> Release:
    folder = write_release(
        tmp_path / "handmade",
        participant=[
            person(PEOPLE[0]),
            person(PEOPLE[1]),
            person(PEOPLE[2], programme_consent_status="Withdrawn (Full)"),
            person(PEOPLE[3]),
        ],
        tuberculosis_isolate=[
            isolate(0, "first"),
            isolate(0, "second", collection_date=date(2020, 1, 1)),
            isolate(1, "shallow", mean_depth=29.9),
            isolate(1, "thin", coverage=0.949),
            isolate(2, "withdrawn"),
        ],
        tuberculosis_isolate_variant=[
            {"participant_id": PEOPLE[person], "isolate": name, **variant("rpoB_p.Ser450Leu")}
            for person, name in ((0, "first"), (1, "thin"), (2, "withdrawn"))
        ],
        tuberculosis_isolate_uncalled_region=[
            {"participant_id": PEOPLE[0], "isolate": "second", "start": 1, "stop": 2}
        ],
        tuberculosis_drug_susceptibility=[
            {
                "participant_id": PEOPLE[0],
                "isolate": "first",
                "drug": "Rifampicin",
                "phenotypic_category": "WHO",
                "phenotype": "R",
            }
        ],
    )
    return open_release(folder)


def test_isolates_are_those_of_consenting_people_that_were_read_well_enough(
    release: Release,
) -> None:
    isolates = load_isolates(select_cohort(PEOPLE_WITH_TUBERCULOSIS, release))
    assert isolates.isolates["isolate"].tolist() == ["first", "second"]
    assert isolates.set_aside == 2
    assert isolates.variants["isolate"].tolist() == ["first"]
    assert isolates.isolates["family_id"].tolist() == [PEOPLE[0] // 10] * 2


def test_what_is_asked_of_an_isolate_can_be_lowered(release: Release) -> None:
    isolates = load_isolates(
        select_cohort(PEOPLE_WITH_TUBERCULOSIS, release), least_mean_depth=20, least_coverage=0.9
    )
    assert len(isolates) == 4


def test_the_first_isolate_of_a_person_is_the_earliest(release: Release) -> None:
    isolates = load_isolates(select_cohort(PEOPLE_WITH_TUBERCULOSIS, release))
    first = isolates.first_of_each_participant()
    assert first.isolates["isolate"].tolist() == ["first"]
    assert first.uncalled_regions.empty


def test_a_cohort_without_isolates_is_told_what_to_do(release: Release) -> None:
    nobody = define_cohort("Nobody with one").exclude(
        PEOPLE_WITH_TUBERCULOSIS.criteria[0].condition, because="they have one"
    )
    with pytest.raises(AnalysisError, match="exists_for_participant"):
        load_isolates(select_cohort(nobody, release))


def test_a_cohort_whose_isolates_are_all_bad_is_told_so(release: Release) -> None:
    with pytest.raises(AnalysisError, match="lower least_mean_depth"):
        load_isolates(select_cohort(PEOPLE_WITH_TUBERCULOSIS, release), least_mean_depth=1000)


def test_a_release_without_the_tables_says_that_they_are_invented(tmp_path: Path) -> None:
    release = open_release(write_release(tmp_path / "real", participant=[person(PEOPLE[0])]))
    with pytest.raises(UnknownTableError, match="invented"):
        select_cohort(PEOPLE_WITH_TUBERCULOSIS, release)
    with pytest.raises(UnknownTableError, match="invented"):
        load_isolates(select_cohort(define_cohort("Everyone"), release))


# ---------------------------------------------------------------------------------------------------------------------
# Products
# ---------------------------------------------------------------------------------------------------------------------

LOST = [variant("rpoB_p.Ser450Leu"), variant("katG_p.Ser315Thr")]


@pytest.fixture
def isolates() -> Isolates:
    """Twenty people in ten families: six multidrug-resistant in one chain, the others apart."""
    chain = {f"chain {n}": [*LOST, snp(100 + n)] for n in range(6)}
    apart = {
        f"apart {n}": [snp(place) for place in range(1_000 * n, 1_000 * n + 40)]
        for n in range(1, 15)
    }
    names = [*chain, *apart]
    return isolates_of(
        chain | apart,
        tests={(name, "Rifampicin"): "R" if name in chain else "S" for name in names},
        people={name: 110_000_000 + 5 * number for number, name in enumerate(names)},
        gaps={"apart 14": [(761_000, 761_200)]},
    )


def test_resistance_is_counted_in_people_among_those_who_could_be_judged(
    isolates: Isolates,
) -> None:
    summary = summarise(predict_resistance(isolates))
    row = summary.table.loc["Rifampicin"]
    assert row[["people", "called", "resistant", "susceptible"]].astype(int).tolist() == [
        20,
        19,
        6,
        13,
    ]
    assert row["share resistant"] == pytest.approx(6 / 19)
    assert summary.families.at["Rifampicin", "resistant"] == 3


def test_two_isolates_of_one_person_cannot_be_counted_as_people() -> None:
    twice = isolates_of(
        {"a": [], "b": []},
        people={"a": 1, "b": 1},
        tests={("a", "Rifampicin"): "R", ("b", "Rifampicin"): "R"},
    )
    with pytest.raises(AnalysisError, match="first_of_each_participant"):
        summarise(predict_resistance(twice))
    with pytest.raises(AnalysisError, match="first_of_each_participant"):
        summarise(compare_with_culture(predict_resistance(twice)))
    assert len(list_rows(predict_resistance(twice))) == 0


def test_every_profile_has_its_line_also_with_nobody_in_it(isolates: Isolates) -> None:
    table = summarise_profiles(predict_resistance(isolates)).table
    assert table.at["Multidrug-resistant (MDR)", "people"] == 6
    assert table.at["Extensively drug-resistant (XDR)", "people"] == 0
    assert table.at["Rifampicin or isoniazid not called", "people"] == 1


def test_the_listing_tells_what_fails_and_why(isolates: Isolates) -> None:
    rows = list_rows(predict_resistance(isolates)).rows
    assert set(rows["isolate"]) == {*(f"chain {n}" for n in range(6)), "apart 14"}
    assert "participant_id" not in rows.columns
    first = rows[(rows["isolate"] == "chain 0") & (rows["drug"] == "Rifampicin")].iloc[0]
    assert first["variants"] == "rpoB_p.Ser450Leu"


def test_clusters_are_counted_in_people_by_size(isolates: Isolates) -> None:
    table = summarise(find_clusters(isolates, masked=[])).table
    assert table.at["5–9", "people"] == 6
    assert table.at["5–9", "clusters"] == 1
    assert table.at["in no cluster", "people"] == 14
    assert table.loc["Total", ["people", "clusters"]].astype(int).tolist() == [20, 1]


def test_everybody_has_a_distance_to_the_nearest(isolates: Isolates) -> None:
    table = summarise_distances(find_clusters(isolates, masked=[])).table
    assert table.at["1–2", "people"] == 6
    assert table.at["26–50", "people"] == 14
    assert table.at["Total", "people"] == 20


def test_a_figure_refuses_what_it_does_not_draw(isolates: Isolates) -> None:
    prediction = predict_resistance(isolates)
    resistance, clusters = summarise(prediction), summarise(find_clusters(isolates))
    for plot, wrong in (
        (plot_resistance, clusters),
        (plot_agreement, resistance),
        (plot_clusters, resistance),
        (plot_distances, clusters),
        (plot_chains, list_rows(prediction)),
    ):
        with pytest.raises(ReportingError, match="give"):
            plot(wrong)


def products(isolates: Isolates) -> list[Summary | Figure]:
    prediction = predict_resistance(isolates)
    clusters = find_clusters(isolates, masked=[])
    resistance, agreement = summarise(prediction), summarise(compare_with_culture(prediction))
    sizes, distances = summarise(clusters), summarise_distances(clusters)
    return [
        resistance,
        summarise_profiles(prediction),
        agreement,
        sizes,
        distances,
        plot_resistance(resistance),
        plot_agreement(agreement),
        plot_clusters(sizes),
        plot_distances(distances),
    ]


@pytest.mark.slow
def test_summaries_and_their_figures_may_ask_to_leave(isolates: Isolates, tmp_path: Path) -> None:
    request = request_export(
        products(isolates),
        project="A study",
        purpose="To see what the airlock says",
        folder=tmp_path / "out",
    )
    assert [item.verdict.value for item in request.items if item.verdict.value == "fail"] == []
    assert all(item.product is not None for item in request.items)
    masked = [item.product for item in request.items if isinstance(item.product, Figure)]
    assert len(masked) == 4
    assert all(figure.png().startswith(b"\x89PNG") for figure in masked)


def test_the_chains_themselves_may_not(isolates: Isolates, tmp_path: Path) -> None:
    listing = list_rows(find_clusters(isolates, masked=[]))
    figure = plot_chains(listing)
    assert figure.png().startswith(b"\x89PNG")
    assert "5 steps between cases in 1 clusters" in figure.alt_text
    request = request_export(
        [listing, figure], project="A study", purpose="To be refused", folder=tmp_path / "out"
    )
    assert [item.verdict.value for item in request.items] == ["fail", "fail"]


def test_an_interval_of_few_people_is_withheld_with_them(
    isolates: Isolates, tmp_path: Path
) -> None:
    agreement = summarise(compare_with_culture(predict_resistance(isolates)))
    row = ("Rifampicin", "sensitivity")
    assert agreement.table.loc[row, ["right", "among"]].astype(int).tolist() == [6, 6]
    assert agreement.people.at[row, "95 % from"] == 6
    isolates.susceptibility.loc[isolates.susceptibility["isolate"] == "apart 1", "phenotype"] = "R"
    missed = summarise(compare_with_culture(predict_resistance(isolates)))
    assert missed.people.at[row, "95 % from"] == 1
    request = request_export(
        [missed], project="A study", purpose="To see the mask", folder=tmp_path / "out"
    )
    product = request.items[0].product
    assert isinstance(product, Summary)
    assert product.text(row, "95 % from") == product.text(row, "95 % to") == "withheld"


def test_people_with_an_isolate_stand_behind_what_it_resists(isolates: Isolates) -> None:
    prediction = predict_resistance(isolates)
    clusters = find_clusters(isolates, masked=[])
    agreement = summarise(compare_with_culture(prediction))
    resistance = summarise(prediction)
    for summary in (
        resistance,
        agreement,
        summarise_profiles(prediction),
        summarise(clusters),
        summarise_distances(clusters),
    ):
        assert unknown_numbers(summary) == 0
    everybody = [110_000_000 + 5 * number for number in range(20)]
    assert ids_of(resistance, "Rifampicin", "resistant") == set(everybody[:6])
    assert ids_of(resistance, "Rifampicin", "share resistant") == set(everybody[:-1])
    assert whole_of(resistance) == set(everybody)
    row = ("Rifampicin", "specificity")
    assert ids_of(agreement, row, "right") == set(everybody[6:-1])
    assert ids_of(agreement, row, "95 % from") == set(everybody[6:-1])
    assert ids_of(agreement, ("Rifampicin", "sensitivity"), "among") == set(everybody[:6])

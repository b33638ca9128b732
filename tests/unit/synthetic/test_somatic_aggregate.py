"""The somatic aggregate of the demo release agrees with the tables, and shows which processes were at work."""

from __future__ import annotations

import shutil
import subprocess
from collections import Counter
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import nnls

from gecip.model.cancer import CODING_MEGABASES
from gecip.synthetic import Answer, read_answers
from gecip.synthetic.gene_structure import reference_bases
from gecip.synthetic.mutational_signatures import CHANNELS, LEAST_SHOWN, PROCESSES, profiles
from tests.unit.synthetic.aggregate_reading import table
from tests.unit.synthetic.somatic_reading import PROTEIN_CHANGING, Called, SomaticAggregate

COMPLEMENT = str.maketrans("ACGT", "TGCA")
needs_bcftools = pytest.mark.skipif(
    shutil.which("bcftools") is None, reason="bcftools is not installed on this machine"
)


@pytest.fixture(scope="module")
def aggregate(demo_release_folder: Path) -> SomaticAggregate:
    return SomaticAggregate(demo_release_folder)


@pytest.fixture(scope="module")
def passed(aggregate: SomaticAggregate) -> dict[str, list[Called]]:
    by_tumour: dict[str, list[Called]] = {}
    for call in aggregate.calls:
        if call.passed:
            by_tumour.setdefault(call.tumour, []).append(call)
    return by_tumour


@pytest.fixture(scope="module")
def tumours(demo_release_folder: Path) -> pd.DataFrame:
    return table(demo_release_folder, "cancer_analysis").set_index("tumour_sample_platekey")


@pytest.fixture(scope="module")
def answers(demo_release_folder: Path) -> dict[int, Answer]:
    return {
        answer.participant or 0: answer
        for answer in read_answers(demo_release_folder)
        if answer.kind == "mutational_signatures"
    }


def context(call: Called) -> str:
    """Return the channel of a single-base change, as `A[C>T]G`, by the reference around it."""
    around = reference_bases(call.contig, call.position - 1, call.position + 1)
    change = f"{call.reference}>{call.alternate}"
    if call.reference in "AG":
        around = around.translate(COMPLEMENT)[::-1]
        change = change.translate(COMPLEMENT)
    return f"{around[0]}[{change}]{around[2]}"


def test_genotypes_are_0_1_or_0_0_and_the_filter_column_is_empty(
    aggregate: SomaticAggregate,
) -> None:
    assert len(aggregate.calls) > 100_000
    assert aggregate.genotypes == {"0/1"}
    assert aggregate.filters == {"."}


def test_chunks_cover_each_contig_that_has_tumours_variants(aggregate: SomaticAggregate) -> None:
    by_contig: dict[str, list[tuple[int, int]]] = {}
    for contig, start, stop, name, region, *_ in aggregate.chunk_list:
        assert name == f"{contig}_{start}_{stop}"
        assert region == f"{contig}:{start}-{stop}"
        by_contig.setdefault(contig, []).append((int(start), int(stop)))
    for contig, stretches in by_contig.items():
        assert stretches[0][0] == 1, contig
        for before, after in pairwise(stretches):
            assert after[0] == before[1] + 1
    assert len(by_contig) == 23


def test_tumours_of_the_withdrawn_stay_and_are_in_no_table_and_no_list(
    demo_release_folder: Path, aggregate: SomaticAggregate, tumours: pd.DataFrame
) -> None:
    assert aggregate.calls
    assert set(tumours.index) < set(aggregate.samples)
    withdrawn = set(aggregate.samples) - set(tumours.index)
    files = table(demo_release_folder, "genome_file_paths_and_types")
    assert withdrawn
    assert not withdrawn & set(files["platekey"])
    (path,) = (aggregate.root / "docs").glob("*_samples.txt")
    listed = set(path.read_text(encoding="utf-8").split())
    people = table(demo_release_folder, "participant").set_index("participant_id")
    consent = tumours["participant_id"].map(people["programme_consent_status"])
    assert listed <= set(tumours.index[consent == "Consenting"])
    assert len(listed) > 0.9 * len(tumours)


def test_shares_of_reads_follow_from_the_reads(aggregate: SomaticAggregate) -> None:
    for call in aggregate.calls:
        fields = call.fields
        if call.is_single_base:
            mine, its = (
                int(fields[f"{base}U"].split(",")[0]) for base in (call.alternate, call.reference)
            )
            used = sum(int(fields[f"{base}U"].split(",")[0]) for base in "ACGT")
            assert int(fields["DP"]) == used + int(fields["FDP"])
        else:
            mine, its = (int(fields[name].split(",")[0]) for name in ("TIR", "TAR"))
        assert float(fields["VAF"]) == pytest.approx(mine / (mine + its), abs=1e-5)


def test_flags_of_a_place_leave_its_calls_without_a_pass(aggregate: SomaticAggregate) -> None:
    flagged = [call for call in aggregate.calls if "FILTER" in call.information]
    seen = {flag for call in flagged for flag in call.information["FILTER"].split(",")}
    assert seen == {
        "CommonGermlineVariant",
        "CommonGnomADVariant",
        "RecurrentSomaticVariant",
        "SimpleRepeat",
    }
    for call in flagged:
        assert set(call.information["FILTER"].split(",")) <= set(call.information)
        assert call.fields["FILTER"] == "."
    failed = Counter(call.fields["FILTER"] for call in aggregate.calls)
    assert set(failed) == {
        "PASS", ".", "LowQscore", "PONnoise50SNV", "BCNoise10Indel", "QSI_ref",
    }  # fmt: skip
    for call in aggregate.calls:
        if call.fields["FILTER"] == "LowQscore":
            assert float(call.fields["VQSR"]) < 2.75
        if call.fields["FILTER"] == "PONnoise50SNV":
            assert float(call.fields["SomaticFisherPhred"]) < 50


def test_a_place_with_two_alternate_bases_names_them(aggregate: SomaticAggregate) -> None:
    several = [
        call for call in aggregate.calls if call.fields.get("SAMPLE_MULTIALLELIC", ".") != "."
    ]
    by_place = Counter((call.tumour, call.contig, call.position) for call in several)
    assert by_place
    assert set(by_place.values()) == {2}
    for call in several:
        assert call.fields["SAMPLE_MULTIALLELIC"].startswith(
            f"{call.contig}-{call.position}-{call.reference}/"
        )
        assert call.alternate in call.fields["SAMPLE_MULTIALLELIC"].split("/")[1:]


def test_reports_hold_what_passed_and_changes_a_protein(
    demo_release_folder: Path, passed: dict[str, list[Called]], tumours: pd.DataFrame
) -> None:
    rows = table(demo_release_folder, "cancer_tier_and_domain_variants")
    rows = rows[rows["origin"] == "somatic"]
    reported = {
        (name, contig, int(position), ref, alt): (consequence, fraction)
        for name, contig, position, ref, alt, consequence, fraction in zip(
            rows["tumour_sample_platekey"], rows["chr"], rows["pos"], rows["ref"], rows["alt"],
            rows["cellbase_consequence"], rows["vaf"], strict=True,
        )
    }  # fmt: skip
    found = {
        (name, *call.variant): (call.information["CT"], float(call.fields["VAF"]))
        for name in tumours.index
        for call in passed[name]
        if call.information["CT"] in PROTEIN_CHANGING | {"splice_region_variant"}
    }
    assert set(reported) == set(found)
    for key, (consequence, fraction) in reported.items():
        assert found[key][0] == consequence
        assert found[key][1] == pytest.approx(fraction, abs=0.00051)


def test_the_burden_is_the_count_of_what_passed(
    passed: dict[str, list[Called]], tumours: pd.DataFrame
) -> None:
    recorded = tumours["somatic_coding_variants_per_mb"].dropna()
    for name, burden in recorded.items():
        counted = sum(call.information["CT"] in PROTEIN_CHANGING for call in passed[str(name)])
        assert counted / CODING_MEGABASES == pytest.approx(burden, abs=0.0051)


def test_reads_follow_the_share_of_tumour_cells(
    passed: dict[str, list[Called]], tumours: pd.DataFrame
) -> None:
    # A third of the variants came later and are in fewer cells: the upper quarter is of those in all.
    highest = {
        name: float(np.quantile([float(call.fields["VAF"]) for call in passed[str(name)]], 0.67))
        for name in tumours.index
    }
    halves = tumours["tumour_purity"] / 2
    error = pd.Series(highest) - halves
    assert np.corrcoef(pd.Series(highest), halves)[0, 1] > 0.95
    assert abs(error.mean()) < 0.03


def test_mutations_show_the_reference_and_its_bases(aggregate: SomaticAggregate) -> None:
    for call in aggregate.calls[:: max(1, len(aggregate.calls) // 20_000)]:
        stop = call.position + len(call.reference) - 1
        assert call.reference == reference_bases(call.contig, call.position, stop)


def test_contexts_of_mutations_recover_the_planted_exposures(
    passed: dict[str, list[Called]], tumours: pd.DataFrame, answers: dict[int, Answer]
) -> None:
    place = {channel: number for number, channel in enumerate(CHANNELS)}
    errors, largest = [], []
    for name, participant in tumours["participant_id"].items():
        counts = np.zeros(len(CHANNELS))
        for call in passed[str(name)]:
            if call.is_single_base:
                counts[place[context(call)]] += 1
        if counts.sum() < 200:
            continue
        found, _ = nnls(profiles().T, counts)
        found /= found.sum()
        told = answers[participant].expected["exposures"]
        planted = np.array([told.get(str(number), 0.0) for number in PROCESSES])
        errors.append(np.abs(found - planted).mean())
        largest.append(abs(found[planted.argmax()] - planted.max()))
    assert len(errors) > 250
    # Of two hundred mutations and more, nine shares: each within about three hundredths.
    assert np.mean(errors) < 0.03
    assert np.quantile(largest, 0.95) < 0.15


def test_the_table_shows_exposures_above_a_twentieth(
    tumours: pd.DataFrame, answers: dict[int, Answer]
) -> None:
    columns = [f"signature_{number}" for number in range(1, 31)]
    for row in tumours[["participant_id", *columns]].itertuples(index=False):
        told = answers[row.participant_id].expected["exposures"]
        shown = {
            column.removeprefix("signature_"): getattr(row, column)
            for column in columns
            if pd.notna(getattr(row, column))
        }
        assert shown == {number: share for number, share in told.items() if share > LEAST_SHOWN}


def test_the_hypermutated_tumour_has_the_signature_of_its_polymerase(
    demo_release_folder: Path, tumours: pd.DataFrame
) -> None:
    (answer,) = (
        one for one in read_answers(demo_release_folder) if one.kind == "hypermutated_tumour"
    )
    row = tumours[tumours["participant_id"] == answer.participant].iloc[0]
    columns = [f"signature_{number}" for number in range(1, 31)]
    assert row[columns].astype(float).idxmax() == "signature_10"


@needs_bcftools
def test_bcftools_reads_every_chunk_without_a_warning(aggregate: SomaticAggregate) -> None:
    for path in aggregate.paths:
        assert Path(f"{path}.tbi").exists()
    smallest = min(aggregate.paths, key=lambda path: path.stat().st_size)
    for command in (["view", "-H"], ["plugin", "fill-tags"]):
        run = subprocess.run(["bcftools", *command, str(smallest)], capture_output=True, check=True)
        assert not run.stderr, run.stderr


@needs_bcftools
def test_the_code_books_query_for_passes_works(aggregate: SomaticAggregate) -> None:
    path = min(aggregate.paths, key=lambda path: path.stat().st_size)
    run = subprocess.run(
        ["bcftools", "query", "-f", r"[%SAMPLE\t%CHROM\t%POS\t%REF\t%ALT\t%VAF\n]", "-i",
         'FMT/FILTER="PASS"', str(path)],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    contig, start, stop, *_ = aggregate.chunk_list[aggregate.paths.index(path)]
    expected = [
        call
        for call in aggregate.calls
        if call.passed and call.contig == contig and int(start) <= call.position <= int(stop)
    ]
    assert len(run.stdout.splitlines()) == len(expected)

"""Releases without genomes: people made block by block, in one release that hangs together."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from gecip import open_release
from gecip.release.layout import read_manifest
from gecip.release.validation import validate_release
from gecip.synthetic import people_blocks, programme, read_answers, synthesise_release
from gecip.synthetic.people_blocks import block_sizes

SIZE, PARTICIPANTS, SEED = 150, 400, 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of 400 people in blocks of 150, of whom the last has 100."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(people_blocks, "PEOPLE_IN_BLOCK", SIZE)
        return make(tmp_path_factory.mktemp("blocks") / "clinical")


def make(folder: Path) -> Path:
    return synthesise_release(
        folder, participants=PARTICIPANTS, seed=SEED, genomes=False, progress=False
    )


def column(folder: Path, table: str, name: str) -> list[object]:
    found: list[object] = (
        pq.read_table(folder / "tables" / f"{table}.parquet", columns=[name])[name]
        .drop_null()
        .to_pylist()
    )
    return found


@pytest.mark.parametrize(
    ("participants", "sizes"),
    [
        (90, [90]),
        (10_000, [10_000]),
        (10_079, [10_079]),
        (10_080, [10_000, 80]),
        (30_000, [10_000] * 3),
    ],
)
def test_blocks_hold_everybody_and_none_is_too_small(participants: int, sizes: list[int]) -> None:
    assert block_sizes(participants) == sizes


@pytest.mark.slow
def test_every_block_is_a_row_group_and_everybody_has_a_number_of_their_own(folder: Path) -> None:
    people = pq.ParquetFile(folder / "tables" / "participant.parquet")
    assert people.num_row_groups == 3
    assert people.metadata.num_rows == PARTICIPANTS
    for table, key in (
        ("participant", "participant_id"),
        ("participant", "participant_sk"),
        ("rare_diseases_family", "rare_diseases_family_id"),
        ("rare_diseases_pedigree_member", "rare_diseases_pedigree_member_sk"),
        ("aggregate_gvcf_sample_stats", "platekey"),
    ):
        found = column(folder, table, key)
        assert len(found) == len(set(found)) > 100
    tumours = set(column(folder, "cancer_analysis", "tumour_sample_platekey"))
    assert len(tumours) == len(column(folder, "cancer_analysis", "participant_id"))
    assert not tumours & set(column(folder, "aggregate_gvcf_sample_stats", "platekey"))


@pytest.mark.slow
def test_the_release_opens_and_deviates_in_nothing(folder: Path) -> None:
    assert validate_release(folder) == ()
    release = open_release(folder)
    assert release.chunks == ()
    assert 370 < len(release.consent.participants) < PARTICIPANTS
    assert read_manifest(folder).facts["variants"] == 0


@pytest.mark.slow
def test_a_fifth_of_the_people_are_of_the_cancer_arm(folder: Path) -> None:
    arms = pq.read_table(folder / "tables" / "participant.parquet", columns=["programme"])
    cancer = pc.sum(pc.equal(arms["programme"], "Cancer")).as_py()
    assert 0.17 * PARTICIPANTS < cancer < 0.22 * PARTICIPANTS


@pytest.mark.slow
def test_the_answer_key_speaks_of_all_blocks_and_of_no_genome(folder: Path) -> None:
    answers = read_answers(folder)
    kinds = {answer.kind for answer in answers}
    assert not kinds & {"de_novo", "small_group", "genetic_ancestry"}
    (found,) = (answer for answer in answers if answer.kind == "diagnostic_yield")
    reports = open_release(folder).read("gmc_exit_questionnaire")
    solved = reports[reports["case_solved_family"].isin(["yes", "partially"])]
    assert found.expected["diagnosed"] == solved["participant_id"].nunique() > 15
    withdrawn = {answer.participant for answer in answers if answer.kind == "withdrawn"}
    shown = dict(
        zip(
            column(folder, "participant", "participant_id"),
            column(folder, "participant", "programme_consent_status"),
            strict=True,
        )
    )
    assert {number for number, status in shown.items() if status != "Consenting"} < withdrawn


@pytest.mark.slow
def test_who_is_diagnosed_is_told_a_variant_and_the_affected_carry_it(folder: Path) -> None:
    reports = pq.read_table(folder / "tables" / "gmc_exit_questionnaire.parquet").to_pandas()
    solved = reports[reports["case_solved_family"] == "yes"]
    assert solved["position"].notna().all()
    assert reports[reports["case_solved_family"] == "no"]["position"].isna().all()


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_blocks, "PEOPLE_IN_BLOCK", SIZE)
    again = make(tmp_path / "clinical")
    first, second = (
        {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in made.rglob("*")
            if path.is_file()
        }
        for made in (folder, again)
    )
    assert first == second
    assert len(first) > 15


@pytest.mark.slow
def test_a_run_that_ends_between_blocks_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_blocks, "PEOPLE_IN_BLOCK", SIZE)
    blocks: list[int] = []
    plain = programme.draw_people

    def stop_at_the_second(seed: int, **parameters: object) -> object:
        blocks.append(seed)
        if len(blocks) == 2:
            raise KeyboardInterrupt
        return plain(seed, **parameters)  # type: ignore[arg-type]

    monkeypatch.setattr(programme, "draw_people", stop_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "clinical")
    assert list(tmp_path.iterdir()) == []

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pysam
import pytest

from gecip.errors import ReleaseError
from gecip.release.layout import MANIFEST, read_chunks, read_manifest
from gecip.synthetic import Answer, demo, read_answers
from gecip.synthetic.demo import ensure_demo
from gecip.synthetic.generator_version import generator_version, release_digest
from tests.unit.synthetic.aggregate_reading import sample_of_participant
from tests.unit.synthetic.person_file_reading import files_of_kind

STRUCTURAL = {"structural_variant", "copy_number_variant"}


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GECIP_RELEASES", str(tmp_path / "releases"))
    return tmp_path / "releases"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch, small_release_folder: Path) -> list[Path]:
    """Where the demo is made, instead of made: a copy of the small release appears at once."""
    places: list[Path] = []

    def copy(folder: Path, *, name: str, **parameters: object) -> Path:
        places.append(folder)
        shutil.copytree(small_release_folder, folder)
        parameters.pop("progress")
        change_manifest(folder, name=name, digest=release_digest(**parameters))
        return folder

    monkeypatch.setattr(demo, "synthesise_release", copy)
    return places


def change_manifest(folder: Path, **changes: str) -> None:
    path = folder / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | changes), encoding="utf-8")


def test_the_demo_is_made_where_there_is_none_and_found_where_there_is(
    releases: Path, made: list[Path]
) -> None:
    folder = ensure_demo()
    assert folder == releases / "demo"
    assert read_manifest(folder).name == "demo"
    assert ensure_demo() == folder
    assert len(made) == 1
    assert [entry.name for entry in releases.iterdir()] == ["demo"]


def test_a_demo_of_another_generator_is_made_anew(releases: Path, made: list[Path]) -> None:
    folder = ensure_demo()
    change_manifest(folder, digest="0" * 16)
    (folder / "left-over").touch()
    ensure_demo()
    assert len(made) == 2
    assert not (folder / "left-over").exists()
    assert [entry.name for entry in releases.iterdir()] == ["demo"]


def test_the_old_demo_stays_until_the_new_one_is_whole(
    releases: Path, made: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = ensure_demo()
    change_manifest(folder, digest="0" * 16)

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "synthesise_release", fail)
    with pytest.raises(KeyboardInterrupt):
        ensure_demo()
    assert read_manifest(folder).digest == "0" * 16


def test_a_kill_between_making_and_naming_is_made_good(releases: Path, made: list[Path]) -> None:
    folder = ensure_demo()
    folder.rename(releases / ".demo.new")
    assert ensure_demo() == folder
    assert len(made) == 1
    assert read_manifest(folder).name == "demo"


def test_what_is_not_ours_is_left_alone(releases: Path, made: list[Path]) -> None:
    folder = ensure_demo()
    change_manifest(folder, origin="import")
    with pytest.raises(ReleaseError, match="was not synthesised"):
        ensure_demo()
    (folder / MANIFEST).unlink()
    with pytest.raises(ReleaseError, match="this is no release"):
        ensure_demo()
    assert folder.is_dir()


def test_the_generators_version_follows_its_code_and_parameters() -> None:
    assert len(generator_version()) == 16
    assert release_digest(seed=1) == release_digest(seed=1) != release_digest(seed=2)


def test_the_demo_has_about_1000_people_and_20000_variants(demo_release_folder: Path) -> None:
    facts = read_manifest(demo_release_folder).facts
    assert facts["participants"] + facts["cancer_patients"] == 1_000
    assert 15_000 < facts["variants"] < 25_000
    size = sum(path.stat().st_size for path in demo_release_folder.rglob("*") if path.is_file())
    assert size < 150_000_000


def found_diagnoses(folder: Path) -> tuple[list[Answer], list[Answer]]:
    """Return what explains a family here: small variants, which the chunks hold, and structural ones."""
    found = [
        answer
        for answer in read_answers(folder)
        if answer.domain == "rare_disease" and answer.variants and answer.expected.get("found")
    ]
    structural = [answer for answer in found if answer.kind in STRUCTURAL]
    return [answer for answer in found if answer.kind not in STRUCTURAL], structural


def test_every_planted_diagnosis_passes_the_filters_of_its_site(demo_release_folder: Path) -> None:
    small, _ = found_diagnoses(demo_release_folder)
    planted = {name for answer in small for name in answer.variants}
    filters = {}
    for chunk in read_chunks(demo_release_folder):
        with pysam.VariantFile(str(chunk.genotypes)) as file:
            for record in file:
                name = f"{record.contig}:{record.pos}:{record.ref}:{record.alts[0]}"
                if name in planted:
                    filters[name] = list(record.filter)
    assert set(filters) == planted
    assert {name for name, failed in filters.items() if failed != ["PASS"]} == set()


def test_every_planted_structural_diagnosis_passes_the_filters_of_its_genomes_own_file(
    demo_release_folder: Path,
) -> None:
    _, structural = found_diagnoses(demo_release_folder)
    sample = sample_of_participant(demo_release_folder)
    files = files_of_kind(demo_release_folder, "Structural VCF")
    assert {answer.kind for answer in structural} == STRUCTURAL
    for answer in structural:
        contig, position, reference, alternate = answer.variants[0].split(":")
        with pysam.VariantFile(str(files[sample[answer.participant or 0]])) as file:
            (planted,) = (
                record
                for record in file.fetch(contig, int(position) - 1, int(position))
                if (record.pos, record.stop, record.ref, record.alts)
                == (int(position), answer.expected["stop"], reference, (alternate,))
            )
        assert list(planted.filter) == ["PASS"]

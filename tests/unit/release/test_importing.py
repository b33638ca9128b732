from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gecip.cohort import define_cohort, select_cohort
from gecip.errors import GecipWarning, InputError
from gecip.release import open_release
from gecip.release.importing import import_release
from gecip.tables import participants
from gecip.writing import aside
from tests.callsets import RECORDS, vcf_text, write_people, write_vcf


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    return write_vcf(tmp_path / "callset.vcf.gz")


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return write_people(tmp_path / "people.tsv")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "new" / "mine"


def problems(out: Path, **request: Any) -> tuple[str, ...]:
    """Import what cannot be imported; nothing may be left of it."""
    before = sorted(out.parent.parent.rglob("*"))
    with pytest.raises(InputError) as refused:
        import_release(out, **({"assembly": "GRCh38"} | request))
    assert sorted(out.parent.parent.rglob("*")) == before
    return refused.value.problems


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


# -- what it makes ------------------------------------------------------------------------------------


def test_an_import_is_a_release(out: Path, vcf: Path, people: Path) -> None:
    assert import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38") == out
    release = open_release(out)
    assert (release.name, release.version, release.assembly) == ("mine", "imported", "GRCh38")
    assert release.read("participant")["sex"].tolist() == ["male", "F", "2"]
    assert release.read("aggregate_gvcf_sample_stats")["platekey"].tolist() == ["S1", "S2", "S3"]
    assert dict(release.consent.samples) == {"S1": "S1", "S2": "S2", "S3": "S3"}
    assert release.manifest.consent_assumed
    assert "everyone counts as consenting" in release._repr_html_()
    assert release.manifest.partial_genotypes == 0
    assert release.manifest.facts == {
        "files": 1,
        "variants": 3,
        "samples": 3,
        "people": 3,
        "samples_without_person": 0,
        "people_without_sample": 0,
    }


def test_a_definition_without_criteria_selects_everyone(out: Path, vcf: Path, people: Path) -> None:
    release = open_release(import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38"))
    assert len(select_cohort(define_cohort("Everyone"), release)) == 3
    women = define_cohort("Women").include(participants.sex == "Female", because="a test")
    assert select_cohort(women, release).participants == ("S2", "S3")


def test_people_who_have_withdrawn_are_not_handed_out(out: Path, vcf: Path, tmp_path: Path) -> None:
    text = (
        "sample\tprogramme_consent_status\nS1\tConsenting\nS2\tWithdrawn (Full)\nS3\tConsenting\n"
    )
    table = write_people(tmp_path / "consent.tsv", text)
    release = open_release(import_release(out, vcfs=[vcf], participants=table, assembly="GRCh38"))
    assert not release.manifest.consent_assumed
    assert release.read("participant")["sample"].tolist() == ["S1", "S3"]
    assert (out / "aggV2/docs/imported_samples.txt").read_text() == "S1\nS3\n"
    assert release.consent.withdrawn_since_release == 0


def test_one_file_of_several_contigs_is_one_chunk(out: Path, vcf: Path, people: Path) -> None:
    release = open_release(import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38"))
    (chunk,) = release.chunks
    assert (chunk.contig, chunk.start, chunk.stop, chunk.name) == ("*", 500, 2000, "imported_1")
    assert chunk.genotypes.read_bytes() == vcf.read_bytes()
    assert chunk.annotation is None


def test_pieces_become_chunks_with_names_of_their_own(
    out: Path, people: Path, tmp_path: Path
) -> None:
    several = vcf_text([*RECORDS[2:], "chr3 7 A G 0/0 0/0 0/1"])
    files = [
        write_vcf(tmp_path / "a.vcf.gz", vcf_text(RECORDS[:2])),
        write_vcf(tmp_path / "b.vcf.gz", several),
    ]
    release = open_release(import_release(out, vcfs=files, participants=people, assembly="GRCh38"))
    assert [chunk.name for chunk in release.chunks] == ["chr1_1000_2000", "imported_2"]
    assert release.manifest.facts["variants"] == 4


def test_a_file_with_consequences_is_its_own_annotation(
    out: Path, people: Path, tmp_path: Path
) -> None:
    line = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences. Format: Allele|SYMBOL">'
    vcf = write_vcf(tmp_path / "annotated.vcf.gz", vcf_text(header=[line]))
    import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38")
    (chunk,) = open_release(out).chunks
    assert chunk.annotation == chunk.genotypes


def test_partial_genotypes_are_counted(out: Path, people: Path, tmp_path: Path) -> None:
    vcf = write_vcf(tmp_path / "partial.vcf.gz", vcf_text(["chr1 10 A G ./1 0/. ./."]))
    import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38")
    assert open_release(out).manifest.partial_genotypes == 2


def test_linked_genomes_stay_where_they_are(out: Path, vcf: Path, people: Path) -> None:
    import_release(
        out, vcfs=[vcf], participants=people, assembly="GRCh38", link=True, name="linked"
    )
    (chunk,) = open_release(out).chunks
    assert chunk.genotypes.resolve() == vcf.resolve()
    assert open_release(out).name == "linked"


def test_the_same_import_is_the_same_release(out: Path, vcf: Path, people: Path) -> None:
    other = out.with_name("other")
    import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38", name="same")
    import_release(other, vcfs=[vcf], participants=people, assembly="GRCh38", name="same")
    assert content(out) == content(other)


def test_another_table_of_people_is_another_release(
    out: Path, vcf: Path, people: Path, tmp_path: Path
) -> None:
    table = write_people(tmp_path / "other.tsv", "sample\tage\nS1\t1\nS2\t2\nS3\t3\n")
    other = out.with_name("other")
    import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38")
    import_release(other, vcfs=[vcf], participants=table, assembly="GRCh38")
    assert open_release(out).manifest.digest != open_release(other).manifest.digest


# -- what it warns of ---------------------------------------------------------------------------------


def test_samples_and_people_who_do_not_meet_are_counted_and_never_named(
    out: Path, vcf: Path, tmp_path: Path
) -> None:
    table = write_people(tmp_path / "some.tsv", "sample\tage\nS1\t1\nS8\t8\nS9\t9\n")
    with pytest.warns(GecipWarning) as given:
        import_release(out, vcfs=[vcf], participants=table, assembly="GRCh38")
    sentences = [str(warning.message) for warning in given]
    assert "2 of the 3 samples of the VCF belong to nobody" in sentences[0]
    assert "2 of the 3 people have no sample in the VCF" in sentences[1]
    assert not any(name in "".join(sentences) for name in ("S1", "S2", "S8", "S9"))
    release = open_release(out)
    assert dict(release.consent.samples) == {"S1": "S1"}
    assert len(release.read("participant")) == 3


def test_records_that_hail_will_leave_out_are_warned_of(
    out: Path, people: Path, tmp_path: Path
) -> None:
    text = vcf_text([*RECORDS, "chr3 5 R G 0/0 0/0 0/1"])
    vcf = write_vcf(tmp_path / "ambiguous.vcf.gz", text)
    with pytest.warns(GecipWarning, match="1 of 4 records have a reference allele with letters"):
        import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38")
    assert open_release(out).manifest.facts["variants"] == 3


def test_nobody_in_common_is_refused(out: Path, vcf: Path, tmp_path: Path) -> None:
    table = write_people(tmp_path / "strangers.tsv", "sample\tage\nA1\t1\nA2\t2\n")
    (sentence,) = problems(out, vcfs=[vcf], participants=table)
    assert "none of the 3 samples of the VCF is in the column 'sample'" in sentence
    assert "--id-column" in sentence


# -- what it refuses ----------------------------------------------------------------------------------


def test_an_output_folder_that_exists_is_left_as_it_is(out: Path, vcf: Path, people: Path) -> None:
    out.mkdir(parents=True)
    (out / "precious").touch()
    (sentence,) = problems(out, vcfs=[vcf], participants=people)
    assert f"{out}: this already exists and is left as it is" in sentence


def test_a_place_below_a_file_is_refused(vcf: Path, people: Path) -> None:
    with pytest.raises(InputError, match="one of the folders above it is a file"):
        import_release(vcf / "x" / "y", vcfs=[vcf], participants=people, assembly="GRCh38")


def test_another_assembly_is_refused_with_the_reason(out: Path, vcf: Path, people: Path) -> None:
    (sentence,) = problems(out, vcfs=[vcf], participants=people, assembly="GRCh37")
    assert (
        "The assembly 'GRCh37' cannot be used, since genes and annotation are on GRCh38" in sentence
    )


def test_a_name_that_cannot_be_a_folders_is_refused(out: Path, vcf: Path, people: Path) -> None:
    (sentence,) = problems(out, vcfs=[vcf], participants=people, name="../mine")
    assert "The name '../mine' cannot be a release's" in sentence


def test_the_same_file_twice_is_refused(out: Path, vcf: Path, people: Path) -> None:
    found = problems(out, vcfs=[vcf, vcf], participants=people)
    assert f"{vcf}: this file is named twice: name it once." in found


def test_all_that_is_wrong_is_said_at_once(out: Path, tmp_path: Path) -> None:
    out.mkdir(parents=True)
    good = write_vcf(tmp_path / "good.vcf.gz")
    cut = tmp_path / "cut.vcf.gz"
    cut.write_bytes(good.read_bytes()[:-40])
    table = write_people(tmp_path / "people.tsv", "sample\tage\nS1\t1\nS1\t2\nS3\t3\n")
    found = problems(
        out, vcfs=[good, cut, tmp_path / "absent.vcf.gz"], participants=table, assembly="hg19"
    )
    for part in (
        "The assembly 'hg19'",
        "already exists",
        "cut off inside a bgzip block",
        "there is no such file",
        "1 id in 'sample' occurred before",
    ):
        assert sum(part in sentence for sentence in found) == 1, part


def test_no_message_names_anybody(out: Path, tmp_path: Path) -> None:
    vcf = write_vcf(tmp_path / "twice.vcf.gz", vcf_text(samples=("LP1", "LP1", "LP2")))
    table = write_people(tmp_path / "people.tsv", "sample\tage\nLP1\t1\nLP1\t2\nLP2\t3\n")
    assert "LP" not in "".join(problems(out, vcfs=[vcf], participants=table))


# -- going on where a run was killed ------------------------------------------------------------------


def test_what_a_killed_run_had_read_and_copied_is_not_done_again(
    out: Path, vcf: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = out.with_name("whole")
    import_release(whole, vcfs=[vcf], participants=people, assembly="GRCh38", name="mine")
    leave_half_made(out, vcf, people, monkeypatch)
    monkeypatch.setattr("gecip.release.importing.survey_vcf", forbidden)
    monkeypatch.setattr("gecip.release.importing._copy", forbidden)
    import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38")
    assert content(out) == content(whole)


def test_a_file_that_has_changed_since_is_read_and_copied_again(
    out: Path, vcf: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_half_made(out, vcf, people, monkeypatch)
    write_vcf(vcf, vcf_text(RECORDS[:2]))
    import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38")
    release = open_release(out)
    assert release.manifest.facts["variants"] == 2
    assert release.chunks[0].genotypes.read_bytes() == vcf.read_bytes()


def test_a_damaged_journal_is_begun_anew(
    out: Path, vcf: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_half_made(out, vcf, people, monkeypatch)
    (aside(out) / ".import.json").write_text('{"surveys": {')
    import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38")
    assert open_release(out).manifest.facts["variants"] == 3


def test_what_was_left_behind_does_not_open(
    out: Path, vcf: Path, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_half_made(out, vcf, people, monkeypatch)
    assert not out.exists()
    assert not list(out.parent.rglob("release.json"))


def leave_half_made(out: Path, vcf: Path, people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop an import after its copying, and keep what a kill would keep."""
    with monkeypatch.context() as patch:
        patch.setattr("gecip.release.importing._write_tables", forbidden)
        patch.setattr("gecip.writing.shutil.rmtree", lambda *_, **__: None)
        patch.setattr("gecip.writing._remove_empty", lambda _: None)
        with pytest.raises(AssertionError, match="not to be called"):
            import_release(out, vcfs=[vcf], participants=people, assembly="GRCh38")
    assert json.loads((aside(out) / ".import.json").read_text())["copies"]


def forbidden(*_: object, **__: object) -> None:
    raise AssertionError("this was not to be called")

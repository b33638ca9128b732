"""No committed file knows one machine, one package index or a place that the environment cannot reach."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]

# Written in parts, so that this file does not hold what it looks for.
INDEXES = "|".join(
    (
        r"pypi\." + r"org",
        r"python" + r"hosted",
        r"ana" + r"conda\.(?:org|com)",
        r"registry\." + r"npm",
        r"deb\." + r"debian",
        r"/sim" + r"ple\b(?=[/\s\"'])",
    )
)
NETWORKS = "|".join(
    (
        r"cdn\." + r"jsdelivr",
        r"cdn" + r"js\.",
        r"unp" + r"kg\.com",
        r"fonts\.google" + r"apis",
        r"google" + r"tagmanager",
    )
)
FORBIDDEN = re.compile(rf"(?:{INDEXES}|{NETWORKS})|--(?:extra-)?index-url", re.IGNORECASE)
ONE_MACHINE = re.compile(r"(?<![\w.~/-])/(?:home|root|Users|work|opt|mnt)/")
ADDRESS = re.compile(r"https?://([^\s/\"'<>)\]]+)")

# Names of standards and of publications: cited, never fetched. Loopback is this machine.
CITED = re.compile(
    r"(?:doi\.org|(?:www\.)?w3\.org|(?:purl|raw)\.obolibrary\.org|127\.0\.0\.1|localhost)(?::|$)"
)


def committed() -> list[Path]:
    """Return the text files that a clone holds."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    if listed.returncode != 0:
        pytest.skip("this tree is no git clone, so which files are committed is not known")
    paths = [PROJECT / name for name in listed.stdout.split("\0") if name]
    binary = {".png", ".bgz", ".gz", ".tbi", ".parquet"}
    return [path for path in paths if path.is_file() and path.suffix not in binary]


def matches(pattern: re.Pattern[str], paths: list[Path]) -> list[str]:
    """Return where a pattern occurs, as file and line."""
    found = []
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if pattern.search(line):
                found.append(f"{path.relative_to(PROJECT)}:{number}")
    return found


def test_no_file_names_a_package_index_or_a_content_network() -> None:
    assert matches(FORBIDDEN, committed()) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    paths = [path for path in committed() if path != Path(__file__)]
    assert matches(ONE_MACHINE, paths) == []


def test_what_runs_fetches_nothing_from_outside() -> None:
    running = [
        path
        for path in committed()
        if path.relative_to(PROJECT).parts[0] in {"gecip", "domains", "notebooks"}
    ]
    assert running
    outside = []
    for path in running:
        hosts = ADDRESS.findall(path.read_text(encoding="utf-8"))
        outside += [
            f"{path.relative_to(PROJECT)}: {host}" for host in hosts if not CITED.match(host)
        ]
    assert outside == []


@pytest.mark.parametrize(
    "line",
    [
        "--index" + "-url something",
        "pip install from https://py" + "pi.org/project",
        '<script src="https://cdn.' + 'jsdelivr.net/x.js">',
    ],
)
def test_the_search_finds_what_it_looks_for(line: str) -> None:
    assert FORBIDDEN.search(line)

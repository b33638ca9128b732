"""The synthetic release's untidy score file: each row has the verdict that the answer key counts."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from gecip.analysis.genetic.polygenic_score import USED, matched_rows
from gecip.release.score_files import read_score_file
from gecip.synthetic.answer_key import read_answers


def test_the_planted_score_has_the_coverage_that_was_planted(small_release_folder: Path) -> None:
    answers = {answer.kind: answer for answer in read_answers(small_release_folder)}
    planted = answers["polygenic_score"].expected
    sites = [name.split(":") for name in planted["weights"]]
    callset = pd.DataFrame(sites, columns=["contig", "position", "reference", "alternate"])
    callset = callset.astype({"position": int}).assign(alternate_frequency=0.3, missing_rate=0.0)
    file = read_score_file(small_release_folder / planted["file"])
    assert file.assembly == "GRCh38"
    found = matched_rows(file.rows, callset)
    counts = found["verdict"].value_counts().to_dict()
    expected = answers["score_coverage"].expected
    assert counts == {kind: count for kind, count in expected.items() if count}
    used = found[found["verdict"].isin(USED)]
    for row in used.to_dict("records"):
        name = f"{row['contig']}:{row['position']}:{row['reference']}:{row['alternate']}"
        # Copies of the reference have the opposite effect.
        sign = 1 if row["copies_of"] == "alternate" else -1
        assert abs(sign * row["weight"] - planted["weights"][name]) < 1e-9

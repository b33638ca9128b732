"""regenie's own example, of 500 people and 1,000 variants (rgcgithub/regenie, MIT), read back."""

from __future__ import annotations

import numpy as np
from scipy.stats import chi2

from gecip.genotypes.regenie_files import import_from_regenie
from tests.real_data.public_data import public_data


def test_regenies_example_is_read_whole_and_agrees_with_itself() -> None:
    found = import_from_regenie(public_data("truth/regenie/example.test_bin_out_firth_Y1.regenie"))
    assert len(found) == 1000
    first = found.iloc[0]
    assert first[["contig", "position", "reference", "alternate", "n"]].tolist() == [
        "chr1",
        1,
        "2",
        "1",
        494,
    ]
    assert first["beta"] == 0.0775674
    # Chi-squared and p are written with six digits each.
    assert np.allclose(
        chi2.logsf(found["statistic"], 1) / np.log(10), found["log10_p"], rtol=2e-4, atol=2e-5
    )

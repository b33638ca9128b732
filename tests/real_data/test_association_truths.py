"""Association against other programs' results: EPACTS' Firth test, and regenie's own example."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gecip.analysis.genetic.association_design import designs
from gecip.analysis.genetic.association_local import fit_logistic
from gecip.genotypes.compact_runs import whole_store
from gecip.genotypes.compact_writing import compact_from_bed
from gecip.genotypes.vcf_genotypes import compact_from_vcfs
from gecip.genotypes.vcf_import import read_header
from tests.real_data.public_data import public_data

# EPACTS' b.firth of 2,535 people of the 1000 Genomes, with sex and two components: position, effect, p.
EPACTS = (
    (16060511, -0.097079, 0.26593),
    (16115878, -0.052301, 0.64197),
    (16115882, -0.15567, 0.04991),
    (16117940, -0.7524, 0.30731),
    (16117953, 0.5258, 0.22562),
)


def test_firth_is_that_of_epacts(tmp_path: Path) -> None:
    import pysam

    plain = public_data("truth/hail/regressionLogisticEpacts.vcf")
    vcf = tmp_path / "epacts.vcf.gz"
    with pysam.BGZFile(str(vcf), "wb") as out:
        out.write(plain.read_bytes())
    samples = read_header(vcf).samples
    store = compact_from_vcfs(
        tmp_path / "c", [vcf], samples=samples, usable=range(len(samples)), keep_partial=True
    )
    fam = pd.read_csv(
        plain.with_suffix(".fam"), sep=r"\s+", header=None, usecols=[1, 4, 5], names=["f", "sample", "a", "b", "sex", "status"]
    )  # fmt: skip
    components = pd.read_csv(plain.with_suffix(".cov"), sep="\t", index_col="IND_ID")
    people = pd.DataFrame({"sample": samples}).merge(fam, on="sample", how="left")
    people = people.join(components, on="sample")
    people["female"] = people["sex"] == 2
    people["case"] = people["status"] == 2
    (design,) = designs(people, ["case"], ["female", "PC1", "PC2"], binary=True)
    genotypes = whole_store(store, people)
    _, fits = fit_logistic(genotypes, design, doubled=True, test="firth")
    assert genotypes.variants["position"].tolist() == [position for position, _, _ in EPACTS]
    for place, (_, effect, p) in enumerate(EPACTS):
        # To the digits that EPACTS gives.
        assert fits.beta[place, 0] == pytest.approx(effect, rel=1e-4)
        assert stats.chi2.sf(fits.statistic[place, 0], 1) == pytest.approx(p, rel=1e-4)


def test_regenies_example_is_read_alike_and_its_effects_are_found(tmp_path: Path) -> None:
    """Regenie left six people out, offset its fits by its first step and approximated Firth's: close, not equal."""
    bed = public_data("truth/regenie/example.bed")
    own = pd.read_csv(bed.with_name("example.test_bin_out_firth_Y1.regenie"), sep=" ")
    store = compact_from_bed(tmp_path / "c", bed)
    people = pd.DataFrame({"IID": [int(name) for name in store.samples]})
    for name in ("covariates.txt", "phenotype_bin.txt"):
        people = people.merge(
            pd.read_csv(bed.with_name(name), sep=" ").drop(columns="FID"), on="IID", how="left"
        )
    (design,) = designs(people, ["Y1"], ["V1", "V2", "V3"], binary=True)
    genotypes = whole_store(store, people)
    counts, fits = fit_logistic(genotypes, design, doubled=True, test="firth")
    assert store.count == (1000, 500)
    frequency = counts.alternate_alleles / counts.alleles
    by_regenie = own.set_index("GENPOS").loc[genotypes.variants["position"]]
    # A1FREQ is of 494 people: within what six people can change of it.
    assert np.abs(frequency - by_regenie["A1FREQ"]).max() < 6 / 494
    assert np.corrcoef(fits.beta[:, 0], by_regenie["BETA"])[0, 1] > 0.97
    assert np.corrcoef(fits.statistic[:, 0], by_regenie["CHISQ"])[0, 1] > 0.9
    assert fits.statistic[:, 0].argmax() == by_regenie["CHISQ"].to_numpy().argmax()


def test_a_bed_of_some_people_with_its_alleles_the_other_way_round(tmp_path: Path) -> None:
    bed = public_data("truth/regenie/example.bed")
    whole = compact_from_bed(tmp_path / "a", bed)
    some = compact_from_bed(tmp_path / "b", bed, usable={"7", "3", "499"}, alternate_first=False)
    assert some.samples == ("3", "7", "499")
    (block,) = some.blocks()
    (every,) = whole.blocks()
    expected = every.dosages()[:, [2, 6, 498]]
    assert (block.dosages() == np.where(expected < 0, -1, 2 - expected)).all()
    swapped = some.variants.select(["reference", "alternate"]).to_pylist()[0]
    assert tuple(swapped.values()) == tuple(whole.variants.select(["alternate", "reference"]).to_pylist()[0].values())  # fmt: skip

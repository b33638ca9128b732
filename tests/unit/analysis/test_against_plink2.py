"""The local engine against plink2 on the same BED: a second implementation, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.analysis.genetic.association import associate_compact
from gecip.analysis.genetic.kinship import count_shared
from gecip.genotypes.compact_runs import CompactGenotypes
from tests.unit.analysis.compact_people import compact_people

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("plink2") is None, reason="plink2 is not installed"),
]
PEOPLE, VARIANTS = 300, 160
COVARIATES = ["age", "pc"]


@pytest.fixture(scope="module")
def genotypes(tmp_path_factory: pytest.TempPathFactory) -> CompactGenotypes:
    """Variants from singletons to common ones, half with the alternate as the commoner allele; nobody's is missing."""
    generator = np.random.default_rng(20)
    frequency = np.exp(generator.uniform(np.log(0.002), np.log(0.5), size=(VARIANTS, 1)))
    dosages = generator.binomial(2, frequency, size=(VARIANTS, PEOPLE))
    dosages[::2] = 2 - dosages[::2]
    effect = 0.7 * dosages[-1] + generator.normal(size=PEOPLE)
    people = pd.DataFrame(
        {
            "age": generator.uniform(20, 80, PEOPLE),
            "pc": generator.normal(size=PEOPLE),
            "height": effect,
            "case": (effect + generator.normal(size=PEOPLE) > 2).astype(int),
        }
    )
    return compact_people(tmp_path_factory.mktemp("plink2"), dosages, people)


def by_plink2(genotypes: CompactGenotypes, folder: Path, *words: str) -> None:
    (run,) = genotypes.runs
    shutil.copy(run.store.folder / "genotypes.bed", folder / "g.bed")
    lines = [f"1\tv{n}\t0\t{n}\tG\tA\n" for n in genotypes.variants["position"]]
    (folder / "g.bim").write_text("".join(lines), encoding="utf-8")
    lines = [f"0\tp{n}\t0\t0\t1\t-9\n" for n in genotypes.people["participant_id"]]
    (folder / "g.fam").write_text("".join(lines), encoding="utf-8")
    command = ["plink2", "--bfile", str(folder / "g"), "--out", str(folder / "o"), "--threads", "1", *words]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def regression(
    genotypes: CompactGenotypes, folder: Path, phenotype: str, *options: str
) -> pd.DataFrame:
    """plink2's results of each variant with one, in order; its effects turned to the alternate allele's."""
    names = "p" + genotypes.people["participant_id"].astype(str)
    people = genotypes.people.assign(**{"#IID": names})
    outcome = people[["#IID", phenotype]]
    outcome = outcome.assign(case=outcome["case"] + 1) if phenotype == "case" else outcome
    outcome.to_csv(folder / "y.tsv", sep="\t", index=False)
    people[["#IID", *COVARIATES]].to_csv(folder / "c.tsv", sep="\t", index=False)
    files = ["--pheno", str(folder / "y.tsv"), "--covar", str(folder / "c.tsv")]
    # Rare variants, whose genotypes and covariates may be told by each other, are refused by default.
    more = ["--vif", "1000000", "--max-corr", "1"]
    by_plink2(genotypes, folder, *files, *more, "--glm", "hide-covar", *options)
    (path,) = folder.glob(f"o.{phenotype}.glm.*")
    found = pd.read_csv(path, sep="\t").set_index("POS")
    turned = np.where(found["A1"] == "G", 1, -1)
    column = "BETA" if "BETA" in found else "LOG(OR)"
    beta = np.log(found["OR"]) if column not in found else found[column]
    return found.assign(beta=beta * turned)


def test_linear_slopes_and_p_values_are_those_of_plink2(
    genotypes: CompactGenotypes, tmp_path: Path
) -> None:
    theirs = regression(genotypes, tmp_path, "height").dropna(subset="P")
    ours = associate_compact(genotypes, ["height"], COVARIATES).set_index("position")
    ours = ours.loc[theirs.index]
    assert len(ours) > VARIANTS * 0.8
    # plink2 writes six digits.
    assert ours["beta"].to_numpy() == pytest.approx(theirs["beta"].to_numpy(), rel=1e-4, abs=1e-6)
    assert ours["standard_error"].to_numpy() == pytest.approx(theirs["SE"].to_numpy(), rel=1e-4)
    assert ours["p_value"].to_numpy() == pytest.approx(theirs["P"].to_numpy(), rel=1e-4)


def test_firth_steps_in_where_plink2_falls_back_on_it_and_gives_the_same_estimates(
    genotypes: CompactGenotypes, tmp_path: Path
) -> None:
    theirs = regression(genotypes, tmp_path, "case", "firth-fallback", "cols=+beta").dropna(
        subset="P"
    )
    options = {"model": "logistic", "test": "firth-fallback"}
    ours = associate_compact(genotypes, ["case"], COVARIATES, **options).set_index("position")  # type: ignore[arg-type]
    ours = ours.loc[theirs.index]
    assert len(ours) > VARIANTS * 0.8
    fell = ours["firth"].to_numpy()
    assert 10 < fell.sum() < len(fell) - 50
    assert fell.tolist() == (theirs["FIRTH?"] == "Y").tolist()
    # plink2 computes in single precision, and stops at steps of 1e-4.
    assert ours["beta"].to_numpy() == pytest.approx(theirs["beta"].to_numpy(), rel=5e-3, abs=5e-3)
    wald = theirs[~fell]
    assert ours.loc[wald.index, "p_value"].to_numpy() == pytest.approx(wald["P"].to_numpy(), rel=5e-3)  # fmt: skip


def test_kinship_is_that_of_plink2(genotypes: CompactGenotypes, tmp_path: Path) -> None:
    by_plink2(genotypes, tmp_path, "--make-king-table")
    theirs = pd.read_csv(tmp_path / "o.kin0", sep="\t").rename(columns={"#IID1": "IID1"})
    ours = np.full((PEOPLE, PEOPLE), np.nan)
    for piece in count_shared(genotypes):
        ours[piece.first, piece.other] = piece.counted["kinship"]
    first, other = (theirs[name].str[1:].astype(int).to_numpy() for name in ("IID1", "IID2"))
    of_pair = ours[np.minimum(first, other), np.maximum(first, other)]
    assert len(theirs) == PEOPLE * (PEOPLE - 1) / 2
    assert of_pair == pytest.approx(theirs["KINSHIP"].to_numpy(), abs=2e-6)

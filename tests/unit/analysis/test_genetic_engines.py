"""Statistics of genomes by both engines, Hail's and the local one: one answer, and that of an independent count."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.analysis.genetic.kernel_association import TOO_LARGE, kernel_association
from gecip.analysis.genetic.polygenic_score import USED, polygenic_score
from gecip.analysis.genetic.transmission import Trio, transmission_disequilibrium
from gecip.errors import AnalysisError, GenotypesError
from gecip.genotypes import Genotypes
from gecip.genotypes.dosages import dosage_matrix
from gecip.genotypes.regenie_files import export_to_regenie
from gecip.release.score_files import ScoreFile
from tests.unit.analysis.genetic_statistics import FAMILIES, GENE, OTHER_GENE, write_families

pytestmark = pytest.mark.jvm


@pytest.fixture(scope="module")
def genotypes(hail: Any, tmp_path_factory: pytest.TempPathFactory) -> Genotypes:
    folder = write_families(tmp_path_factory.mktemp("releases") / "families")
    loaded = load_genotypes(select_cohort(define_cohort("Everyone"), open_release(folder)))
    mt = loaded.mt
    random = np.random.default_rng(4)
    ids = mt.participant_id.collect()
    traits = {
        one: hail.Struct(
            height=float(random.normal(170, 9)),
            case=bool(random.random() < 0.4),
            age=int(random.integers(20, 70)),
        )
        for one in ids
    }
    kinds = hail.tstruct(height=hail.tfloat64, case=hail.tbool, age=hail.tint32)
    known = hail.literal(traits, hail.tdict(mt.participant_id.dtype, kinds))
    mt = mt.annotate_cols(
        **{name: known[mt.participant_id][name] for name in ("height", "case", "age")}
    )
    # One person lacks the trait, as happens.
    mt = mt.annotate_cols(height=hail.or_missing(mt.participant_id != 1005, mt.height))
    return loaded.with_matrix(mt, because="traits drawn by a test")


@pytest.mark.parametrize("phenotype", ["height", "case"])
def test_both_engines_agree_on_skat(genotypes: Genotypes, phenotype: str) -> None:
    local, by_hail = (
        kernel_association(genotypes, phenotype=phenotype, covariates=["age"], engine=engine)
        for engine in ("local", "hail")
    )
    assert local.n_people == by_hail.n_people == (119 if phenotype == "height" else 120)
    assert local.is_binary == by_hail.is_binary == (phenotype == "case")
    assert sorted(local.genes["gene"]) == [GENE, OTHER_GENE]
    both = local.genes.merge(by_hail.genes, on="gene", suffixes=("", "_hail"))
    assert len(both) == 2
    assert both["q_statistic"].to_numpy() == pytest.approx(
        both["q_statistic_hail"].to_numpy(), rel=1e-6
    )
    # Davies' method, as Hail has it, is good to 1e-6 of 1, not of p.
    assert both["p_value"].to_numpy() == pytest.approx(both["p_value_hail"].to_numpy(), abs=2e-6)
    if phenotype == "case":
        assert "No small-sample correction" in local.caveats[0]
    assert any("1e-6" in said for said in by_hail.caveats)


@pytest.mark.parametrize("engine", ["local", "hail"])
def test_a_gene_that_is_too_large_is_told(genotypes: Genotypes, engine: str) -> None:
    found = kernel_association(genotypes, phenotype="height", most_variants=5, engine=engine)  # type: ignore[arg-type]
    assert found.genes.empty
    assert set(found.not_tested["reason"]) == {TOO_LARGE}


def test_what_skat_cannot_use_is_refused(genotypes: Genotypes) -> None:
    for asked, complaint in (
        ({"phenotype": "hieght"}, "no clinical column 'hieght'"),
        ({"phenotype": "sex"}, "'sex' is not numeric"),
        ({"phenotype": "height", "weights": "madsen"}, "not 'madsen'"),
        ({"phenotype": "height", "engine": "spark"}, "not 'spark'"),
        ({"phenotype": "height", "genes": ["PKD11"]}, "no gene 'PKD11'"),
    ):
        with pytest.raises(AnalysisError, match=complaint):
            kernel_association(genotypes, **asked)  # type: ignore[arg-type]


def test_both_engines_agree_on_transmissions_of_autosomes_and_x(genotypes: Genotypes) -> None:
    trios = [Trio(1002 + 3 * i, 1000 + 3 * i, 1001 + 3 * i, i % 2 == 1) for i in range(FAMILIES)]
    absent = Trio(1, 2, 3, is_female=False)
    local, by_hail = (
        transmission_disequilibrium(genotypes, trios=[*trios, absent], engine=engine)
        for engine in ("local", "hail")
    )
    assert (local.n_trios, local.n_left_out) == (FAMILIES, 1)
    assert set(local.variants["contig"]) == {"chr4", "chr16", "chrX"}
    keys = ["contig", "position", "reference", "alternate"]
    frames = [found.variants.sort_values(keys, ignore_index=True) for found in (local, by_hail)]
    pd.testing.assert_frame_equal(frames[0], frames[1], check_dtype=False)
    assert local.variants["transmitted"].sum() > 200
    of_x = local.variants[local.variants["contig"] == "chrX"]
    assert of_x["transmitted"].sum() > 20
    with pytest.raises(AnalysisError, match="None of the 1 trios"):
        transmission_disequilibrium(genotypes, trios=[absent])


def test_a_score_is_the_weighted_sum_of_what_was_counted(genotypes: Genotypes) -> None:
    counts, variants, people = dosage_matrix(genotypes)
    autosomal = np.flatnonzero((variants["contig"] != "chrX") & (counts >= 0).any(axis=1))
    random = np.random.default_rng(8)
    rows, weights = [], np.zeros(len(variants))
    for place in autosomal:
        variant, weight, swapped = (
            variants.loc[place],
            float(random.normal()),
            bool(random.random() < 0.5),
        )
        effect, other = variant["alternate"], variant["reference"]
        weights[place] = -weight if swapped else weight
        if swapped:
            effect, other = other, effect
        if frozenset((effect, other)) == frozenset("AT"):
            weights[place] = 0
        rows.append((variant["contig"], variant["position"], effect, other, weight))
    frame = pd.DataFrame(
        rows, columns=["contig", "position", "effect_allele", "other_allele", "weight"]
    )
    frame = frame.assign(effect_frequency=np.nan, is_additive=True)
    found = polygenic_score(genotypes, file=ScoreFile("drawn", "GRCh38", {}, frame))
    assert found.coverage["verdict"].value_counts()["ambiguous"] == 2
    assert found.n_used == int(found.coverage["verdict"].isin(USED).sum()) == len(frame) - 2
    filled = counts.astype(float)
    for place in autosomal:
        called = counts[place] >= 0
        filled[place, ~called] = counts[place, called].mean()
    expected = weights[autosomal] @ filled[autosomal]
    scores = (
        found.scores.set_index("participant_id").loc[people["participant_id"], "score"].to_numpy()
    )
    # A swapped row counts the reference, which moves everybody's score by the same.
    assert scores - scores.mean() == pytest.approx(expected - expected.mean(), abs=1e-9)


def test_a_score_on_the_older_assembly_needs_a_chain(genotypes: Genotypes, tmp_path: Path) -> None:
    counts, variants, _ = dosage_matrix(genotypes)
    place = int(np.flatnonzero((variants["contig"] == "chr16") & (counts >= 0).any(axis=1))[0])
    position = int(variants.loc[place, "position"])
    frame = pd.DataFrame(
        {
            "contig": ["chr16", "chr16"],
            "position": pd.array([position - 1000, 90_000_000], dtype="Int64"),
            "effect_allele": ["G", "G"],
            "other_allele": ["A", "A"],
            "weight": [1.0, 1.0],
            "effect_frequency": [np.nan, np.nan],
            "is_additive": [True, True],
        }
    )
    file = ScoreFile("old", "GRCh37", {}, frame)
    with pytest.raises(AnalysisError, match="on GRCh37 and the genomes are on GRCh38"):
        polygenic_score(genotypes, file=file)
    chain = tmp_path / "a thousand further.chain"
    size = 5_000_000
    chain.write_text(
        f"chain 1 16 90354753 + 0 {size} chr16 90338345 + 1000 {size + 1000} 1\n{size}\n\n",
        encoding="utf-8",
    )
    found = polygenic_score(genotypes, file=file, chain=str(chain))
    assert found.coverage["verdict"].tolist() == ["matched", "not lifted over"]
    assert found.coverage.loc[0, "position"] == position


def test_a_score_of_which_nothing_is_there_is_refused(genotypes: Genotypes) -> None:
    frame = pd.DataFrame(
        {
            "contig": ["chr1"],
            "position": [5],
            "effect_allele": ["A"],
            "other_allele": ["G"],
            "weight": [1.0],
            "effect_frequency": [np.nan],
            "is_additive": [True],
        }
    )
    with pytest.raises(AnalysisError, match=r"None of the 1 variants.*1 absent"):
        polygenic_score(genotypes, file=ScoreFile("elsewhere", "GRCh38", {}, frame))


def test_regenies_files_hold_people_variants_and_masks(
    genotypes: Genotypes, tmp_path: Path
) -> None:
    masks = {"LoF": ["stop_gained"], "damaging": ["stop_gained", "missense_variant"]}
    made = export_to_regenie(
        genotypes, tmp_path / "regenie", phenotypes=["height"], covariates=["age"], masks=masks
    )
    folder = made.folder
    phenotypes = pd.read_csv(folder / "phenotypes.txt", sep=" ")
    assert list(phenotypes) == ["FID", "IID", "height"]
    assert phenotypes.loc[phenotypes["IID"] == 1005, "height"].isna().all()
    fam = pd.read_csv(folder / "genotypes.fam", sep="\t", header=None)
    assert fam[1].tolist() == phenotypes["IID"].tolist()
    assert fam[4].tolist()[:6] == [1, 2, 1, 1, 2, 2]
    annotations = pd.read_csv(folder / "annotations.txt", sep=" ", header=None)
    assert set(annotations[2]) == {"stop_gained", "missense_variant"}
    sets = (folder / "sets.txt").read_text(encoding="utf-8").splitlines()
    listed = {name for line in sets for name in line.split()[3].split(",")}
    assert listed == set(annotations[0])
    bim = pd.read_csv(folder / "genotypes.bim", sep="\t", header=None)
    assert listed <= set(bim[1])
    # The alternate, whose effect regenie gives, is PLINK's first allele.
    assert bim.loc[0, [4, 5]].tolist() == ["G", "A"]
    assert (folder / "masks.txt").read_text(
        encoding="utf-8"
    ) == "LoF stop_gained\ndamaging stop_gained,missense_variant\n"
    script = made.commands.read_text(encoding="utf-8")
    assert "--step 1" in script
    assert "--pred step1_pred.list" in script
    assert "--mask-def masks.txt" in script
    with pytest.raises(GenotypesError, match="there already"):
        export_to_regenie(genotypes, folder, phenotypes=["height"])
    with pytest.raises(GenotypesError, match="'sex' is not numeric"):
        export_to_regenie(genotypes, tmp_path / "other", phenotypes=["sex"])

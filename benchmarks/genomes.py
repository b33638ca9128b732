"""Genomes: gecip against plain Hail on the same session, and against plink2 and bcftools, on the same files.

The specialists are whole processes, from files on disk to a table written; plain Hail and gecip run in one
warm session and end with the same table written. `cold` is the first time in a process, with what was
compiled before taken from the cache. Jobs alternate, the best of some turns counts. Plain Hail's kinship
takes minutes: it is asked for the first people only.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.measuring import table

SEED = 1
COVARIATES = [f"c{number}" for number in range(10)]
PEOPLE, LENGTH, MUTATION_RATE = 2_500, 1e7, 1.27e-8
HAIL_KINSHIP_PEOPLE = 500
GROWTH = (
    [(people, 10_000) for people in (1_000, 5_000, 10_000, 20_000)]
    + [(1_000, variants) for variants in (100_000, 1_000_000)]
)  # fmt: skip
TURNS = 3
LINEAR = "linear association, 10 covariates"
WALD = "logistic association (Wald), 10 covariates"
FALLBACK = "logistic association (firth-fallback), 10 covariates"
FIRTH = "logistic association (Firth, every variant)"
SCORE = "logistic association (score)"

Seconds = dict[str, list[float]]


def run(workspace: Path, sizes: tuple[int, ...] = (PEOPLE,)) -> Iterator[str]:
    """Yield the results as Markdown: the two sets, then growing sizes."""
    load = os.getloadavg()[0]
    yield f"Load of the machine at the start: {load:.1f} on {os.cpu_count()} cores; {_versions()}.\n"
    for people in sizes:
        yield from _set(workspace, f"simulated, {people:,} people", _simulated(workspace, people))
    public = Path(__file__).parents[2] / "shared" / "data" / "1000-genomes" / "phase3.vcf.gz"
    if public.exists() and sizes == (PEOPLE,):
        yield from _set(workspace, "1000 Genomes, 2,504 people", public)
    yield from _growth(workspace)
    yield f"\nLoad at the end: {os.getloadavg()[0]:.1f}."


# -- the sets -----------------------------------------------------------------------------------------


def _simulated(workspace: Path, people: int) -> Path:
    """Return a VCF of so many people under the standard coalescent, made once: chr20, 10 Mb."""
    import msprime
    import pysam

    vcf = workspace / f"simulated-{people}.vcf.gz"
    if vcf.exists():
        return vcf
    trees = msprime.sim_ancestry(
        people, sequence_length=LENGTH, recombination_rate=1e-8, population_size=1e4, random_seed=SEED
    )  # fmt: skip
    trees = msprime.sim_mutations(
        trees, rate=MUTATION_RATE, model=msprime.BinaryMutationModel(), random_seed=SEED
    )
    names = "\t".join(f"S{number:05}" for number in range(people))
    partial = vcf.with_suffix(".partial")
    with pysam.BGZFile(str(partial), "wb") as out:
        head = "##fileformat=VCFv4.2\n##contig=<ID=chr20,length=64444167>\n"
        head += '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        out.write(
            f"{head}#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t{names}\n".encode()
        )
        before = 0
        for variant in trees.variants():
            position = int(variant.site.position) + 1
            if position == before or len(variant.alleles) != 2:
                continue
            before = position
            text = np.full((people, 4), ord("\t"), dtype=np.uint8)
            text[:, 0] = variant.genotypes[::2] + ord("0")
            text[:, 1] = ord("|")
            text[:, 2] = variant.genotypes[1::2] + ord("0")
            text[-1, 3] = ord("\n")
            out.write(f"chr20\t{position}\t.\tA\tG\t.\tPASS\t.\tGT\t".encode() + text.tobytes())
    partial.rename(vcf)
    return vcf


def _people(samples: list[str]) -> pd.DataFrame:
    """Return invented phenotypes and covariates of samples."""
    generator = np.random.default_rng(SEED)
    frame = pd.DataFrame({"sample": samples})
    for name in COVARIATES:
        frame[name] = generator.normal(size=len(samples))
    frame["y"] = 0.3 * frame["c0"] + generator.normal(size=len(samples))
    odds = np.exp(0.3 * frame["c1"] - 0.8)
    frame["case"] = (generator.random(len(samples)) < odds / (1 + odds)).astype(int)
    return frame


def _plink_people(folder: Path, frame: pd.DataFrame) -> None:
    names = frame[["sample"]].set_axis(["#IID"], axis=1)
    names.join(frame[COVARIATES]).to_csv(folder / "covariates.tsv", sep="\t", index=False)
    names.join(frame[["y"]]).to_csv(folder / "y.tsv", sep="\t", index=False)
    names.join(frame[["case"]] + 1).to_csv(folder / "case.tsv", sep="\t", index=False)


def _prepared_folder(workspace: Path, vcf: Path) -> Path:
    """Return a folder with what the programs read: plink2's own files, phenotypes and covariates."""
    from gecip.genotypes.vcf_import import read_header

    folder = workspace / f"{vcf.name.split('.')[0]}-files"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    people = _people(list(read_header(vcf).samples))
    people.to_csv(folder / "people.tsv", sep="\t", index=False)
    _plink_people(folder, people)
    _command("plink2", "--vcf", str(vcf), "--make-pgen", "--out", str(folder / "p"))
    return folder


def _set(workspace: Path, title: str, vcf: Path) -> Iterator[str]:
    """Yield the table of one set: our part and plain Hail's run in a process of their own."""
    folder = _prepared_folder(workspace, vcf)
    command = [sys.executable, "-m", "benchmarks.genomes", str(vcf), str(folder)]
    # What each job took is told on standard error as it goes.
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    yield _table(title, found)


def _table(title: str, found: dict[str, Any]) -> str:
    return f"\n## {title}, {found['variants']:,} variants\n\n" + table(
        ["job", "gecip cold, s", "gecip warm, s", "plain Hail, s", "times faster", "specialist, s", "gecip / specialist", "specialist"],
        [_row(job, found["seconds"]) for job in found["jobs"]],
    )  # fmt: skip


def _row(job: list[str], seconds: Seconds) -> list[str]:
    name, specialist = job
    ours = seconds[f"gecip {name}"]
    warm = min(ours[1:] or ours)
    hail = min(seconds.get(f"hail {name}", [float("nan")]))
    other = min(seconds.get(f"specialist {name}", [float("nan")]))
    return [
        name, f"{ours[0]:.2f}", f"{warm:.3f}", _told(hail, 1), _told(hail / warm, 1),
        _told(other, 2), _told(warm / other, 2), specialist,
    ]  # fmt: skip


def _told(number: float, digits: int) -> str:
    return "–" if np.isnan(number) else f"{number:.{digits}f}"


def _versions() -> str:
    names = [("plink2", "--version"), ("bcftools", "--version")]
    told = [
        subprocess.run(name, capture_output=True, text=True, check=True).stdout.splitlines()[0]
        for name in names
    ]
    return ", ".join(told)


def _command(*words: str) -> float:
    begin = time.perf_counter()
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)} failed:\n{done.stderr}")
    return time.perf_counter() - begin


# -- the jobs of a set, in a process of their own ----------------------------------------------------


class _Jobs:
    """Times jobs by turns: each once, then each again."""

    def __init__(self) -> None:
        self.seconds: Seconds = {}
        self.jobs: list[tuple[str, str]] = []

    def time(
        self, name: str, program: str, /, turns: int = TURNS, **ways: Callable[[], Any]
    ) -> None:
        """Time the ways of doing a job: `gecip`, `hail` (once if it takes long), `specialist`."""
        self.jobs.append((name, program))
        for turn in range(turns):
            for way, work in ways.items():
                before = self.seconds.setdefault(f"{way} {name}", [])
                if turn and way == "hail" and before[0] > 10:
                    continue
                begin = time.perf_counter()
                work()
                before.append(time.perf_counter() - begin)
        print(name, {w: self.seconds[f"{w} {name}"] for w in ways}, file=sys.stderr, flush=True)


def _main(vcf: Path, folder: Path) -> None:
    import hail as hl

    from gecip.cohort import define_cohort, select_cohort
    from gecip.genotypes import hail_session, load_genotypes
    from gecip.release import open_release
    from gecip.release.importing import import_release

    os.environ["GECIP_CACHE"] = str(folder / "cache")
    hail_session()
    people = pd.read_csv(folder / "people.tsv", sep="\t")
    people[["sample"]].to_csv(folder / "samples.tsv", sep="\t", index=False)
    import_release(folder / "release", vcfs=[vcf], participants=folder / "samples.tsv", assembly="GRCh38")  # fmt: skip
    release = open_release(folder / "release")
    jobs = _Jobs()
    _loading(jobs, vcf, folder, release)
    genotypes = load_genotypes(select_cohort(define_cohort("Everyone"), release))
    numbered = genotypes.mt.cols().to_pandas()[["participant_id", "sample"]]
    people = numbered.merge(people, on="sample")
    plain = hl.read_matrix_table(str(folder / "plain.mt"))
    _associations(jobs, folder, genotypes, people, plain)
    _structure(jobs, folder, genotypes, plain)
    _kinship(jobs, folder, genotypes, plain)
    _carriers(jobs, release, plain)
    variants = plain.count_rows()
    print(json.dumps({"seconds": jobs.seconds, "jobs": jobs.jobs, "variants": variants}))


def _loading(jobs: _Jobs, vcf: Path, folder: Path, release: Any) -> None:
    import hail as hl

    from gecip.genotypes import load_release

    def by_hail() -> None:
        mt = hl.import_vcf(str(vcf), force_bgz=True, reference_genome="GRCh38")
        mt.write(str(folder / "plain.mt"), overwrite=True)

    def ours() -> None:
        shutil.rmtree(folder / "cache" / "genotypes", ignore_errors=True)
        load_release(release)

    jobs.time("load, MatrixTable and store", "–", gecip=ours, hail=by_hail, turns=2)
    _storing(jobs, vcf, folder)


def _storing(jobs: _Jobs, vcf: Path, folder: Path) -> None:
    from gecip.genotypes.vcf_genotypes import compact_from_vcfs
    from gecip.genotypes.vcf_import import read_header

    samples = read_header(vcf).samples

    def store() -> None:
        shutil.rmtree(folder / "compact", ignore_errors=True)
        compact_from_vcfs(
            folder / "compact", [vcf], samples=samples, usable=range(len(samples)), keep_partial=True
        )  # fmt: skip

    jobs.time(
        "the store alone", "bcftools view -Ob", gecip=store,
        specialist=lambda: _command("bcftools", "view", "-Ob", "-o", str(folder / "s.bcf"), str(vcf)),
    )  # fmt: skip


def _written(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as the specialists do, tab-separated, on all cores."""
    import pyarrow as pa
    from pyarrow import csv

    cores = os.cpu_count() or 1
    share = -(-len(frame) // cores) or 1

    def text(core: int) -> pa.Buffer:
        options = csv.WriteOptions(delimiter="\t", quoting_style="none", include_header=core == 0)
        part = pa.Table.from_pandas(frame[core * share : (core + 1) * share], preserve_index=False)
        sink = pa.BufferOutputStream()
        csv.write_csv(part, sink, options)
        return sink.getvalue()

    with path.open("wb") as out, ThreadPoolExecutor(cores) as pool:
        for part in pool.map(text, range(cores)):
            out.write(part)


def _plink(folder: Path, *words: str) -> float:
    threads = str(os.cpu_count())
    return _command("plink2", "--pfile", str(folder / "p"), "--threads", threads, "--out", str(folder / "o"), *words)  # fmt: skip


def _plink_association(folder: Path, phenotype: str, *options: str) -> None:
    files = ["--pheno", str(folder / f"{phenotype}.tsv"), "--covar", str(folder / "covariates.tsv")]
    _plink(folder, *files, "--glm", "hide-covar", *options)


def _associations(
    jobs: _Jobs, folder: Path, genotypes: Any, people: pd.DataFrame, plain: Any
) -> None:
    import hail as hl

    from gecip.analysis.genetic.association import association

    known = people.set_index("sample").loc[plain.s.collect()]
    columns = hl.literal(known[[*COVARIATES, "y", "case"]].to_numpy(float).tolist())
    mt = plain.add_col_index("place")
    mt = mt.annotate_cols(known=columns[hl.int32(mt.place)])
    covariates = [1.0, *[mt.known[place] for place in range(10)]]
    x = mt.GT.n_alt_alleles()

    def ours(**options: Any) -> None:
        phenotype = "case" if options else "y"
        found = association(genotypes, phenotype, COVARIATES, people=people, **options)
        _written(found.frame, folder / "ours.tsv")

    def by_hail(found: Callable[[], Any]) -> None:
        found().export(str(folder / "hail.tsv"))

    def by_plink(phenotype: str, *options: str) -> None:
        _plink_association(folder, phenotype, *options)

    jobs.time(
        LINEAR, "plink2 --glm", turns=5, gecip=ours,
        hail=lambda: by_hail(lambda: hl.linear_regression_rows(y=mt.known[10], x=x, covariates=covariates)),
        specialist=lambda: by_plink("y"),
    )  # fmt: skip
    jobs.time(
        WALD, "plink2 --glm no-firth",
        gecip=lambda: ours(model="logistic"),
        hail=lambda: by_hail(lambda: hl.logistic_regression_rows(test="wald", y=mt.known[11], x=x, covariates=covariates)),
        specialist=lambda: by_plink("case", "no-firth"),
    )  # fmt: skip
    jobs.time(
        FALLBACK, "plink2 --glm firth-fallback", turns=2,
        gecip=lambda: ours(model="logistic", test="firth-fallback"),
        specialist=lambda: by_plink("case", "firth-fallback"),
    )  # fmt: skip
    jobs.time(
        FIRTH, "plink2 --glm firth", turns=1,
        gecip=lambda: ours(model="logistic", test="firth"),
        specialist=lambda: by_plink("case", "firth"),
    )  # fmt: skip
    jobs.time(SCORE, "–", gecip=lambda: ours(model="logistic", test="score"))


def _structure(jobs: _Jobs, folder: Path, genotypes: Any, plain: Any) -> None:
    import hail as hl

    from gecip.analysis.genetic.structure import principal_components

    def components() -> None:
        found = principal_components(genotypes, count=10, rarest=0.01)
        _written(found.scores, folder / "ours.tsv")

    common = hl.variant_qc(plain)
    frequency = common.variant_qc.AF[1]
    common = common.filter_rows((frequency >= 0.01) & (frequency <= 0.99))

    def by_hail() -> None:
        _, scores, _ = hl.hwe_normalized_pca(common.GT, k=10)
        scores.export(str(folder / "hail.tsv"))

    jobs.time(
        "PCA, 10 components, alleles above 1 %", "plink2 --pca approx", turns=2,
        gecip=components, hail=by_hail,
        specialist=lambda: _plink(folder, "--maf", "0.01", "--pca", "approx", "10"),
    )  # fmt: skip


def _kinship(jobs: _Jobs, folder: Path, genotypes: Any, plain: Any) -> None:
    """Time the kinship of all pairs; plain Hail's, whose time grows with their number, of the first people."""
    import hail as hl

    from gecip.analysis.genetic.kinship import kinship

    def ours(some: Any) -> None:
        _written(kinship(some).pairs, folder / "ours.tsv")

    def by_hail() -> None:
        few = plain.choose_cols(first)
        hl.king(few.GT).entries().export(str(folder / "hail.tsv"))

    first = list(range(min(HAIL_KINSHIP_PEOPLE, genotypes.people or 0)))
    few = genotypes.with_matrix(genotypes.mt.choose_cols(first), because="plain Hail takes long")
    jobs.time(
        "KING kinship, all pairs", "plink2 --make-king-table", gecip=lambda: ours(genotypes),
        specialist=lambda: _plink(folder, "--make-king-table"),
    )  # fmt: skip
    jobs.time(
        f"KING kinship of {len(first)} people", "–", turns=2, gecip=lambda: ours(few), hail=by_hail
    )  # fmt: skip


def _carriers(jobs: _Jobs, release: Any, plain: Any) -> None:
    """Time the carriers of genes that were not asked for before, with their clinical columns."""
    import hail as hl

    from gecip.analysis.genetic.carriers import count_carriers
    from gecip.cohort import define_cohort, select_cohort
    from gecip.genotypes import load_genotypes
    from gecip.genotypes.compact_selection import compact_genotypes
    from gecip.model.genes import GENES

    cohort = select_cohort(define_cohort("Everyone"), release)
    first = compact_genotypes(load_genotypes(cohort)).variants
    inside = [
        symbol
        for symbol, gene in GENES.items()
        if (
            (first["contig"] == gene.contig) & first["position"].between(gene.start, gene.stop)
        ).any()
    ]
    # Turns take turns: each way gets each gene once.
    ours_of, hails_of = iter(inside), iter(inside)

    def ours() -> None:
        gene = next(ours_of)
        genotypes = load_genotypes(cohort, genes=[gene])
        count_carriers(genotypes, genes=[gene], columns=["sex", "year_of_birth"], engine="local")

    def by_hail() -> None:
        gene = GENES[next(hails_of)]
        place = hl.parse_locus_interval(f"[{gene.contig}:{gene.start}-{gene.stop}]", "GRCh38")
        mt = hl.filter_intervals(plain, [place])
        mt = mt.select_cols(carried=hl.agg.sum(mt.GT.n_alt_alleles()))
        mt.filter_cols(mt.carried > 0).cols().to_pandas()

    if inside:
        turns = min(TURNS, len(inside))
        jobs.time("one gene's carriers, not asked for before", "–", turns=turns, gecip=ours, hail=by_hail)  # fmt: skip


# -- without Hail: quick to repeat -------------------------------------------------------------------


def run_local(workspace: Path, sizes: tuple[int, ...] = (PEOPLE,)) -> Iterator[str]:
    """Yield the local engine against the specialists alone, without a Hail session, then growing sizes."""
    yield f"Load of the machine at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {_versions()}.\n"
    sets = [(f"simulated, {people:,} people", _simulated(workspace, people)) for people in sizes]
    public = Path(__file__).parents[2] / "shared" / "data" / "1000-genomes" / "phase3.vcf.gz"
    if public.exists():
        sets.append(("1000 Genomes, 2,504 people", public))
    for title, vcf in sets:
        folder = _prepared_folder(workspace, vcf)
        command = [sys.executable, "-m", "benchmarks.genomes", "local", str(vcf), str(folder)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        yield _table(title, found)
    yield from _growth(workspace)
    yield f"\nLoad at the end: {os.getloadavg()[0]:.1f}."


def _local(vcf: Path, folder: Path) -> None:
    from gecip.analysis.genetic.association import associate_compact
    from gecip.genotypes.compact import CompactStore
    from gecip.genotypes.compact_runs import whole_store

    people = pd.read_csv(folder / "people.tsv", sep="\t")
    jobs = _Jobs()
    _storing(jobs, vcf, folder)
    store = CompactStore.open(folder / "compact")

    def ours(phenotype: str, **options: Any) -> None:
        frame = associate_compact(whole_store(store, people), [phenotype], COVARIATES, **options)
        _written(frame, folder / "ours.tsv")

    def by_plink(phenotype: str, *options: str) -> None:
        _plink_association(folder, phenotype, *options)

    jobs.time(
        LINEAR, "plink2 --glm", turns=7, gecip=lambda: ours("y"), specialist=lambda: by_plink("y")
    )
    jobs.time(
        WALD, "plink2 --glm no-firth",
        gecip=lambda: ours("case", model="logistic"), specialist=lambda: by_plink("case", "no-firth"),
    )  # fmt: skip
    jobs.time(
        FALLBACK, "plink2 --glm firth-fallback", turns=2,
        gecip=lambda: ours("case", model="logistic", test="firth-fallback"),
        specialist=lambda: by_plink("case", "firth-fallback"),
    )  # fmt: skip
    jobs.time(
        FIRTH, "plink2 --glm firth", turns=1,
        gecip=lambda: ours("case", model="logistic", test="firth"),
        specialist=lambda: by_plink("case", "firth"),
    )  # fmt: skip
    jobs.time(SCORE, "–", gecip=lambda: ours("case", model="logistic", test="score"))
    print(json.dumps({"seconds": jobs.seconds, "jobs": jobs.jobs, "variants": store.count[0]}))


# -- growing sizes -----------------------------------------------------------------------------------


def _growth(workspace: Path) -> Iterator[str]:
    """Yield how the local engine's time grows, one axis at a time, beside plink2's on the same BED."""
    rows = []
    for people, variants in GROWTH:
        folder = _invented(workspace, people, variants)
        command = [sys.executable, "-m", "benchmarks.genomes", "grow", str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"the jobs failed:\n{done.stderr}")
        rows.append([f"{people:,}", f"{variants:,}", *json.loads(done.stdout.splitlines()[-1])])
    yield "\n## Growing sizes, from a BED on disk to a table written\n\n" + table(
        ["people", "variants", "linear, s", "plink2, s", "logistic, s", "plink2, s", "peak memory of gecip, MB"],
        rows,
    )  # fmt: skip


def _invented(workspace: Path, people: int, variants: int) -> Path:
    """Return a folder with a compact store whose BED plink2 reads, of independent variants, made once."""
    import pyarrow as pa

    from gecip.genotypes.compact_writing import CompactWriter, Stretch, with_counts
    from gecip.genotypes.packed import count_genotypes, pack

    folder = workspace / f"grown-{people}-{variants}"
    if (folder / "store" / "contents.json").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    generator = np.random.default_rng(SEED)
    samples = [f"S{number:05}" for number in range(people)]
    none = np.zeros((0, 1), dtype=np.uint8)
    with CompactWriter(folder / "store", samples) as writer:
        for start in range(0, variants, 5_000):
            count = min(5_000, variants - start)
            # As many rare as common on the logarithm's scale, as populations have them.
            frequency = np.exp(generator.uniform(np.log(0.002), np.log(0.5), size=(count, 1)))
            draws = generator.random((2, count, people), dtype=np.float32) < frequency
            packed = pack(draws.sum(axis=0).astype(np.int8))
            keys = pa.table(
                {
                    "contig": ["chr1"] * count,
                    "position": pa.array(range(start + 1, start + count + 1), pa.int64()),
                    "reference": ["A"] * count,
                    "alternate": ["G"] * count,
                }
            )
            counts = count_genotypes(packed, None, people)
            writer.append(Stretch(with_counts(keys, counts), packed, none))
        writer.finish()
    frame = _people(samples)
    frame.to_csv(folder / "people.tsv", sep="\t", index=False)
    _plink_people(folder, frame)
    bim = "".join(f"1\tv{n}\t0\t{n}\tG\tA\n" for n in range(1, variants + 1))
    (folder / "store" / "genotypes.bim").write_text(bim)
    fam = "".join(f"0\t{name}\t0\t0\t0\t-9\n" for name in samples)
    (folder / "store" / "genotypes.fam").write_text(fam)
    return folder


def _grow(folder: Path) -> None:
    from gecip.analysis.genetic.association import associate_compact
    from gecip.genotypes.compact import CompactStore
    from gecip.genotypes.compact_runs import whole_store

    people = pd.read_csv(folder / "people.tsv", sep="\t")
    store = CompactStore.open(folder / "store")

    def ours(phenotype: str, **options: Any) -> float:
        begin = time.perf_counter()
        genotypes = whole_store(store, people)
        frame = associate_compact(genotypes, [phenotype], COVARIATES, **options)
        _written(frame, folder / "ours.tsv")
        return time.perf_counter() - begin

    def plink(phenotype: str, *options: str) -> float:
        files = ["--pheno", str(folder / f"{phenotype}.tsv"), "--covar", str(folder / "covariates.tsv")]  # fmt: skip
        return _command("plink2", "--bfile", str(folder / "store" / "genotypes"), "--threads", str(os.cpu_count()), "--out", str(folder / "o"), *files, "--glm", "hide-covar", *options)  # fmt: skip

    ours("y")
    linear, linear_plink = zip(*((ours("y"), plink("y")) for _ in range(3)), strict=True)
    cells = [f"{min(linear):.2f}", f"{min(linear_plink):.2f}"]
    # A million logistic fits take minutes of either: up to a hundred thousand.
    if store.count[0] <= 100_000:
        cells += [f"{ours('case', model='logistic'):.2f}", f"{plink('case', 'no-firth'):.2f}"]
    else:
        cells += ["–", "–"]
    # Of this program alone: what getrusage tells begins with the process that started it.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.split("VmHWM:")[1].split()[0]) / 1024
    print(json.dumps([*cells, f"{peak:,.0f}"]))


if __name__ == "__main__":
    if sys.argv[1] == "grow":
        _grow(Path(sys.argv[2]))
    elif sys.argv[1] == "local":
        _local(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        _main(Path(sys.argv[1]), Path(sys.argv[2]))

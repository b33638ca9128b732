"""Selecting a cohort: eight criteria over five tables, against pandas merges and hand-written SQL on the same files.

All three count people and families after each step, consent first, and must come to the same numbers.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.measuring import measure, table
from gecip.release.layout import SAMPLE_LISTS

SIZES = (100_000, 1_000_000)
SEED = 1
RENAL_CYST, DAY, WINDOW = "HP:0000107", "2024-06-01", 3_650
KIDNEY, CANCER_OF_KIDNEY = ["N18", "N28", "Q61"], "C64"

Steps = list[list[int]]


def run(workspace: Path, sizes: tuple[int, ...] = SIZES) -> Iterator[str]:
    """Yield the results as Markdown, a table for each size."""
    for size in sizes:
        folder = release_of(workspace, size)
        found = {
            name: measure(f"benchmarks.cohorts:{name}", str(folder))
            for name in ("by_gecip", "by_sql", "by_pandas")
        }
        answers = {str(one.answer) for one in found.values()}
        if len(answers) > 1:
            raise RuntimeError(f"the three disagree: {answers}")
        peer = found["by_sql"]
        yield f"\n{size:,} participants; steps (people, families): {peer.answer}\n\n" + table(
            ["by", "first time, s", "again, s", "ratio to SQL", "peak memory, MB"],
            [
                [
                    name.removeprefix("by_"),
                    f"{one.cold_seconds:.3f}",
                    f"{one.warm_seconds:.3f}",
                    f"{one.warm_seconds / peer.warm_seconds:.2f}",
                    f"{one.peak_megabytes:,.0f}",
                ]
                for name, one in found.items()
            ],
        )


# -- the releases -------------------------------------------------------------------------------------


def release_of(workspace: Path, size: int) -> Path:
    """Return a release of so many people, clinical tables only.

    The smallest is synthesised; larger ones are copies of its people under other numbers, so that they
    are made in a minute and have the same proportions.
    """
    from gecip.synthetic import synthesise_release

    folder = workspace / f"release-{size}"
    first = workspace / f"release-{SIZES[0]}"
    if not first.exists():
        synthesise_release(first, participants=SIZES[0], genomes=False, seed=SEED)
    if not folder.exists():
        _copies(first, folder, times=size // SIZES[0])
    return folder


def _copies(source: Path, folder: Path, *, times: int) -> None:
    import duckdb

    aside = folder.with_name(f".{folder.name}")
    shutil.rmtree(aside, ignore_errors=True)
    shutil.copytree(source, aside, ignore=shutil.ignore_patterns("*.parquet", "*_samples.txt"))
    (aside / "tables").mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        for path in sorted((source / "tables").glob("*.parquet")):
            names = [
                row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM '{path}'").fetchall()
            ]
            shifted = ", ".join(f'{_of_copy(name)} AS "{name}"' for name in names)
            connection.execute(
                f"COPY (SELECT {shifted} FROM '{path}', range({times}) copies(copy) ORDER BY copy) "
                f"TO '{aside / 'tables' / path.name}' (FORMAT parquet, COMPRESSION zstd)"
            )
    for listed in (source / SAMPLE_LISTS).glob("*_samples.txt"):
        samples = listed.read_text(encoding="utf-8").split()
        copies = [f"{name[:2]}{copy}{name[2:]}" for copy in range(times) for name in samples]
        (aside / SAMPLE_LISTS / listed.name).write_text("\n".join(copies) + "\n", encoding="utf-8")
    aside.rename(folder)


def _of_copy(column: str) -> str:
    """Return the SQL by which a copy's people, families and samples are told from those of the others."""
    if column in ("participant_id", "rare_diseases_family_id"):
        # They have nine digits: the copy's number goes before them.
        return f"{column} + copy * 1000000000"
    if column == "platekey":
        return "left(platekey, 2) || copy || substr(platekey, 3)"
    return f'"{column}"'


# -- the three ways -----------------------------------------------------------------------------------


def by_gecip(folder: str) -> Callable[[], Steps]:
    """Select by the cohort language; the release is opened, and its word on consent taken, the first time."""
    from gecip import define_cohort, open_release, select_cohort
    from gecip.tables import diseases, episodes, genome_files, participants, phenotypes

    cyst = phenotypes.where(phenotypes.term.is_a(RENAL_CYST) & (phenotypes.present == "Yes"))
    kidney = episodes.where(episodes.diag_all.has_code(KIDNEY))
    first = kidney.first_for_participant(by=episodes.epistart)
    definition = (
        define_cohort("Adults with renal disease")
        .include(participants.programme == "Rare Diseases", because="rare disease")
        .exclude(participants.age_on(DAY) < 18, because="adults")
        .include(participants.sex.is_in(["Female", "Male"]), because="sex known")
        .include(
            cyst.exists_for_participant() | kidney.exists_for_participant()
            | diseases.where(diseases.group == "Renal and urinary tract disorders").exists_for_participant(),
            because="renal cyst, kidney disease in hospital, or recruited for it",
        )
        .exclude(
            episodes.where(episodes.diag_all.has_code(CANCER_OF_KIDNEY)).exists_for_participant(),
            because="no cancer of the kidney",
        )
        .include(
            genome_files.where((genome_files.genome_build == "GRCh38") & (genome_files.file_sub_type == "Genomic VCF")).exists_for_participant(),
            because="a genome on GRCh38",
        )
        .exclude(
            participants.registration_date.days_since(first.epistart) > WINDOW,
            because="first seen within ten years of registration",
        )
        .include(episodes.count_for_participant() >= 1, because="seen in hospital")
    )  # fmt: skip
    opened: list[Any] = []

    def select() -> Steps:
        if not opened:
            opened.append(open_release(folder))
        cohort = select_cohort(definition, opened[0])
        return [[step.people, step.families] for step in cohort.attrition.steps[1:]]

    return select


def by_sql(folder: str) -> Callable[[], Steps]:
    """Select by SQL written by hand for this one question, on a connection that stays open."""
    import duckdb

    from gecip.cohort.ontology import descendants

    tables = Path(folder) / "tables"
    connection = duckdb.connect()
    terms = list(descendants(RENAL_CYST))
    # As the official tutorials write it: a letter stands at the start of a code only.
    kidney = "(diag_all LIKE '%N18%' OR diag_all LIKE '%N28%' OR diag_all LIKE '%Q61%')"
    listed = next((Path(folder) / SAMPLE_LISTS).glob("*_samples.txt"))
    query = f"""
    WITH off_the_list AS (
      SELECT participant_id FROM '{tables}/aggregate_gvcf_sample_stats.parquet'
      WHERE platekey NOT IN (SELECT platekey FROM read_csv('{listed}', header = false, names = ['platekey']))),
    people AS MATERIALIZED (
      SELECT participant_id, rare_diseases_family_id AS family, programme, year_of_birth, registration_date,
             participant_phenotypic_sex AS sex
      FROM '{tables}/participant.parquet' WHERE programme_consent_status = 'Consenting'
        AND participant_id NOT IN (FROM off_the_list)),
    features AS (
      SELECT DISTINCT participant_id FROM '{tables}/rare_diseases_participant_phenotype.parquet'
      WHERE hpo_present = 'Yes' AND normalised_hpo_id IN (SELECT unnest($1))),
    stays AS (
      SELECT participant_id, count(*) AS stays,
             bool_or({kidney}) AS kidney, bool_or(diag_all LIKE '%C64%') AS cancer,
             min(epistart) FILTER (WHERE {kidney}) AS first
      FROM '{tables}/hes_apc.parquet' GROUP BY participant_id),
    recruited AS (
      SELECT DISTINCT participant_id FROM '{tables}/rare_diseases_participant_disease.parquet'
      WHERE normalised_disease_group = 'Renal and urinary tract disorders'),
    genomes AS (
      SELECT DISTINCT participant_id FROM '{tables}/genome_file_paths_and_types.parquet'
      WHERE genome_build = 'GRCh38' AND file_sub_type = 'Genomic VCF'),
    judged AS (
      SELECT p.family, row_number() OVER () AS person,
             p.programme = 'Rare Diseases' AS c1,
             coalesce(2024 - p.year_of_birth >= 18, true) AS c2,
             p.sex IN ('Female', 'Male') AS c3,
             coalesce(s.kidney, false) OR f.participant_id IS NOT NULL OR r.participant_id IS NOT NULL AS c4,
             NOT coalesce(s.cancer, false) AS c5,
             g.participant_id IS NOT NULL AS c6,
             coalesce(date_diff('day', s.first, p.registration_date) <= {WINDOW}, true) AS c7,
             coalesce(s.stays, 0) >= 1 AS c8
      FROM people p LEFT JOIN features f USING (participant_id) LEFT JOIN stays s USING (participant_id)
           LEFT JOIN recruited r USING (participant_id) LEFT JOIN genomes g USING (participant_id)),
    steps AS (
      SELECT family, CASE WHEN NOT coalesce(c1, false) THEN 0 WHEN NOT c2 THEN 1 WHEN NOT coalesce(c3, false) THEN 2
             WHEN NOT c4 THEN 3 WHEN NOT c5 THEN 4 WHEN NOT c6 THEN 5 WHEN NOT c7 THEN 6 WHEN NOT c8 THEN 7
             ELSE 8 END AS passed FROM judged)
    SELECT {", ".join(f"count(*) FILTER (WHERE passed >= {n}), count(DISTINCT family) FILTER (WHERE passed >= {n})" for n in range(9))}
    FROM steps"""

    def select() -> Steps:
        (row,) = connection.execute(query, [terms]).fetchall()
        return [[row[2 * step], row[2 * step + 1]] for step in range(9)]

    return select


def by_pandas(folder: str) -> Callable[[], Steps]:
    """Select as notebooks do: read the columns that are needed, filter, drop duplicates and merge."""
    import pandas as pd

    from gecip.cohort.ontology import descendants

    tables = Path(folder) / "tables"
    terms = descendants(RENAL_CYST)
    listed = set(next((Path(folder) / SAMPLE_LISTS).glob("*_samples.txt")).read_text().split())

    def read(name: str, *columns: str) -> pd.DataFrame:
        frame: pd.DataFrame = pd.read_parquet(
            tables / f"{name}.parquet", columns=["participant_id", *columns]
        )
        return frame

    def select() -> Steps:
        people = read("participant", "rare_diseases_family_id", "programme", "year_of_birth", "registration_date", "participant_phenotypic_sex", "programme_consent_status")  # fmt: skip
        people = people[people["programme_consent_status"] == "Consenting"]
        samples = read("aggregate_gvcf_sample_stats", "platekey")
        gone = samples[~samples["platekey"].isin(listed)]
        people = people[~people["participant_id"].isin(gone["participant_id"])]
        features = read("rare_diseases_participant_phenotype", "normalised_hpo_id", "hpo_present")
        features = features[
            (features["hpo_present"] == "Yes") & features["normalised_hpo_id"].isin(terms)
        ]
        stays = read("hes_apc", "epistart", "diag_all")
        kidney = stays[stays["diag_all"].str.contains(r"(?:^|\|)(?:N18|N28|Q61)", na=False)]
        cancer = stays[stays["diag_all"].str.contains(r"(?:^|\|)C64", na=False)]
        disease = read("rare_diseases_participant_disease", "normalised_disease_group")
        disease = disease[
            disease["normalised_disease_group"] == "Renal and urinary tract disorders"
        ]
        genomes = read("genome_file_paths_and_types", "genome_build", "file_sub_type")
        genomes = genomes[
            (genomes["genome_build"] == "GRCh38") & (genomes["file_sub_type"] == "Genomic VCF")
        ]
        first = (
            pd.to_datetime(kidney["epistart"])
            .groupby(kidney["participant_id"])
            .min()
            .rename("first")
        )
        people = people.merge(first.reset_index(), on="participant_id", how="left")
        waited = (pd.to_datetime(people["registration_date"]) - people["first"]).dt.days
        person = people["participant_id"]
        renal = person.isin(features["participant_id"]) | person.isin(kidney["participant_id"]) | person.isin(disease["participant_id"])  # fmt: skip
        criteria = (
            people["programme"] == "Rare Diseases",
            ~(2024 - people["year_of_birth"] < 18),
            people["participant_phenotypic_sex"].isin(["Female", "Male"]),
            renal,
            ~person.isin(cancer["participant_id"]),
            person.isin(genomes["participant_id"]),
            ~(waited > WINDOW),
            person.isin(stays["participant_id"]),
        )
        family = people["rare_diseases_family_id"]
        kept = person.notna()
        steps = [[int(kept.sum()), int(family.nunique())]]
        for criterion in criteria:
            kept &= criterion
            steps.append([int(kept.sum()), int(family[kept].nunique())])
        return steps

    return select

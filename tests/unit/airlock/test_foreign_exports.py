"""Exports as other programs write them: what pandas, R, PLINK, REGENIE, SAIGE, lifelines and statsmodels leave behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gecip.airlock import Verdict, check_files
from tests.unit.airlock.handmade_exports import figure, html_table, lines, page

RANDOM = np.random.default_rng(1)
PEOPLE = pd.DataFrame({
    "sex": RANDOM.choice(["Male", "Female"], 600),
    "disease": RANDOM.choice(["Renal", "Skin", "Neurology"], 600),
    "age": RANDOM.integers(1, 90, 600),
})  # fmt: skip
CROSSED = pd.crosstab(PEOPLE["disease"], PEOPLE["sex"], margins=True)
FEW = CROSSED.replace(CROSSED.iloc[1, 0], 2)
TEN, FIVE = (pd.cut(PEOPLE["age"], range(0, 100, step)) for step in (10, 5))
R_CURVE = """Call: survfit(formula = Surv(time, status) ~ 1)

 time n.risk n.event survival std.err lower 95% CI upper 95% CI
    5     20       5    0.750  0.0968        0.582        0.966
    9     {}       0    0.750  0.1000        0.500        1.000
"""


def scan(header: str, row: str, rows: int = 500, sep: str = " ") -> str:
    told = [header, *(row.format(n=10_000 + number) for number in range(rows))]
    return "".join(sep.join(line.split()) + "\n" for line in told)


def table_one(deaths: str, spread: str = "Age, median [IQR]", ages: str = "44 [31-60]") -> str:
    return lines(
        ("Characteristic", "Cases", "Controls", "p"), ("n", 120, 400, ""), ("Age, mean (SD)", "45.2 (12.1)", "45.9 (13.0)", 0.5),
        (spread, ages, ages, 0.4), ("Female, n (%)", "60 (50.0)", "200 (50.0)", 0.9), ("Deaths, n (%)", deaths, "40 (10.0)", 0.99),
        sep=";",
    )  # fmt: skip


REGENIE = "CHROM GENPOS ID ALLELE0 ALLELE1 A1FREQ INFO N TEST BETA SE CHISQ LOG10P EXTRA"
SAIGE = "CHR POS MarkerID Allele1 Allele2 AC_Allele2 AF_Allele2 BETA SE p.value N_case N_ctrl"
PLINK2 = "#CHROM POS ID REF A1 A1_FREQ TEST OBS_CT BETA SE T_STAT P"
PLINK1 = "CHR SNP BP A1 TEST NMISS BETA STAT P"

Made = Callable[[], str | bytes]
REFUSED: dict[str, tuple[str, Made]] = {
    "a cross-table with margins": ("crossed.csv", FEW.to_csv),
    "a cross-table as HTML": ("crossed.html", FEW.to_html),
    "describe by group": ("describe.csv", PEOPLE.groupby("disease")["age"].describe().to_csv),
    "describe, printed": ("describe.txt", lambda: str(PEOPLE["age"].describe())),
    "value counts, printed": ("counts.txt", lambda: str(PEOPLE["disease"].head(7).value_counts())),
    "bands of five years by cut": ("ages.csv", PEOPLE.groupby(FIVE, observed=False).size().to_csv),
    "rows of people with an index": ("people.csv", PEOPLE.to_csv),
    "rows of people as JSON by column": ("people.json", PEOPLE.to_json),
    "rows of people as JSON records": ("people.json", lambda: PEOPLE.to_json(orient="records")),
    "REGENIE with a rare variant": ("step2.regenie", lambda: scan(REGENIE, "1 {n} rs{n} A G 0.1 0.9 61279 ADD 0.1 0.1 1 0.5 NA") + "1 1 rs1 A G 0.0001 0.9 61279 ADD 0.1 0.1 1 0.5 NA\n"),
    "SAIGE with few alleles": ("saige.txt", lambda: scan(SAIGE, "1 {n} rs{n} A G 10 0.2 0.1 0.1 0.5 1000 9000", sep="\t")),
    "PLINK 2 of too few people": ("a.glm.linear", lambda: scan(PLINK2, "1 {n} rs{n} A G 0.01 ADD 1000 0.1 0.1 1 0.5", sep="\t")),
    "PLINK 1, which tells no frequency": ("a.assoc.linear", lambda: scan(PLINK1, "1 rs{n} {n} A ADD 5000 0.1 0.2 0.3")),
    "a survival curve by R": ("km.txt", lambda: R_CURVE.format(" 4")),
    "a first table with few deaths": ("table1.csv", lambda: table_one("3 (2.5)")),
    "a first table with the range of ages": ("table1.csv", lambda: table_one("12 (10.0)", "Age, range", "2-97")),
    "a histogram by matplotlib": ("hist.svg", figure(lambda axes: (axes.hist([1, 1, 1, 2, 2, 3] * 2 + [4] * 7, bins=range(1, 6)), axes.set_ylabel("Number of patients")))),
    "a LaTeX table": ("table.tex", lambda: "Group & People \\\\\nRenal & 3 \\\\\nSkin & 180 \\\\\n"),
    "a Markdown table": ("table.md", lambda: "| group | people |\n|---|---|\n| Renal | 3 |\n"),
    "UTF-16, as Excel exports it": ("table.csv", lambda: "group\tpeople\nRenal\t3\n".encode("utf-16")),
    "two heads, as of a pivoted table": ("pivot.csv", lambda: ",Male,Male,Female,Female\n,n,%,n,%\nRenal,12,40,<5,3.1\nSkin,18,60,30,96.9\n"),
}  # fmt: skip
LET_THROUGH: dict[str, tuple[str, Made]] = {
    "a cross-table with margins": ("crossed.csv", CROSSED.to_csv),
    "a cross-table as HTML": ("crossed.html", CROSSED.to_html),
    "means and medians by group": ("ages.csv", PEOPLE.groupby("disease")["age"].agg(["count", "mean", "std", "median"]).to_csv),
    "value counts, printed": ("counts.txt", lambda: str(PEOPLE["disease"].value_counts())),
    "bands of ten years by cut": ("ages.csv", PEOPLE.groupby(TEN, observed=False).size().to_csv),
    "counts as JSON records": ("counts.json", lambda: PEOPLE.groupby(["sex", "disease"]).size().rename("n").reset_index().to_json(orient="records")),
    "REGENIE": ("step2.regenie", lambda: scan(REGENIE, "1 {n} rs{n} A G 0.1 0.9 61279 ADD 0.1 0.1 1 0.5 NA")),
    "SAIGE": ("saige.txt", lambda: scan(SAIGE, "1 {n} rs{n} A G 4000 0.2 0.1 0.1 0.5 1000 9000", sep="\t")),
    "PLINK 2": ("a.glm.linear", lambda: scan(PLINK2, "1 {n} rs{n} A G 0.01 ADD 90000 0.1 0.1 1 0.5", sep="\t")),
    "a survival curve by R": ("km.txt", lambda: R_CURVE.format("14")),
    "a first table": ("table1.csv", lambda: table_one("12 (10.0)")),
    "a histogram of ages by matplotlib": ("hist.svg", figure(lambda axes: (axes.hist(PEOPLE["age"], bins=range(0, 100, 10)), axes.set(xlabel="Age (years)", ylabel="People")))),
    "a forest plot": ("forest.svg", figure(lambda axes: (axes.errorbar([1.2, 2.1], [0, 1], xerr=[0.1, 0.2], fmt="o"), axes.set_yticks([0, 1], ["PKD1", "PKD2"])))),
    "a Manhattan plot": ("manhattan.svg", figure(lambda axes: (axes.scatter(np.arange(300), RANDOM.exponential(size=300)), axes.set(xlabel="Chromosome", ylabel="-log10 p")))),
    "a LaTeX table": ("table.tex", lambda: "Group & People \\\\\nRenal & 30 \\\\\nSkin & 180 \\\\\n"),
    "a page with a plotting library": ("page.html", lambda: page("<script>/*! plotly.js v2.1 */ var a=268435455;</script>", html_table(("group", "people"), ("Renal", 12)))),
    "two heads, as of a pivoted table": ("pivot.csv", lambda: ",Male,Male,Female,Female\n,n,%,n,%\nRenal,12,40,30,50.0\nSkin,18,60,30,50.0\n"),
}  # fmt: skip


def verdict_on(folder: Path, name: str, made: str | bytes) -> Verdict:
    path = folder / name
    path.write_bytes(made.encode() if isinstance(made, str) else made)
    return check_files([path], releases=[]).verdict


@pytest.mark.parametrize("name", REFUSED)
def test_what_another_program_wrote_is_refused_for_the_same_reasons(
    tmp_path: Path, name: str
) -> None:
    file, make = REFUSED[name]
    assert verdict_on(tmp_path, file, make()) is Verdict.FAIL


@pytest.mark.parametrize("name", LET_THROUGH)
def test_what_another_program_wrote_well_passes(tmp_path: Path, name: str) -> None:
    file, make = LET_THROUGH[name]
    assert verdict_on(tmp_path, file, make()) is Verdict.PASS


def test_a_regression_passes_as_statsmodels_and_lifelines_print_it(tmp_path: Path) -> None:
    import statsmodels.api as sm
    from lifelines import CoxPHFitter, KaplanMeierFitter

    exposure = sm.add_constant(PEOPLE[["age"]].assign(male=(PEOPLE["sex"] == "Male").astype(int)))
    fitted = sm.Logit((PEOPLE["disease"] == "Renal").astype(int), exposure).fit(disp=0)
    assert verdict_on(tmp_path, "logit.txt", str(fitted.summary())) is Verdict.PASS
    times = pd.DataFrame(
        {"T": RANDOM.exponential(5, 600), "E": RANDOM.integers(0, 2, 600), "age": PEOPLE["age"]}
    )
    cox = CoxPHFitter().fit(times, "T", "E")
    assert verdict_on(tmp_path, "cox.csv", cox.summary.to_csv()) is Verdict.PASS
    # Each row of an event table is one person's time.
    curve = KaplanMeierFitter().fit(times["T"], times["E"])
    assert verdict_on(tmp_path, "events.csv", curve.event_table.to_csv()) is Verdict.FAIL

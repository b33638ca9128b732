"""Exports made by hand: for each rule of the airlock some that break it, each with a near-miss twin that does not.

Nothing here lies in a file: every export is written by code, so that a reader sees what is in it.
"""

from __future__ import annotations

import base64
import gzip
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

PERSON = 111000012
PLATEKEY = "LP3000204-DNA_B11"
# Of the release that the exports are held against: a number without the usual shape, and a name without one.
OWN = ("111000012", "226000031", "HG90001", "LP3000204-DNA_B11")
ENDING = "000012"

Content = str | bytes | Callable[[], bytes]


@dataclass(frozen=True)
class Export:
    """One export that breaks a rule, and its twin that nearly does."""

    rule: str
    name: str
    file: str
    broken: Content
    twin: Content
    twin_file: str = ""

    @property
    def id(self) -> str:
        return f"{self.rule}: {self.name}"


def content_of(content: Content) -> bytes:
    made = content() if callable(content) else content
    return made.encode() if isinstance(made, str) else made


def lines(*rows: Sequence[Any], sep: str = ",") -> str:
    return "".join(sep.join(map(str, row)) + "\n" for row in rows)


def workbook(
    *rows: Sequence[Any], comment: str = "", hidden: Sequence[Sequence[Any]] = ()
) -> Callable[[], bytes]:
    def make() -> bytes:
        from openpyxl import Workbook
        from openpyxl.comments import Comment

        book = Workbook()
        for row in rows:
            book.active.append(list(row))
        if comment:
            book.active["A1"].comment = Comment(comment, "author")
        if hidden:
            sheet = book.create_sheet("more")
            sheet.sheet_state = "hidden"
            for row in hidden:
                sheet.append(list(row))
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    return make


def picture(**metadata: str) -> Callable[[], bytes]:
    def make() -> bytes:
        from PIL import Image
        from PIL.PngImagePlugin import PngInfo

        info = PngInfo()
        for name, text in metadata.items():
            info.add_text(name, text)
        file = io.BytesIO()
        Image.new("RGB", (4, 4), "white").save(file, "PNG", pnginfo=info)
        return file.getvalue()

    return make


def figure(draw: Callable[[Any], None], kind: str = "svg", **options: Any) -> Callable[[], bytes]:
    def make() -> bytes:
        from matplotlib.figure import Figure

        drawing = Figure(figsize=(4, 3))
        draw(drawing.add_subplot())
        file = io.BytesIO()
        drawing.savefig(file, format=kind, **options)
        return file.getvalue()

    return make


def notebook(*cells: dict[str, Any]) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": list(cells)})


def code(source: str, *outputs: dict[str, Any]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {},
        "outputs": list(outputs),
        "execution_count": 1,
    }


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def shown(**data: str) -> dict[str, Any]:
    kinds = {"html": "text/html", "plain": "text/plain", "png": "image/png"}
    return {
        "output_type": "execute_result",
        "metadata": {},
        "data": {kinds[kind]: text for kind, text in data.items()},
    }


def printed(text: str) -> dict[str, Any]:
    return {"output_type": "stream", "name": "stdout", "text": text}


def page(*parts: str) -> str:
    return f"<!DOCTYPE html><html><body>{''.join(parts)}</body></html>"


def html_table(*rows: Sequence[Any]) -> str:
    head, *body = rows
    heads = "".join(f"<th>{cell}</th>" for cell in head)
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in body)
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{cells}</tbody></table>"


def scan(rows: int, *, frequency: float = 0.2, count: int = 400, odd: int = 0) -> str:
    """Return an association's table of so many variants, of which some are rarer than may be told."""
    told = [("CHROM", "POS", "ID", "REF", "ALT", "A1FREQ", "AC", "BETA", "SE", "P")]
    for number in range(rows):
        is_odd = number < odd
        told.append((
            "1", 155_000_000 + 37 * number, f"rs{190_000_000 + number}", "A", "G",
            0.2 if not is_odd else frequency, 400 if not is_odd else count, 0.013, 0.1, 0.42,
        ))  # fmt: skip
    return lines(*told, sep="\t")


def vcf(sites: int, *, info: str, samples: Sequence[str] = ()) -> str:
    head = [
        "#CHROM",
        "POS",
        "ID",
        "REF",
        "ALT",
        "QUAL",
        "FILTER",
        "INFO",
        *(["FORMAT", *samples] if samples else []),
    ]
    rows = [
        [
            "chr1",
            155_000_000 + number,
            ".",
            "A",
            "T",
            ".",
            "PASS",
            info,
            *(["GT", *["0/1"] * len(samples)] if samples else []),
        ]
        for number in range(sites)
    ]
    return "##fileformat=VCFv4.2\n" + lines(head, *rows, sep="\t")


def zipped(**files: Content) -> Callable[[], bytes]:
    def make() -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            for name, content in files.items():
                archive.writestr(name.replace("__", "."), content_of(content))
        return file.getvalue()

    return make


def bars(heights: Sequence[int], label: str = "People") -> Callable[[Any], None]:
    def draw(axes: Any) -> None:
        axes.bar([f"group {number}" for number in range(len(heights))], heights)
        axes.set_ylabel(label)

    return draw


def points(axes: Any) -> None:
    axes.scatter([number / 7 for number in range(40)], [number % 9 for number in range(40)])
    axes.set(xlabel="PC1", ylabel="PC2")


def honeycomb(axes: Any) -> None:
    axes.hexbin(
        [number / 7 for number in range(400)],
        [number % 9 for number in range(400)],
        gridsize=5,
        mincnt=5,
    )
    axes.set(xlabel="PC1", ylabel="PC2", title="People in each cell, at least 5")


def titled(text: str) -> Callable[[Any], None]:
    def draw(axes: Any) -> None:
        axes.plot([10, 20], [30, 40])
        axes.set_title(text)

    return draw


GROUPS = (("group", "people"), ("Renal disorders", 12), ("Skin disorders", 40))
SURVIVAL = ("time", "at_risk", "survival")

EXPORTS = [
    # -- identifiers --------------------------------------------------------------------------------------------------
    Export("identifiers", "participants in cells", "carriers.csv",
           lines(("note", "n"), (PERSON, 12), (226000031, 40)), lines(("note", "n"), (1110000123, 12), (22600003, 40))),
    Export("identifiers", "a platekey as a program spells it", "qc.tsv",
           lines(("run", "depth"), ("LP3000204.DNA_B11", 31.2), sep="\t"), lines(("run", "depth"), ("LP3000204X-RNA_B11", 31.2), sep="\t")),
    Export("identifiers", "a file's name", "LP3000204-DNA_B11.csv", lines(*GROUPS), lines(*GROUPS), "chr1_155239934_A_T.csv"),
    Export("identifiers", "a figure's text", "figure.svg", figure(titled(f"Pedigree of {PERSON}")), figure(titled("Counts at 155239934 bp"))),
    Export("identifiers", "text that stays text", "figure.svg",
           figure(titled("seen in HX98765432")), figure(titled("seen in HX987654321"))),
    Export("identifiers", "a notebook's output", "analysis.ipynb",
           notebook(code("df", printed(f"participant {PERSON} was left out"))), notebook(code("df", printed("rs111000012 was left out")))),
    Export("identifiers", "a notebook's source", "analysis.ipynb",
           notebook(code(f"cohort.why({PERSON})")), notebook(code("why(seed=111000012)"))),
    Export("identifiers", "an error's traceback", "analysis.ipynb",
           notebook(code("x", {"output_type": "error", "ename": "KeyError", "evalue": str(PERSON), "traceback": []})),
           notebook(code("x", {"output_type": "error", "ename": "KeyError", "evalue": "0.111000012", "traceback": []}))),
    Export("identifiers", "a picture's metadata", "plot.png", picture(Title=f"Reads of {PLATEKEY}"), picture(Title="Reads of NA12878")),
    Export("identifiers", "a picture within a notebook", "analysis.ipynb",
           lambda: notebook(code("plot", shown(png=base64.b64encode(picture(Comment=PLATEKEY)()).decode()))).encode(),
           lambda: notebook(code("plot", shown(png=base64.b64encode(picture(Comment="DNA_B11")()).decode()))).encode()),
    Export("identifiers", "last six digits", "pseudonyms.csv",
           lines(("key", "n"), (ENDING, 12)), lines(("key", "n"), ("000013", 12))),
    Export("identifiers", "last digits in words", "note.txt", "The carrier is participant ending 00012.\n", "The region is 00012 bases long.\n"),
    Export("identifiers", "a sample without the usual shape", "list.csv", lines(("run", "n"), ("HG90001", 12)), lines(("run", "n"), ("HG00096", 12))),
    Export("identifiers", "a comment in Excel", "table.xlsx",
           workbook(*GROUPS, comment=f"ask about {PERSON}"), workbook(*GROUPS, comment="ask about OMIM 173900")),
    Export("identifiers", "a hidden sheet", "table.xlsx",
           workbook(*GROUPS, hidden=[("key", "x"), (PERSON, 1.5)]), workbook(*GROUPS, hidden=[("key", "x"), ("HP:0000107", 1.5)])),
    Export("identifiers", "a script of a page", "page.html",
           page(f"<script>draw({{'ids': [{PERSON}]}})</script>"), page("<script>draw({'colour': '#111000'})</script>")),
    Export("identifiers", "a PDF's text", "paper.pdf", figure(titled(f"{PERSON}"), "pdf"), figure(titled("chr1:111000012"), "pdf")),
    # -- small counts -------------------------------------------------------------------------------------------------
    Export("small_counts", "people by group", "groups.csv",
           lines(("group", "people"), ("Renal", 12), ("Skin", 4)), lines(("group", "people"), ("Renal", 12), ("Skin", 5))),
    Export("small_counts", "two groupings", "crossed.csv",
           lines(("disease", "Male", "Female"), ("Renal", 12, 3), ("Skin", 40, 31)),
           lines(("disease", "Male", "Female"), ("Renal", 12, "<5"), ("Skin", 40, "<5"))),
    Export("small_counts", "with percentages in brackets", "table1.xlsx",
           workbook(("", "Cases (n=120)"), ("Female", "60 (50.0%)"), ("Deaf", "2 (1.7%)")),
           workbook(("", "Cases (n=120)"), ("Female", "60 (50.0%)"), ("Deaf", "0 (0.0%)"))),
    Export("small_counts", "a printed series", "analysis.ipynb",
           notebook(code("x", shown(plain="disease\nRenal    120\nSkin       3\nName: count, dtype: int64"))),
           notebook(code("x", shown(plain="disease\nRenal    120\nSkin      13\nName: count, dtype: int64")))),
    Export("small_counts", "a table of a page", "report.html",
           page(html_table(("sex", "participants"), ("Male", 2), ("Female", 31))),
           page(html_table(("sex", "participants"), ("Male", "&lt;5"), ("Female", 31)))),
    Export("small_counts", "bars", "bars.svg", figure(bars([12, 3, 7])), figure(bars([12, 5, 7]))),
    Export("small_counts", "in words", "summary.md", "# Result\n\nWe found 3 carriers in the cohort.\n", "# Result\n\nWe found fewer than 5 carriers in the cohort.\n"),
    Export("small_counts", "a mark that tells too much", "groups.csv",
           lines(("group", "people"), ("Renal", 12), ("Skin", "<3")), lines(("group", "people"), ("Renal", 12), ("Skin", "<5"))),
    Export("small_counts", "families", "families.tsv.gz",
           lambda: gzip.compress(lines(("disease_group", "families"), ("Renal", 3), sep="\t").encode()),
           lambda: gzip.compress(lines(("disease_group", "families"), ("Renal", 30), sep="\t").encode())),
    Export("small_counts", "genes with a phenotype", "genes.csv",
           lines(("gene", "cases", "controls"), ("PKD1", 3, 12)), lines(("gene", "carriers"), ("PKD1", 3))),
    # -- not recoverable ----------------------------------------------------------------------------------------------
    Export("recoverable_counts", "one mark and a total", "total.csv",
           lines(("group", "people"), ("Renal", 12), ("Skin", "<5"), ("Total", 15)),
           lines(("group", "people"), ("Renal", 12), ("Skin", "<5"), ("Total", "15-19"))),
    Export("recoverable_counts", "two marks whose sum is two", "total.csv",
           lines(("group", "people"), ("Renal", 12), ("Skin", "<5"), ("Heart", "<5"), ("Total", 14)),
           lines(("group", "people"), ("Renal", 12), ("Skin", "<5"), ("Heart", "<5"), ("Total", 17))),
    Export("recoverable_counts", "across columns", "crossed.csv",
           lines(("disease", "Male", "Female", "Total"), ("Renal", 12, "<5", 14)),
           lines(("disease", "Male", "Female", "Total"), ("Renal", "withheld", "<5", 14))),
    # -- percentages, means -------------------------------------------------------------------------------------------
    Export("percentages", "of a number that is told", "yield.csv",
           lines(("disease", "participants", "solved %"), ("Renal", 62, 3.2), ("Skin", 80, 25.0)),
           lines(("disease", "participants", "solved %"), ("Renal", 62, 32.3), ("Skin", 80, 25.0))),
    Export("percentages", "beside a mark", "share.csv",
           lines(("sex", "n", "percent"), ("Male", "<5", 4.8), ("Female", 59, 95.2)),
           lines(("sex", "n", "percent"), ("Male", "<5", ""), ("Female", 59, 95.2))),
    Export("percentages", "in words", "note.txt", "3.2% of 62 patients were carriers.\n", "33% of 62 patients were carriers.\n"),
    Export("small_bases", "a mean of few", "cost.csv",
           lines(("disease", "n", "mean cost"), ("Renal", "<5", 1203.5), ("Skin", 40, 999.0)),
           lines(("disease", "n", "mean cost"), ("Renal", "<5", "withheld"), ("Skin", 40, 999.0))),
    Export("small_bases", "a median of few", "stay.csv",
           lines(("disease", "people", "median days"), ("Renal", "<5", 12), ("Skin", 40, 9)),
           lines(("disease", "people", "median days"), ("Renal", 5, 12), ("Skin", 40, 9))),
    Export("small_bases", "a spread of few", "bmi.csv",
           lines(("sex", "n", "mean bmi", "sd bmi"), ("Male", "<5", "", 3.1), ("Female", 40, 24.0, 2.9)),
           lines(("sex", "n", "mean bmi", "sd bmi"), ("Male", "<5", "", ""), ("Female", 40, 24.0, 2.9))),
    # -- extremes -----------------------------------------------------------------------------------------------------
    Export("extremes", "of ages", "ages.csv",
           lines(("disease", "n", "mean age", "max age"), ("Renal", 40, 45.2, 97)),
           lines(("disease", "n", "mean age", "median age"), ("Renal", 40, 45.2, 47))),
    Export("extremes", "as pandas describes", "describe.csv",
           lines(("", "age_at_diagnosis"), ("count", 120), ("mean", 45.1), ("std", 12.2), ("min", 2), ("50%", 44), ("max", 97)),
           lines(("", "age_at_diagnosis"), ("count", 120), ("mean", 45.1), ("std", 12.2), ("25%", 31), ("50%", 44), ("75%", 60))),
    Export("extremes", "in words", "note.md", "Ages ranged from 2 to 97.\n", "Ages had an interquartile range of 25 years.\n"),
    # -- ages ---------------------------------------------------------------------------------------------------------
    Export("ages", "to the year", "ages.csv", lines(("age", "people"), (34, 12), (35, 9)), lines(("age", "people"), ("30-39", 12), ("40-49", 9))),
    Export("ages", "bands of five years", "bands.csv",
           lines(("age_group", "n"), ("30-34", 12), ("35-39", 9)), lines(("age_group", "n"), ("[30, 40)", 12), ("[40, 50)", 9))),
    Export("ages", "years of birth", "births.xlsx",
           workbook(("year of birth", "n"), (1980, 12), (1981, 9)), workbook(("year of birth", "n"), ("1980-1989", 12), ("1990-1999", 9))),
    Export("ages", "in words", "case.txt", "A woman aged 34 with cysts.\n", "Women aged 18 or over with cysts.\n"),
    # -- days ---------------------------------------------------------------------------------------------------------
    Export("dates", "of diagnoses", "dates.csv",
           lines(("diagnosis_date", "people"), ("2015-03-12", 12), ("2015-03-13", 9)), lines(("year of diagnosis", "people"), (2015, 12), (2016, 9))),
    Export("dates", "of admissions, in Excel", "days.xlsx",
           workbook(("date_of_admission", "n"), ("12/03/2015", 12)), workbook(("release_date", "n"), ("12/03/2015", 12))),
    Export("dates", "in words", "case.txt", "The patient died on 3 March 2016.\n", "Deaths are known until 3 March 2016.\n"),
    # -- rows of people -----------------------------------------------------------------------------------------------
    Export("individual_level", "without names", "rows.csv",
           lines(("sex", "disease", "hpo"), ("Male", "Renal", "HP:0000107"), ("Female", "Renal", "HP:0000107")),
           lines(("sex", "disease", "hpo", "n"), ("Male", "Renal", "HP:0000107", 12), ("Female", "Renal", "HP:0000107", 9))),
    Export("individual_level", "under pseudonyms", "cases.csv",
           lines(("participant", "sex", "gene"), ("Participant 1", "Male", "PKD1"), ("Participant 2", "Female", "PKD2")),
           lines(("gene", "variant"), ("PKD1", "c.12A>T"), ("PKD2", "c.7del"))),
    Export("individual_level", "genotypes of samples", "calls.vcf",
           vcf(3, info="AC=8;AN=200", samples=["S1", "S2"]), vcf(3, info="AC=8;AN=200")),
    Export("individual_level", "points on components", "pcs.tsv",
           lines(("PC1", "PC2"), *((0.01 * n, 0.02 * n) for n in range(30)), sep="\t"),
           lines(("PC1", "PC2", "people"), *((0.01 * n, 0.02 * n, 12) for n in range(30)), sep="\t")),
    Export("individual_level", "an oncoplot's columns", "oncoplot.csv",
           lines(("gene", *(f"tumour {n}" for n in range(1, 9))), ("TP53", *"10110010"), ("KRAS", *"01001010")),
           lines(("gene", "tumours mutated", "share"), ("TP53", 40, 0.5), ("KRAS", 30, 0.4))),
    Export("individual_level", "times and events", "follow-up.csv",
           lines(("time", "event"), (12, 1), (13, 0), (15, 1)), lines(SURVIVAL, (12, 50, 0.9), (13, 45, 0.8))),
    Export("drawn_people", "a scatter of components", "pca.svg", figure(points), figure(honeycomb)),
    Export("drawn_people", "tumours on an axis", "oncoplot.svg",
           figure(lambda axes: axes.bar([f"tumour {n}" for n in range(8)], [20] * 8)),
           figure(lambda axes: axes.bar(["TP53", "KRAS", "APC", "PTEN", "RB1", "VHL", "BAP1", "ATM"], [20] * 8))),
    Export("drawn_people", "a pedigree's members", "pedigree.svg",
           figure(lambda axes: [axes.text(n, 1, f"Participant {n}") for n in range(1, 7)]),
           figure(lambda axes: [axes.text(n, 1, f"generation {n}") for n in range(1, 7)])),
    # -- survival -----------------------------------------------------------------------------------------------------
    Export("few_at_risk", "the end of a curve", "km.csv",
           lines(SURVIVAL, (0, 50, 1.0), (1, 20, 0.7), (2, 4, 0.5)), lines(SURVIVAL, (0, 50, 1.0), (1, 20, 0.7), (2, 5, 0.5))),
    Export("few_at_risk", "marked, and told all the same", "km.csv",
           lines(SURVIVAL, (0, 50, 1.0), (2, "<5", 0.5)), lines(SURVIVAL, (0, 50, 1.0), (2, "<5", "withheld"))),
    Export("few_at_risk", "as R prints it", "km.txt",
           "  time  n.risk  survival\n     1      50     0.980\n     9       2     0.500\n",
           "  time  n.risk  survival\n     1      50     0.980\n     9      20     0.500\n"),
    Export(
        "few_at_risk",
        "below a figure's curve",
        "km.svg",
        figure(lambda axes: [axes.text(1, -0.2, "At risk"), axes.text(2, -0.2, "40"), axes.text(3, -0.2, "4")]),
        figure(lambda axes: [axes.text(1, -0.2, "At risk"), axes.text(2, -0.2, "40"), axes.text(3, -0.2, "5")]),
    ),
    # -- variants -----------------------------------------------------------------------------------------------------
    Export("bulk_variants", "one rare among 300", "gwas.tsv", scan(300, odd=1, frequency=0.0049), scan(299, odd=1, frequency=0.0049)),
    Export("bulk_variants", "too few alleles", "gwas.tsv", scan(400, odd=5, count=19), scan(400, odd=5, count=20)),
    Export("bulk_variants", "without frequencies", "hits.csv",
           lines(("rsid", "p"), *((f"rs{n}", 0.01) for n in range(1000, 1300))), lines(("rsid", "p"), *((f"rs{n}", 0.01) for n in range(1000, 1299)))),
    Export("bulk_variants", "sites of a VCF", "sites.vcf", vcf(300, info="AC=9;AN=5000"), vcf(300, info="AC=90;AN=5000")),
    Export("carriers", "homozygotes", "variants.csv",
           lines(("variant", "AC", "AN", "nhomalt"), ("1:155239934:A:T", 10, 4000, 6)), lines(("variant", "AC", "AN", "nhomalt"), ("1:155239934:A:T", 10, 4000, 5))),
    Export("carriers", "heterozygotes and homozygotes", "variants.tsv",
           lines(("rsid", "het", "hom"), ("rs1", 40, 3), sep="\t"), lines(("rsid", "het", "hom"), ("rs1", 40, 0), sep="\t")),
    Export("carriers", "by cases", "variants.csv",
           lines(("variant", "case carriers", "p"), ("1:155239934:A:T", 3, 0.01)), lines(("variant", "case carriers", "p"), ("1:155239934:A:T", 30, 0.01))),
    # -- models and binaries ------------------------------------------------------------------------------------------
    Export("binaries", "a pickle", "result.pkl", pickle.dumps({"a": 1}), "a,b\nx,12\n", "result.csv"),
    Export("binaries", "a model as JSON", "model.json",
           json.dumps({"learner": {"gradient_booster": {}}, "version": [2, 0]}), json.dumps({"auc": 0.8, "version": [2, 0]})),
    Export("binaries", "arrays under another name", "table.csv", b"\x93NUMPY\x01\x00v\x00", "x,y\na,12\n"),
    Export("binaries", "a model in an archive", "all.zip", zipped(a__csv="x,y\na,12\n", model__joblib=pickle.dumps([1])), zipped(a__csv="x,y\na,12\n")),
    Export("binaries", "raw sequence", "reads.txt", "@read\nACGTACGTACGT\n+\nFFFFFFFFFFFF\n", "The motif is ACGTACGTACGT.\n"),
]  # fmt: skip

# What looks like something forbidden and is nothing of the kind.
HARMLESS: dict[str, tuple[str, Content]] = {
    "many digits": ("numbers.csv", lines(("measure", "value"), ("ratio", 0.111000012), ("big", 1110000123), ("bigger", "1,110,000,123"))),
    "years": ("years.csv", lines(("year", "admissions"), (2015, 120), (2016, 131))),
    "p values": ("p.csv", lines(("gene", "p", "q"), ("PKD1", 1.1100001e-12, 0.0003), ("PKD2", "2.26000031e-09", 0.01))),
    "places in the genome": ("places.csv", lines(("chrom", "start", "end", "gene"), ("chr1", 155239934, 155244627, "GBA1"), ("chr2", 226000031, 226001000, "X"))),
    "places in words": ("places.txt", "GBA1 lies at chr1:155,239,934 (1:155239934:A:T, NC_000001.11:g.155239934A>T).\n"),
    "rs numbers": ("rs.csv", lines(("rsid", "gene"), ("rs111000012", "PKD1"), ("rs226000031", "PKD2"))),
    "HPO terms": ("hpo.csv", lines(("hpo_id", "people"), ("HP:0000107", 120), ("HP:0001250", 31))),
    "genes and transcripts": ("genes.csv", lines(("gene", "ensembl_gene_id", "transcripts"), ("PKD1", "ENSG00000008710", 3), ("PKD2", "ENSG00000118762", 1))),
    "colours of a page": ("page.html", page("<style>p {color: #111000; background: #226000}</style><p style='color:#123456'>No one is red.</p>", html_table(("group", "people"), ("Renal", 12)))),
    "variants counted by gene": ("burden.csv", lines(("gene", "variants", "p"), ("PKD1", 3, 0.01), ("PKD2", 1, 0.2))),
    "a script": ("analysis.py", "cohort = people[people.age_on('2024-06-01') < 34]  # aged 34\nseed = 226000031\n"),
    "a workflow's log": ("run.log", "[2024-06-01 12:00:01] step 3 of 4 done, 2 retries\n"),
    "a regression's table": ("model.csv", lines(("term", "odds ratio", "95% lower", "95% upper", "p"), ("age (per year)", 1.02, 1.01, 1.03, 0.001), ("sex", 2, 1, 3, 0.04))),
    "gene counts without phenotypes": ("carriers.csv", lines(("gene", "carriers", "families", "alleles"), ("PKD1", 3, 2, 4), ("UMOD", 1, 1, 1))),
    "consequences": ("consequences.csv", lines(("consequence", "count"), ("missense", 3), ("stop gained", 1))),
    "a confusion of releases": ("releases.csv", lines(("release", "release_date", "participants"), ("v18", "2023-12-21", 90172), ("v19", "2024-10-31", 90173))),
    "a curve with its numbers": ("km.csv", lines(("time", "at_risk", "survival", "lower", "upper"), (0, 120, 1.0, 1.0, 1.0), (1, 80, 0.91, 0.85, 0.95))),
    "means and quartiles of ages": ("ages.csv", lines(("ancestry", "n", "median age", "q1", "q3"), ("EUR", 61279, 45, 29, 61), ("AFR", 1967, 45, 33, 58))),
    "hashes": ("manifest.json", json.dumps({"digest": "a1b2c3111000012d4e5f60718293a4b5", "file": "x.csv"})),
    "a score's weights": ("weights.tsv", lines(("rsid", "effect_allele", "weight"), *((f"rs{n}", "A", 0.01 * n) for n in range(1, 60)), sep="\t")),
    "eigenvalues": ("eigen.csv", lines(("component", "eigenvalue", "variance explained"), (1, 12.1, 0.3), (2, 3.4, 0.1), (3, 2.2, 0.05))),
    "performance of a model": ("folds.csv", lines(("fold", "auc", "n"), (1, 0.81, 120), (2, 0.79, 121), (3, 0.80, 119))),
    "a list of diseases": ("diseases.csv", lines(("disease_group", "specific_disease"), ("Renal", "Cystic kidney disease"), ("Renal", "Alport"))),
    "sizes of families": ("sizes.csv", lines(("family_size", "families"), (1, 120), (2, 80), (3, 310), (4, 44))),
    "tests of hardware": ("times.csv", lines(("people", "variants", "seconds", "max memory"), (600, 5000, 3.2, 411), (1200, 5000, 6.1, 802))),
    "a density": ("density.csv", lines(("PC1 bin", "PC2 bin", "people"), (0.1, 0.2, 12), (0.1, 0.3, 31))),
}  # fmt: skip

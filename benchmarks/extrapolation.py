"""From measured sizes to the real aggregate: docs/scaling.md, printed from results/scaling.json.

`python -m benchmarks.extrapolation` writes the page again; a test holds it to the results that are committed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import table
from benchmarks.scaling import RESULTS
from gecip.model.assembly import GRCH38

PAGE = Path(__file__).parent.parent / "docs" / "scaling.md"
# RD:site_qc and RD:gvcf_agg: the germline aggregate aggV2.
PEOPLE, SITES = 78_195, 722_342_407
PASSES = {
    "load": "load: a VCF's calls into a MatrixTable",
    "burden": "one pass: who carries, gene by gene",
    "score": "one pass: a sum for each person",
}
CORES = (8, 64, 512)
# About a hundredth of the genome codes for proteins.
CODING_SHARE = 0.01
PARTS = ("one gene of 50 kb", "chromosome 20", "what codes for proteins", "all autosomes")
HOUR, DAY = 3_600, 86_400
# Drawn out over six orders of magnitude, an exponent that is less sure than this says nothing.
WIDEST_INTERVAL = 0.25


@dataclass(frozen=True)
class Growth:
    """How processor seconds grow: the exponent of calls with its 95 % interval, and the largest size measured."""

    exponent: float
    low: float
    high: float
    sizes: int
    calls: float
    seconds: float

    def at(self, calls: float, exponent: float) -> float:
        """Return processor seconds for so many calls, growing from the largest size by an exponent."""
        return self.seconds * (calls / self.calls) ** exponent


def growth(points: Sequence[tuple[float, float]]) -> Growth:
    """Return the slope of log seconds on log calls, its interval by Student's t, and the largest size.

    Parameters
    ----------
    points
        Calls and processor seconds of at least three sizes.
    """
    from scipy import stats

    ordered = sorted(points)
    logs = [(math.log(calls), math.log(seconds)) for calls, seconds in ordered]
    fit = stats.linregress([one[0] for one in logs], [one[1] for one in logs])
    half = float(stats.t.ppf(0.975, len(logs) - 2) * fit.stderr)
    largest = ordered[-1][0]
    slowest = max(seconds for calls, seconds in ordered if calls == largest)
    return Growth(
        float(fit.slope),
        float(fit.slope) - half,
        float(fit.slope) + half,
        len(logs),
        largest,
        slowest,
    )


def growths(runs: Sequence[dict[str, Any]]) -> dict[str, Growth]:
    """Return the growth of each pass over the runs on all cores, of what it takes beyond a hundred variants."""
    cores = max(run["cores"] for run in runs)
    found = {}
    for name in PASSES:
        points = [
            (run["people"] * run["variants"], run["passes"][name]["processor"] - run["fixed"][name])
            for run in runs
            if run["cores"] == cores and name in run["passes"]
        ]
        points = [(calls, seconds) for calls, seconds in points if seconds > 0]
        found[name] = growth(points)
    return found


def measured_table(runs: Sequence[dict[str, Any]]) -> str:
    """Return what was measured as Markdown."""
    rows = []
    for run in runs:
        calls = run["people"] * run["variants"]
        passes, sizes = run["passes"], run["bytes"]
        load = passes.get("load")
        rows.append(
            [
                f"{run['people']:,}",
                f"{run['variants']:,}",
                f"{calls / 1e6:,.0f}",
                str(run["cores"]),
                *(f"{passes[name]['seconds']:.1f}" for name in ("burden", "score")),
                f"{load['seconds']:.1f}" if load else "",
                *(f"{passes[name]['processor']:.1f}" for name in ("burden", "score")),
                f"{load['processor']:.1f}" if load else "",
                f"{8 * sizes['store'] / calls:.2f}",
                f"{sizes['vcf'] / calls:.2f}" if load else "",
                f"{sizes['loaded'] / calls:.2f}" if load else "",
                f"{run['peak_megabytes'] / 1024:.1f}",
            ]
        )
    return table(
        [
            "people", "variants", "million calls", "cores", "burden, s", "score, s", "load, s", "burden, processor s",
            "score, processor s", "load, processor s", "bits on disk for a call, GT alone", "bytes of VCF for a call",
            "bytes on disk for a call, all fields", "peak memory, GB",
        ],
        rows,
    )  # fmt: skip


def parts_of_the_aggregate() -> dict[str, float]:
    """Return how many sites the parts have that people ask for, at the aggregate's mean density of sites."""
    autosomes = sum(GRCH38.lengths[name] for name in GRCH38.autosomes)
    density = SITES / autosomes
    return dict(
        zip(
            PARTS,
            (
                50_000 * density,
                GRCH38.lengths["chr20"] * density,
                SITES * CODING_SHARE,
                float(SITES),
            ),
            strict=True,
        )
    )


def page(document: dict[str, Any]) -> str:
    """Return docs/scaling.md."""
    runs = document["runs"]
    found = growths(runs)
    largest = max(run["people"] * run["variants"] for run in runs)
    loaded = [run for run in runs if "load" in run["passes"]]
    sections = [
        _opening(document, largest),
        "## Measured",
        measured_table(runs),
        _speedup(runs),
        "## How it grows",
        _exponents(found),
        "## What the aggregate would cost",
        _costs(found),
        "## Disk",
        _disk(runs, loaded),
        "## What to ask of an administrator",
        _asking(found, runs, loaded),
    ]
    return "\n\n".join(sections) + "\n"


def _opening(document: dict[str, Any], largest: int) -> str:
    factor = PEOPLE * SITES / largest
    return (
        "# What the whole aggregate would cost\n\n"
        f"The germline aggregate has {PEOPLE:,} people and {SITES:,} sites on the autosomes (RD:site_qc): {PEOPLE * SITES:.2g} "
        f"calls. Nothing here was measured at that size. What was measured, on {document['machine']}, are sizes up to "
        f"{largest / 1e6:,.0f} million calls, {factor:,.0f} times fewer; everything said of the aggregate is drawn out from them, and "
        "the exponent by which cost grows is given with its interval, so that a reader sees how far that can be trusted.\n\n"
        f"This page is printed from `benchmarks/results/scaling.json` by `python -m benchmarks.extrapolation`; `{document['made_by']}` "
        "measures again. Genotypes are drawn from Balding and Nichols' model: common variants, which pack worse than the "
        "aggregate's, most of which are rare. Each pass was made before on a hundred variants, so that starting and compiling are left "
        "out; what a hundred variants take the second time does not grow, and is taken off before growth is judged."
    )


def _speedup(runs: Sequence[dict[str, Any]]) -> str:
    single = next((run for run in runs if run["cores"] == 1), None)
    if single is None:
        return "All sizes were measured on all cores."
    same = next(
        run
        for run in runs
        if run["cores"] > 1
        and (run["people"], run["variants"]) == (single["people"], single["variants"])
    )
    told = ", ".join(
        f"{name} {single['passes'][name]['seconds'] / same['passes'][name]['seconds']:.2f}"
        for name in PASSES
        if name in single["passes"]
    )
    return (
        f"With {same['cores']} cores in the place of one, at {single['people']:,} people and {single['variants']:,} variants, a pass "
        f"was quicker by a factor of: {told}. More cores than these were not to be had; the hours below take it that cores share "
        "the work evenly, which a cluster does as long as there are several partitions for each core."
    )


def _exponents(found: dict[str, Growth]) -> str:
    rows = [
        [
            PASSES[name],
            str(one.sizes),
            f"{one.exponent:.2f}",
            f"{one.low:.2f} to {one.high:.2f}",
            f"{one.calls / 1e6:,.0f} million",
            f"{one.calls / one.seconds / 1e6:.2f}",
        ]
        for name, one in found.items()
    ]
    return (
        "Processor seconds beyond those of a hundred variants grow as calls to the power of:\n\n"
        + table(
            [
                "pass",
                "sizes",
                "exponent",
                "95 % interval",
                "largest size, calls",
                "million calls a processor second there",
            ],
            rows,
        )
        + "\n\nOne would be exact proportion: a pass goes through the calls once, and there is no reason for more. Below one, what "
        "each task costs by itself still weighs at these sizes."
    )


def _range(one: Growth, calls: float) -> str:
    """Return what the ends of the exponent's interval come to; nothing where it is too wide to go by."""
    if one.high - one.low > WIDEST_INTERVAL:
        return "not known"
    return f"{_long(one.at(calls, one.low))} to {_long(one.at(calls, one.high))}"


def _costs(found: dict[str, Growth]) -> str:
    rows = []
    for part, sites in parts_of_the_aggregate().items():
        for name, one in found.items():
            calls = sites * PEOPLE
            middle = one.at(calls, 1.0)
            rows.append(
                [
                    part,
                    name,
                    f"{calls:.1e}",
                    _long(middle),
                    _range(one, calls),
                    *(_long(middle / cores) for cores in CORES),
                ]
            )
    return (
        "In processor time, in proportion to the cost of a call at the largest size measured; the range goes on from there by the "
        "ends of the exponent's interval, and is not known where that is wider than a quarter: the sizes were too small for the "
        "pass to outgrow what each task costs, so that the proportion is an upper bound:\n\n"
        + table(
            [
                "part",
                "pass",
                "calls",
                "processor time",
                "range",
                *(f"on {cores} cores" for cores in CORES),
            ],
            rows,
        )
        + "\n\nThe load of the aggregate also writes the compact store beside each MatrixTable, and reads more fields than were "
        "measured here (FT, GQX, DPF): both add to it."
    )


def _disk(runs: Sequence[dict[str, Any]], loaded: Sequence[dict[str, Any]]) -> str:
    bits, bytes_all, bytes_text = _per_call(runs, loaded)
    rows = []
    for part, sites in parts_of_the_aggregate().items():
        calls = sites * PEOPLE
        rows.append(
            [
                part,
                _size(calls * bytes_text),
                _size(calls * bytes_all),
                _size(calls * bits / 8),
                _size(calls / 4),
            ]
        )
    return (
        "At the bytes for a call of the largest sizes measured. Rare variants compress far better, in the VCF as in the "
        "MatrixTable, so that the first three columns are upper bounds by an unknown factor; the compact store has two bits for every "
        "call, whatever it says:\n\n"
        + table(
            ["part", "VCF", "MatrixTable, all fields", "MatrixTable, GT alone", "compact store"],
            rows,
        )
    )


def _asking(
    found: dict[str, Growth], runs: Sequence[dict[str, Any]], loaded: Sequence[dict[str, Any]]
) -> str:
    _, bytes_all, _ = _per_call(runs, loaded)
    gene, _, coding, whole = (sites * PEOPLE for sites in parts_of_the_aggregate().values())
    load = found["load"]
    memory = max(run["peak_megabytes"] for run in runs) / 1024
    cores = max(run["cores"] for run in runs)
    return (
        f"- **Genes and lists of genes**: nothing. A gene of 50 kb has {gene:.1e} calls, {_long(load.at(gene, 1.0))} of processor time to "
        "load, once, and seconds to ask.\n"
        f"- **What codes for proteins, of everybody**: 64 cores for {_long(load.at(coding, 1.0) / 64)}, and {_size(coding * bytes_all)} of a disk that all "
        "machines see (`GECIP_CACHE`), shared by the domain (`GECIP_SHARED_STORES`), so that it is done once.\n"
        f"- **All of it**: {_long(load.at(whole, 1.0) / 512)} of 512 cores and up to {_size(whole * bytes_all)}. That is a "
        "project of the environment's own, not of a research group: ask for a MatrixTable that all may read.\n"
        f"- **Memory**: Hail streams; {memory:.1f} GB were the most that any size took with {cores} cores, of a heap that "
        "could have taken more than it needed: Java clears memory late, so that the figure is no lower bound. Ask for 4 GB a core, "
        "so that a partition that is larger than usual fits.\n"
        "- **Cores**: executors that may be lost: work is repeated by the partition, and a test of this package kills one in the "
        "middle.\n"
    ).rstrip()


def _per_call(
    runs: Sequence[dict[str, Any]], loaded: Sequence[dict[str, Any]]
) -> tuple[float, float, float]:
    """Return bits of GT alone, bytes of all fields and bytes of VCF for a call, at the largest sizes."""

    def calls(run: dict[str, Any]) -> int:
        return int(run["people"] * run["variants"])

    large, text = max(runs, key=calls), max(loaded, key=calls)
    return (
        8 * large["bytes"]["store"] / calls(large),
        text["bytes"]["loaded"] / calls(text),
        text["bytes"]["vcf"] / calls(text),
    )


def _long(seconds: float) -> str:
    for unit, name in ((365.25 * DAY, "years"), (DAY, "days"), (HOUR, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{_rounded(seconds / unit)} {name}"
    return f"{_rounded(seconds)} s"


def _size(size: float) -> str:
    for unit, name in ((1e12, "TB"), (1e9, "GB")):
        if size >= unit:
            return f"{_rounded(size / unit)} {name}"
    return f"{_rounded(size / 1e6)} MB"


def _rounded(value: float) -> str:
    """Return two digits that count: more would pretend to know."""
    return f"{float(f'{value:.2g}'):,.10g}"


if __name__ == "__main__":
    PAGE.write_text(page(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")

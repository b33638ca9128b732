"""Run the benchmarks and print their tables: `make bench`, or `python -m benchmarks.run cohorts`.

Releases that they need are made once, in a folder of the cache.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Run those that are named, or all of them."""
    from benchmarks import (
        airlock,
        bundles,
        cohorts,
        genomes,
        governance,
        phenotypes,
        scaling,
        synthesis,
        tiering,
    )
    from gecip.configuration import cache_folder

    known = {
        "synthesis": synthesis.run,
        "cohorts": cohorts.run,
        "genomes": genomes.run,
        "genomes-local": genomes.run_local,
        "scaling": scaling.run,
        "phenotypes": phenotypes.run,
        "tiering": tiering.run,
        "airlock": airlock.run,
        "bundles": bundles.run,
        "governance": governance.run,
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--sizes", type=int, nargs="+", help="other sizes than the usual ones")
    options = parser.parse_args()
    for name in options.names or known:
        if name not in known:
            parser.error(f"there is no benchmark {name!r}: take of {', '.join(known)}")
        workspace = cache_folder() / "benchmarks"
        workspace.mkdir(parents=True, exist_ok=True)
        sizes = {"sizes": tuple(options.sizes)} if options.sizes else {}
        parts = [f"# {name}\n", _machine()]
        print("\n".join(parts), flush=True)
        for part in known[name](workspace, **sizes):
            print(part, flush=True)
            parts.append(part)
        if not options.sizes:
            RESULTS.mkdir(exist_ok=True)
            text = "\n".join(
                [*parts, f"\nMade by `make bench` (`python -m benchmarks.run {name}`).\n"]
            )
            (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB of memory, {platform.system()}, "
        f"Python {platform.python_version()}."
    )


if __name__ == "__main__":
    main()

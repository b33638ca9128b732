"""An exporter that can be killed at any moment: `python -m tests.doors.exporter FOLDER KILLS SEED`.

Two processes ask for one request after the other, of people who overlap in all possible ways, while the
parent kills them at random moments and starts them again; in the end both may finish. The parent imports
everything once and forks, so that a start takes no time.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np

from gecip.airlock import request_export
from gecip.reporting import Summary, count_people
from tests.products import BY_HAND, people_in

N_REQUESTS = 30
LONGEST_LIFE = 0.25


def summary(exporter: int, number: int) -> Summary:
    """Return what an exporter asks for in its so-manieth request: of any two, the people are near each other or not.

    Both draw on the same people, so that of two near ones only the first may go out.
    """
    drawn = np.random.default_rng([exporter, number])
    base = people_in({"renal": 40, "skin": 30})
    left_out = drawn.integers(0, 12)
    people = base.head(len(base) - int(left_out))
    people = people.assign(participant_id=people["participant_id"] + 1000 * int(drawn.integers(3)))
    people["family_id"] = people["participant_id"]
    return count_people(people, by="group", title="People", phenotypic=True, provenance=BY_HAND)


def export(exporter: int, folder: Path) -> None:
    """Ask for all requests in turn; what was asked for before a kill is asked for again."""
    os.environ["GECIP_EXPORTS"] = str(folder / "exports")
    os.environ["GECIP_LEDGER"] = str(folder / "ledger")
    os.environ["LOGNAME"] = f"exporter{exporter}"
    for number in range(N_REQUESTS):
        request = request_export(
            [summary(exporter, number)],
            project=f"RR{exporter}",
            purpose=f"To be killed, number {number}",
        )
        (folder / f"{exporter}-{number}.json").write_text(
            json.dumps([request.name, request.verdict.value]), encoding="utf-8"
        )


def start(exporter: int, folder: Path) -> int:
    """Fork an exporter and return its process number."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            export(exporter, folder)
            code = 0
        finally:
            os._exit(code)
    return child


def main(folder: Path, kills: int, seed: int) -> None:
    """Run both exporters, kill them so often, and let them finish."""
    # Whoever forks beside other threads is warned; those of numpy do nothing here.
    warnings.simplefilter("ignore", DeprecationWarning)
    moment = random.Random(seed)
    children = {exporter: start(exporter, folder) for exporter in (1, 2)}
    for _ in range(kills):
        time.sleep(moment.uniform(0, LONGEST_LIFE))
        victim = moment.choice((1, 2))
        os.kill(children[victim], signal.SIGKILL)
        os.waitpid(children[victim], 0)
        children[victim] = start(victim, folder)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children.values()]
    sys.stdout.write(f"{json.dumps(codes)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))

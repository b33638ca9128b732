"""Time and memory of a piece of work, each measured in a process of its own, as a user's would be."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Measured:
    """What one piece of work took: the first time in a fresh process, the best of the later ones, and memory at its peak."""

    cold_seconds: float
    warm_seconds: float
    peak_megabytes: float
    answer: Any


def measure(work: str, *arguments: str, turns: int = 5) -> Measured:
    """Run `module:function` with text arguments in a process of its own, `turns` times.

    The function returns another function without arguments, which is what is timed: what comes before
    (imports, a connection that a user would keep open) is not. Its answer must be plain data.
    """
    command = [sys.executable, "-m", "benchmarks.measuring", work, str(turns), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{work} failed:\n{done.stderr}")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def peak_megabytes() -> float:
    """Return the most memory that this process has held. `ru_maxrss` would count that of who started it, too."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024  # type: ignore[index]


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _main(work: str, turns: str, *arguments: str) -> None:
    module, _, name = work.partition(":")
    function: Callable[[], Any] = getattr(importlib.import_module(module), name)(*arguments)
    seconds = []
    answer = None
    for _ in range(int(turns)):
        begin = time.perf_counter()
        answer = function()
        seconds.append(time.perf_counter() - begin)
    peak = peak_megabytes()
    warm = min(seconds[1:], default=seconds[0])
    print(json.dumps({"cold_seconds": seconds[0], "warm_seconds": warm, "peak_megabytes": peak, "answer": answer}))  # fmt: skip


if __name__ == "__main__":
    _main(*sys.argv[1:])

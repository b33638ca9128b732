"""One progress bar for whatever Spark is computing, in place of its console noise.

A thread asks Spark's status tracker a few times a second and shows a bar for the job under way when it
has lasted longer than a moment; many small jobs in a row show nothing.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

PATIENCE_SECONDS = 1.5
INTERVAL_SECONDS = 0.3

_watcher: threading.Thread | None = None


def show_spark_progress() -> None:
    """Start watching the Spark session of this process; ends by itself when the session does."""
    global _watcher  # noqa: PLW0603 - one watcher for the one session
    if _watcher is None or not _watcher.is_alive():
        _watcher = threading.Thread(target=_watch, name="spark-progress", daemon=True)
        _watcher.start()


def _watch() -> None:
    import hail as hl

    try:
        tracker = hl.spark_context().statusTracker()
        shown: tuple[Any, int] | None = None
        since = time.monotonic()
        while True:
            time.sleep(INTERVAL_SECONDS)
            state = _tasks(tracker)
            if state is None:
                _close(shown)
                since, shown = time.monotonic(), None
                continue
            job, done, total = state
            if shown is not None and shown[1] != job:
                _close(shown)
                since, shown = time.monotonic(), None
            if shown is None and time.monotonic() - since > PATIENCE_SECONDS and total > 1:
                shown = (_bar(total), job)
            if shown is not None:
                bar = shown[0]
                bar.total = total
                bar.update(done - bar.n)
    except Exception:  # noqa: BLE001 - the session ended, and with it what there was to show
        return


def _tasks(tracker: Any) -> tuple[int, int, int] | None:
    """Return the job under way, its finished tasks and all its tasks, or None."""
    jobs = tracker.getActiveJobsIds()
    if not jobs:
        return None
    job = max(jobs)
    info = tracker.getJobInfo(job)
    stages = [
        stage
        for stage in (tracker.getStageInfo(i) for i in (info.stageIds if info else []))
        if stage
    ]
    total = sum(stage.numTasks for stage in stages)
    return (job, sum(stage.numCompletedTasks for stage in stages), total) if total else None


def _bar(total: int) -> Any:
    from tqdm import tqdm

    return tqdm(
        total=total, desc="Hail", unit="task", file=sys.stderr, leave=False, dynamic_ncols=True
    )


def _close(shown: tuple[Any, int] | None) -> None:
    if shown is not None:
        shown[0].close()

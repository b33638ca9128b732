"""One progress bar for whatever Spark is computing, in place of its console noise.

While Hail computes, a thread asks Spark's status tracker a few times a second and shows a bar over
the tasks of the job under way, once that has lasted longer than a moment. When nothing has run for
a while the thread sleeps until the next computation.
"""

from __future__ import annotations

import sys
import threading
import time
from typing import Any

PATIENCE_SECONDS = 1.0
INTERVAL_SECONDS = 0.25
IDLE_SECONDS = 5.0


class SparkProgress:
    """Watches one Spark session; `expect` is called whenever a computation begins."""

    def __init__(self, tracker: Any) -> None:
        self._tracker = tracker
        self._expecting = threading.Event()
        self._bar = _Bar()
        self._thread: threading.Thread | None = None

    def expect(self) -> None:
        """Watch from now on, until nothing has run for a while."""
        self._expecting.set()
        if can_show() and (self._thread is None or not self._thread.is_alive()):
            self._thread = threading.Thread(target=self._watch, name="spark-progress", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        quiet_since = time.monotonic()
        while True:
            try:
                tasks = tasks_of_latest_job(self._tracker)
            except Exception:  # noqa: BLE001 - the session has ended, and with it what there was to show
                self._bar.hide()
                return
            now = time.monotonic()
            self._bar.show(tasks, now)
            if tasks is not None or self._expecting.is_set():
                quiet_since = now
                self._expecting.clear()
            if now - quiet_since > IDLE_SECONDS:
                self._expecting.wait()
            time.sleep(INTERVAL_SECONDS)


class _Bar:
    """The bar of one job at a time; jobs that are over in a moment get none."""

    def __init__(self) -> None:
        self._job: int | None = None
        self._since = 0.0
        self._shown: Any = None

    def show(self, tasks: tuple[int, int, int] | None, now: float) -> None:
        """Show the state of a job: its number, its finished tasks and all its tasks; None ends it."""
        if tasks is None or tasks[0] != self._job:
            self.hide()
            self._job, self._since = (tasks[0] if tasks else None), now
        if tasks is None:
            return
        _, done, total = tasks
        if self._shown is None and now - self._since >= PATIENCE_SECONDS:
            from tqdm import tqdm

            self._shown = tqdm(
                total=total,
                desc="Hail",
                unit="task",
                file=sys.stderr,
                leave=False,
                dynamic_ncols=True,
            )
        if self._shown is not None and (done, total) != (self._shown.n, self._shown.total):
            self._shown.total = total
            self._shown.n = done
            self._shown.refresh()

    def hide(self) -> None:
        """Wipe the bar, if there is one."""
        if self._shown is not None:
            self._shown.close()
            self._shown = None


def can_show() -> bool:
    """Return whether somebody looks: a terminal or a notebook, not a file or a pipe."""
    stream = sys.stderr
    if stream is None or getattr(stream, "closed", False):
        return False
    # A notebook's stream is no terminal, but understands a line that is written over.
    if type(stream).__module__.startswith("ipykernel."):
        return True
    return bool(stream.isatty())


def tasks_of_latest_job(tracker: Any) -> tuple[int, int, int] | None:
    """Return the latest job under way as its number, its finished tasks and all its tasks, or None."""
    jobs = tracker.getActiveJobsIds()
    if not jobs:
        return None
    job = max(jobs)
    info = tracker.getJobInfo(job)
    stages = [tracker.getStageInfo(stage) for stage in (info.stageIds if info else ())]
    known = [stage for stage in stages if stage is not None]
    total = sum(stage.numTasks for stage in known)
    return (job, sum(stage.numCompletedTasks for stage in known), total) if total else None

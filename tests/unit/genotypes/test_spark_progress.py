# ruff: noqa: N802, N815 - Spark's own names
"""The one progress bar over whatever Spark is computing."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from gecip.genotypes import spark_progress
from gecip.genotypes.spark_progress import SparkProgress, _Bar, can_show, tasks_of_latest_job

if TYPE_CHECKING:
    import pytest


class Terminal(io.StringIO):
    """A standard error that somebody looks at."""

    def isatty(self) -> bool:
        return True


class Job(NamedTuple):
    """What Spark tells of a job."""

    stageIds: list[int]


class Stage(NamedTuple):
    """What Spark tells of a stage."""

    numTasks: int
    numCompletedTasks: int


class Tracker:
    """A status tracker with one job of two stages."""

    def __init__(self, jobs: list[int]) -> None:
        self.jobs = jobs

    def getActiveJobsIds(self) -> list[int]:
        return self.jobs

    def getJobInfo(self, job: int) -> Job:
        return Job([1, 2, 3])

    def getStageInfo(self, stage: int) -> Stage | None:
        return {1: Stage(4, 4), 2: Stage(8, 2)}.get(stage)


def look(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Put a terminal where standard error is; pytest itself changes it between set-up and test."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    return terminal


def test_a_jobs_tasks_are_counted_over_its_known_stages() -> None:
    assert tasks_of_latest_job(Tracker([3, 7])) == (7, 6, 12)
    assert tasks_of_latest_job(Tracker([])) is None


def test_a_job_that_is_over_in_a_moment_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = look(monkeypatch)
    bar = _Bar()
    for moment, job in enumerate(range(20)):
        bar.show((job, 1, 4), now=moment * 0.5)
    bar.show(None, now=11.0)
    assert not terminal.getvalue()


def test_a_job_that_lasts_shows_one_bar_and_wipes_it_when_it_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = look(monkeypatch)
    bar = _Bar()
    bar.show((7, 0, 4), now=0.0)
    bar.show((7, 1, 4), now=spark_progress.PATIENCE_SECONDS)
    bar.show((7, 3, 4), now=spark_progress.PATIENCE_SECONDS + 1)
    assert "3/4" in terminal.getvalue()
    assert "\n" not in terminal.getvalue()
    bar.show(None, now=9.0)
    assert terminal.getvalue().endswith("\r")


def test_a_bar_is_shown_in_a_terminal_and_a_notebook_and_nowhere_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notebook = type("OutStream", (io.StringIO,), {"__module__": "ipykernel.iostream"})()
    closed = Terminal()
    closed.close()
    for stream, shown in [
        (Terminal(), True),
        (notebook, True),
        (io.StringIO(), False),
        (closed, False),
        (None, False),
    ]:
        monkeypatch.setattr(sys, "stderr", stream)
        assert can_show() is shown


def test_nothing_watches_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    progress = SparkProgress(Tracker([7]))
    progress.expect()
    assert progress._thread is None


def test_the_watching_ends_when_the_session_does(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = look(monkeypatch)

    class Gone:
        def getActiveJobsIds(self) -> Any:
            raise ConnectionError

    progress = SparkProgress(Gone())
    progress.expect()
    assert progress._thread is not None
    progress._thread.join(timeout=5)
    assert not progress._thread.is_alive()
    assert not terminal.getvalue()

"""The same statistics on a real Spark cluster of a master and two workers, and a burden test that outlives one of them.

The worker is lost at a moment that is sure to be in the middle: the test has many small tasks that take
their time, and worker and executor are killed when a few have ended and both executors have one running.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.spark_cluster import EXECUTOR_MEGABYTES, Cluster, running_cluster
from tests.unit.analysis.genetic_statistics import write_families

pytestmark = [pytest.mark.jvm, pytest.mark.slow]

PROJECT = Path(__file__).parents[3]
PATIENCE_SECONDS = 600.0
# Enough that many tasks are left when the worker is lost, however slowly its loss is noticed.
PARTITIONS = 40
DRIVER = """
import json, sys, threading, time
from pathlib import Path

import hail as hl

from gecip import define_cohort, load_genotypes, open_release, select_cohort
from gecip.analysis.genetic.gene_burden import gene_burden
from gecip.analysis.genetic.qualifying import VariantTest, qualifying_variants
from gecip.analysis.genetic.transmission import Trio, transmission_disequilibrium
from gecip.genotypes import describe_session

release, signs, partitions = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
tests = [VariantTest("LoF", ("stop_gained",)), VariantTest("any")]
genotypes = load_genotypes(select_cohort(define_cohort("Everyone"), open_release(release)))

def burden(genotypes):
    carriers = qualifying_variants(genotypes, tests=tests)
    found = gene_burden(carriers, cases={"first": range(1000, 1060)}, among=range(1000, 1120))
    return [found.tests.to_csv(index=False), carriers.carriers.to_csv(index=False)]

trios = [Trio(1002 + 3 * i, 1000 + 3 * i, 1001 + 3 * i, i % 2 == 1) for i in range(40)]
handed = transmission_disequilibrium(genotypes, trios=trios, engine="hail").variants
said = {"session": describe_session(), "transmitted": int(handed["transmitted"].sum())}
said["undisturbed"] = burden(genotypes)

# The same rows, each after a sum that takes its time and leaves none out.
mt = genotypes.mt.repartition(partitions)
toil = hl.range(30_000_000).fold(lambda so_far, one: (so_far * 31 + one) % 1_000_003, mt.locus.position)
many = genotypes.with_matrix(mt.filter_rows(toil >= 0), because="many tasks for both workers")

def tell_when_in_the_middle():
    tracker = hl.spark_context().statusTracker()
    while not (signs / "running").exists():
        for one in map(tracker.getStageInfo, tracker.getActiveStageIds()):
            if one and one.numTasks >= partitions and one.numCompletedTasks >= 4 and one.numActiveTasks >= 2:
                (signs / "running").touch()
        time.sleep(0.02)

threading.Thread(target=tell_when_in_the_middle, daemon=True).start()
said["disturbed"] = burden(many)
(signs / "answer").write_text(json.dumps(said), encoding="utf-8")
(signs / "done").touch()
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the driver said, and Spark's events, of one run in which a worker was lost."""
    folder = tmp_path_factory.mktemp("cluster")
    release = write_families(folder / "release")
    signs = folder / "signs"
    signs.mkdir()
    with running_cluster(folder / "spark") as cluster:
        with (folder / "driver.log").open("wb") as log:
            driver = subprocess.Popen(
                [sys.executable, "-c", DRIVER, str(release), str(signs), str(PARTITIONS)],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=PROJECT,
                env={
                    **os.environ,
                    **cluster.settings(),
                    "GECIP_CACHE": str(folder / "cache"),
                    "GECIP_MEMORY_GB": f"{EXECUTOR_MEGABYTES / 1024:.2f}",
                },
            )
        try:
            lose_a_worker(cluster, driver, signs, folder / "driver.log")
        finally:
            driver.kill()
            driver.wait()
        answer = json.loads((signs / "answer").read_text(encoding="utf-8"))
        return {**answer, "events": cluster.events()}


def lose_a_worker(
    cluster: Cluster, driver: subprocess.Popen[bytes], signs: Path, log: Path
) -> None:
    wait_for(signs / "running", driver, log)
    cluster.kill("worker-2")
    wait_for(signs / "done", driver, log)


def wait_for(sign: Path, driver: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not sign.exists():
        ended = driver.poll() is not None and not sign.exists()
        if ended or time.monotonic() > end:
            said = log.read_text(encoding="utf-8", errors="replace")[-3000:]
            pytest.fail(f"the driver gave no sign {sign.name!r}; it said: {said}")
        time.sleep(0.1)


def test_the_statistics_are_computed_on_the_cluster(told: dict[str, Any]) -> None:
    assert "spark://127.0.0.1:" in told["session"]
    assert told["transmitted"] > 200
    executors = {
        event["Task Info"]["Executor ID"]
        for event in told["events"]
        if event["Event"] == "SparkListenerTaskStart"
    }
    assert len(executors) >= 2


def test_a_burden_test_gives_the_same_answer_though_a_worker_is_lost(told: dict[str, Any]) -> None:
    assert told["disturbed"] == told["undisturbed"]
    assert told["undisturbed"][0].count("\n") > 1


def test_sparks_own_log_shows_the_executor_lost_and_its_tasks_run_again(
    told: dict[str, Any],
) -> None:
    events = told["events"]
    lost = {
        event["Executor ID"]: event["Timestamp"]
        for event in events
        if event["Event"] == "SparkListenerExecutorRemoved"
    }
    ended = [event for event in events if event["Event"] == "SparkListenerTaskEnd"]
    failed = [
        event for event in ended if event["Task End Reason"]["Reason"] == "ExecutorLostFailure"
    ]
    assert failed
    assert {event["Task Info"]["Executor ID"] for event in failed} <= set(lost)
    done = [event for event in ended if event["Task End Reason"]["Reason"] == "Success"]
    for event in failed:
        when = lost[event["Task Info"]["Executor ID"]]
        of_stage = [other for other in done if other["Stage ID"] == event["Stage ID"]]
        again = [other for other in of_stage if task_of(other) == task_of(event)]
        assert any(other["Task Info"]["Launch Time"] >= when for other in again)
        # It was in the middle: of the same stage some tasks had ended, and some had not begun.
        assert any(other["Task Info"]["Finish Time"] < when for other in of_stage)
        assert len([one for one in of_stage if one["Task Info"]["Launch Time"] >= when]) > 1


def task_of(event: dict[str, Any]) -> tuple[int, int]:
    return event["Stage ID"], event["Task Info"]["Index"]

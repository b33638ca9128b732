"""A real Spark cluster on this machine: one master and two workers, each a process of its own, on loopback."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gecip.genotypes.machine import find_java

PATIENCE_SECONDS = 120.0
EXECUTOR_MEGABYTES = 700


@dataclass
class Cluster:
    """A running cluster: its address, and the processes of its master and workers."""

    folder: Path
    master: str
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def event_log(self) -> Path:
        """Where applications write Spark's event log."""
        return self.folder / "events"

    def executors_of(self, worker: str) -> list[int]:
        """Return the process ids of a worker's executors."""
        import psutil

        children = psutil.Process(self.processes[worker].pid).children(recursive=True)
        found = []
        for child in children:
            # A child that has just ended has no command line any more.
            with contextlib.suppress(psutil.NoSuchProcess):
                if "Executor" in " ".join(child.cmdline()):
                    found.append(child.pid)
        return found

    def kill(self, worker: str) -> None:
        """Kill a worker and its executors at once, as a machine that is switched off."""
        executors = self.executors_of(worker)
        self.processes[worker].kill()
        for executor in executors:
            with contextlib.suppress(ProcessLookupError):
                os.kill(executor, signal.SIGKILL)
        self.processes[worker].wait()

    def settings(self) -> dict[str, str]:
        """Return what a user sets to compute here."""
        return {
            "GECIP_SPARK_MASTER": self.master,
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_CONF_DIR": str(self.folder / "conf"),
        }

    def events(self) -> list[dict[str, object]]:
        """Return what Spark's event logs say, in order; the last line of a running one may be torn."""
        found = []
        for log in sorted(self.event_log.glob("*")):
            for line in log.read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(json.JSONDecodeError):
                    found.append(json.loads(line))
        return found


@contextlib.contextmanager
def running_cluster(folder: Path, *, workers: int = 2) -> Iterator[Cluster]:
    """Start a standalone cluster and end all of its processes with the block."""
    import pyspark

    (folder / "conf").mkdir(parents=True)
    (folder / "events").mkdir()
    settings = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": (folder / "events").as_uri(),
        # What is written is seen at once, and not only when a buffer is full.
        "spark.eventLog.buffer.kb": "1k",
        "spark.executor.memory": f"{EXECUTOR_MEGABYTES}m",
        "spark.executor.cores": "1",
    }
    (folder / "conf" / "spark-defaults.conf").write_text(
        "".join(f"{name} {value}\n" for name, value in settings.items()), encoding="utf-8"
    )
    port = _free_port()
    cluster = Cluster(folder, f"spark://127.0.0.1:{port}")
    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    deploy = "org.apache.spark.deploy"
    own = ["--host", "127.0.0.1", "--webui-port", "0"]
    try:
        cluster.processes["master"] = _start(
            cluster, "master", [str(program), f"{deploy}.master.Master", *own, "--port", str(port)]
        )
        _wait_until(lambda: _answers(port), "the master answers")
        for number in range(1, workers + 1):
            name = f"worker-{number}"
            size = ["--cores", "1", "--memory", f"{EXECUTOR_MEGABYTES + 400}m"]
            work = ["--work-dir", str(folder / name), cluster.master]
            cluster.processes[name] = _start(
                cluster, name, [str(program), f"{deploy}.worker.Worker", *own, *size, *work]
            )
        log = folder / "master.log"
        _wait_until(
            lambda: log.read_text(errors="replace").count("Registering worker") >= workers,
            "all workers have registered",
        )
        yield cluster
    finally:
        for process in reversed(cluster.processes.values()):
            _end(process)


def _start(cluster: Cluster, name: str, command: list[str]) -> subprocess.Popen[bytes]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SPARK_")},
        "JAVA_HOME": str(find_java().home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_CONF_DIR": str(cluster.folder / "conf"),
        "SPARK_DAEMON_MEMORY": "200m",
    }
    with (cluster.folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=subprocess.STDOUT, env=environment, start_new_session=True
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and whatever it started; each leads a group of its own."""
    import psutil

    children = []
    with contextlib.suppress(psutil.NoSuchProcess):
        children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait()
    for child in children:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.2)

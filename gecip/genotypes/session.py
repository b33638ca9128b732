"""The Hail session: one for each Python process, started when it is first needed and never before."""

from __future__ import annotations

import atexit
import datetime
import os
import socket
import sys
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gecip.configuration import cache_folder, spark_master
from gecip.errors import SessionError
from gecip.genotypes.machine import Resources, find_java, java_version, size_session

_starting = threading.Lock()


@dataclass(frozen=True)
class Session:
    """The running session: where it computes, with what, and where its log lies."""

    master: str
    resources: Resources | None
    java: int | None
    log: Path | None

    def __repr__(self) -> str:
        size = (
            f"cores={self.resources.cores}, memory={self.resources.heap_gigabytes:.1f} GB, "
            if self.resources
            else ""
        )
        return f"Session(master={self.master!r}, {size}java={self.java}, log={str(self.log)!r})"


_session: Session | None = None


def hail_session() -> Session:
    """Return the Hail session of this process, starting it if there is none; the start takes 5 to 12 s.

    A session that the user started with `hl.init` is used as it is. With `GECIP_SPARK_MASTER` set, Hail
    runs on that cluster, otherwise on the cores of this machine.

    Raises
    ------
    SessionError
        When Java is missing or wrong, memory is too little, the cluster does not answer, or an earlier
        session has died.
    """
    global _session  # noqa: PLW0603 - Hail itself has one session for each process
    with _starting:
        import hail as hl

        if hl.utils.java.Env.is_fully_initialized():
            _check_alive()
            if _session is None:
                master = hl.spark_context().master
                _session = Session(master=master, resources=None, java=None, log=None)
            return _session
        _session = _start(hl)
        return _session


def stop_session() -> None:
    """Stop the session of this process, if there is one; the next use of Hail starts a new one."""
    global _session  # noqa: PLW0603
    import hail as hl

    with _starting:
        if hl.utils.java.Env.is_fully_initialized():
            _stop_quietly(hl)
        _session = None


def spark_cores() -> int:
    """Return how many tasks the session runs at once, on this machine or on the cluster."""
    import hail as hl

    return int(hl.spark_context().defaultParallelism)


def _start(hl: Any) -> Session:
    master = spark_master()
    java = find_java()
    resources = None if master else size_session()
    logs = cache_folder() / "logs"
    scratch = cache_folder() / "scratch"
    for folder in (logs, scratch):
        folder.mkdir(parents=True, exist_ok=True)
    log = logs / f"hail-{datetime.datetime.now().astimezone():%Y%m%d-%H%M%S}-{os.getpid()}.log"
    before = os.environ.get("JAVA_HOME")
    os.environ["JAVA_HOME"] = str(java)
    try:
        with warnings.catch_warnings(), _quiet_launch():
            # Hail asks for Java 11; 17 and 21 were tried with this version (see NOTICE and the tests).
            warnings.filterwarnings("ignore", message="Hail was built and tested with Java 11")
            hl.init(
                master=master or f"local[{resources.cores if resources else 1}]",
                app_name="gecip",
                quiet=True,
                log=str(log),
                tmp_dir=str(scratch),
                local_tmpdir=str(scratch),
                default_reference="GRCh38",
                idempotent=True,
                spark_conf=_spark_settings(master, resources),
            )
    except Exception as error:  # noqa: BLE001 - Java, Spark and the network each fail in their own way
        raise SessionError(_why_not_started(error, master, log)) from None
    finally:
        if before is None:
            os.environ.pop("JAVA_HOME", None)
        else:
            os.environ["JAVA_HOME"] = before
    from gecip.genotypes.spark_progress import show_spark_progress

    show_spark_progress()
    atexit.register(_stop_at_exit)
    return Session(
        master=hl.spark_context().master, resources=resources, java=java_version(java), log=log
    )


def _spark_settings(master: str | None, resources: Resources | None) -> dict[str, str]:
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        # Hail's own advice for local mode: the heartbeat of a busy driver must not be taken for its death.
        "spark.network.timeout": "600s",
        "spark.executor.heartbeatInterval": "60s",
    }
    if resources:
        settings["spark.driver.memory"] = f"{int(resources.heap_gigabytes * 1000)}m"
        settings["spark.driver.bindAddress"] = "127.0.0.1"
        settings["spark.driver.host"] = "127.0.0.1"
    elif master and "127.0.0.1" in master:
        settings["spark.driver.host"] = "127.0.0.1"
    else:
        settings["spark.driver.host"] = socket.gethostbyname(socket.gethostname())
    return settings


@contextmanager
def _quiet_launch() -> Iterator[None]:
    """Keep what Java says while it starts out of the notebook and the terminal.

    The Java process inherits the file descriptors, so that they must be turned aside at that level;
    what it has to say later it writes into its log.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with tempfile.TemporaryFile() as aside:
        kept = [(descriptor, os.dup(descriptor)) for descriptor in (1, 2)]
        for descriptor, _ in kept:
            os.dup2(aside.fileno(), descriptor)
        try:
            yield
        finally:
            for descriptor, copy in kept:
                os.dup2(copy, descriptor)
                os.close(copy)


def _why_not_started(error: Exception, master: str | None, log: Path) -> str:
    if master:
        return (
            f"Hail could not be started on the Spark cluster of GECIP_SPARK_MASTER ({master}): check that it runs and that "
            f"this machine reaches it, or unset the variable to compute here. What Spark said is in {log}."
        )
    first_line = (str(error).splitlines() or [type(error).__name__])[0]
    return f"Hail could not be started ({first_line}): restart the kernel and try again; more is in {log}."


def _check_alive() -> None:
    """Raise the sentence for a session whose Java process has gone."""
    import hail as hl

    try:
        hl.spark_context().statusTracker().getActiveJobsIds()  # the cheapest call that reaches Java
    except Exception:  # noqa: BLE001 - py4j raises whatever the broken connection raises
        raise SessionError(
            "The Hail session has died, most often because memory ran out: restart the kernel, ask for fewer variants "
            "or people at once, or raise GECIP_MEMORY_GB."
        ) from None


def _stop_at_exit() -> None:
    import hail as hl

    if hl.utils.java.Env.is_fully_initialized():
        _stop_quietly(hl)


def _stop_quietly(hl: Any) -> None:
    # A dead Java process cannot be stopped, and need not be.
    with _quiet_launch(), suppress(Exception):
        hl.stop()

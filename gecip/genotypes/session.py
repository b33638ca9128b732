"""The Hail session: one for each Python process, started when it is first needed and never before."""

from __future__ import annotations

import atexit
import datetime
import os
import shutil
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gecip.configuration import cache_folder, memory_gigabytes, spark_master
from gecip.errors import SessionError
from gecip.genotypes.java_process import (
    DIED,
    end_session,
    forget_dead_session,
    is_alive,
    stand_before_hail,
)
from gecip.genotypes.machine import Java, Resources, find_java, size_session
from gecip.progress import say

LOGS_KEPT = 20


@dataclass(frozen=True)
class Session:
    """The running session: where it computes, with what, and where its log lies.

    Of a session that the user started with `hl.init` only the master is known.
    """

    master: str
    resources: Resources | None = None
    java: Java | None = None
    log: Path | None = None

    def __repr__(self) -> str:
        known = [f"master={self.master!r}"]
        if self.resources:
            known += [
                f"cores={self.resources.cores}",
                f"memory={self.resources.heap_gigabytes:.1f} GB",
            ]
        if self.java:
            known.append(f"java={self.java.version} in {str(self.java.home)!r}")
        if self.log:
            known.append(f"log={str(self.log)!r}")
        return f"Session({', '.join(known)})"


class _Current:
    """Hail itself has one session for each process; this is what is known of it."""

    changing = threading.RLock()
    context: object = None
    session: Session | None = None

    @classmethod
    def of(cls, context: object) -> Session:
        """Return what is known of the session of a Hail context, which may be the user's own."""
        import hail as hl

        if cls.context is not context or cls.session is None:
            cls.context, cls.session = context, Session(master=hl.spark_context().master)
        return cls.session


def hail_session() -> Session:
    """Return the Hail session of this process, starting it if there is none; the start takes 5 to 12 s.

    A session that the user started with `hl.init` is used as it is. Otherwise Hail gets the cores of
    this machine and half of its memory (`GECIP_MEMORY_GB` sets it), or, with `GECIP_SPARK_MASTER`,
    runs on that cluster; then `GECIP_CACHE` must be a folder that all its machines see. A session
    that has died is replaced; tables made with the old one go on working.

    Raises
    ------
    SessionError
        When Java is missing, memory is too little, or the cluster does not answer.
    """
    with _Current.changing:
        hl = _import_hail()
        if hl.utils.java.Env.is_fully_initialized():
            if is_alive():
                return _Current.of(hl.utils.java.Env.hc())
            forget_dead_session()
            say("The Hail session had died, most often because memory ran out: starting a new one.")
        session = _start()
        _Current.context, _Current.session = hl.utils.java.Env.hc(), session
        return session


def _import_hail() -> Any:
    """Import Hail without what it does at that in a notebook: it has Bokeh load scripts from an outside address."""
    import hailtop

    asked = hailtop.is_notebook
    hailtop.is_notebook = lambda: False
    try:
        import hail as hl
    finally:
        hailtop.is_notebook = asked
    return hl


def stop_session() -> None:
    """Stop the session of this process, if there is one; the next use of Hail starts a new one."""
    with _Current.changing:
        if "hail" in sys.modules:
            import hail as hl

            if hl.utils.java.Env.is_fully_initialized():
                if is_alive():
                    with _console_to(None):
                        end_session()
                else:
                    forget_dead_session()
        _Current.context = _Current.session = None


def describe_session() -> str:
    """Return in one line what Hail runs on now; this starts nothing."""
    if "hail" not in sys.modules:
        return "Hail has not been started: it starts by itself when genomes are first loaded."
    import hail as hl

    if not hl.utils.java.Env.is_fully_initialized():
        return "Hail has not been started: it starts by itself when genomes are first loaded."
    if not is_alive():
        return DIED
    return repr(_Current.of(hl.utils.java.Env.hc()))


def spark_cores() -> int:
    """Return how many tasks the session runs at once, on this machine or on the cluster."""
    import hail as hl

    return int(hl.spark_context().defaultParallelism)


def _start() -> Session:
    import hail as hl

    master = spark_master()
    local = master is None or master.startswith("local")
    java = find_java()
    resources = size_session() if local else None
    log = _new_log()
    scratch = _new_scratch()
    if java.note:
        say(java.note)
    _let_local_calls_pass_the_proxy()
    surroundings = {"JAVA_HOME": str(java.home)}
    if local and "SPARK_LOCAL_IP" not in os.environ:
        # Without it Spark looks up this machine's name, which fails where no network is.
        surroundings["SPARK_LOCAL_IP"] = "127.0.0.1"
    try:
        with (
            _environment(surroundings),
            _console_to(log.with_suffix(".console")),
            warnings.catch_warnings(),
        ):
            # Java 17 and 21 were tried with this version of Hail, which was released for 11.
            warnings.filterwarnings("ignore", message="Hail was built and tested with Java 11")
            hl.init(
                app_name="gecip",
                master=master or f"local[{resources.cores if resources else 1}]",
                log=str(log),
                quiet=True,
                # The same notebook draws the same random numbers in every session.
                global_seed=0,
                show_progress=False,
                tmp_dir=str(scratch),
                local_tmpdir=str(scratch),
                spark_conf=_spark_settings(master, resources),
            )
            hl.default_reference("GRCh38")
    except Exception as error:  # noqa: BLE001 - Spark, Hail, py4j and the system each have their own
        forget_dead_session()
        raise SessionError(_why_not_started(error, master, log)) from None
    stand_before_hail()
    atexit.register(stop_session)
    return Session(master=hl.spark_context().master, resources=resources, java=java, log=log)


def _spark_settings(master: str | None, resources: Resources | None) -> dict[str, str]:
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
        # A busy Java that pauses to collect garbage must not be taken for a dead one.
        "spark.network.timeout": "600s",
        "spark.executor.heartbeatInterval": "60s",
    }
    if resources:
        settings["spark.driver.memory"] = f"{int(resources.heap_gigabytes * 1024)}m"
    else:
        asked = memory_gigabytes()
        if asked is not None:
            settings["spark.driver.memory"] = settings["spark.executor.memory"] = (
                f"{int(asked * 1024)}m"
            )
    if resources or (master and "://127.0.0.1" in master):
        settings["spark.driver.host"] = settings["spark.driver.bindAddress"] = "127.0.0.1"
    return settings


def _why_not_started(error: Exception, master: str | None, log: Path) -> str:
    if master:
        return (
            f"Hail could not be started on the Spark cluster of GECIP_SPARK_MASTER ({master}): check that it runs and that "
            f"this machine reaches it, or unset the variable to compute here; what Spark said is in {log.parent}."
        )
    first_line = (str(error).splitlines() or [type(error).__name__])[0]
    return (
        f"Hail could not be started ({first_line}): restart the kernel and try again; what Java said "
        f"is in {log.with_suffix('.console')}."
    )


# -- surroundings -------------------------------------------------------------------------------------


def _new_log() -> Path:
    """Return the name of a new log, and remove the oldest beyond what is kept."""
    logs = _own_folder("logs")
    now = datetime.datetime.now(tz=datetime.UTC).astimezone()
    for suffix in ("log", "console"):
        oldest_last = sorted(logs.glob(f"hail-*.{suffix}"), reverse=True)
        for old in oldest_last[LOGS_KEPT - 1 :]:
            old.unlink(missing_ok=True)
    return logs / f"hail-{now:%Y%m%d-%H%M%S}-{os.getpid()}.log"


def _new_scratch() -> Path:
    """Return a folder for what Hail and Spark lay down in passing; those of dead processes are cleared."""
    scratch = _own_folder("scratch")
    machine = socket.gethostname()
    for old in scratch.glob(f"{machine}-*"):
        process = old.name.rpartition("-")[2]
        if (
            process.isdigit()
            and not Path("/proc", process).exists()
            and Path("/proc/self").exists()
        ):
            shutil.rmtree(old, ignore_errors=True)
    own = scratch / f"{machine}-{os.getpid()}"
    own.mkdir(exist_ok=True)
    atexit.register(shutil.rmtree, own, ignore_errors=True)
    return own


def _own_folder(name: str) -> Path:
    folder = cache_folder() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK):
            raise PermissionError
    except OSError:
        raise SessionError(
            f"{folder}: Hail keeps its logs and passing files here, and this folder cannot be written: "
            "set GECIP_CACHE to a folder where you may write."
        ) from None
    return folder


def _let_local_calls_pass_the_proxy() -> None:
    """Keep a web proxy out of what Hail's Python says to its own Java, on this same machine."""
    if any(os.environ.get(name) for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")):
        for name in ("no_proxy", "NO_PROXY"):
            spared = [word for word in os.environ.get(name, "").split(",") if word]
            if "*" not in spared:
                wanted = [word for word in ("localhost", "127.0.0.1") if word not in spared]
                os.environ[name] = ",".join([*spared, *wanted])


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the processes that are started meanwhile."""
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _console_to(file: Path | None) -> Iterator[None]:
    """Turn what Java says on the console aside into a file, for as long as that Java lives.

    Java inherits the file descriptors of standard output and error, so that they must be turned at
    that level; Python's own are given back when the block ends.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    aside = os.open(file or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    kept = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    try:
        for descriptor in kept:
            os.dup2(aside, descriptor)
        yield
    finally:
        for descriptor, copy in kept.items():
            os.dup2(copy, descriptor)
            os.close(copy)
        os.close(aside)

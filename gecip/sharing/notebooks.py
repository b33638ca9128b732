"""Run a notebook from top to bottom, and write what it shows as one file that needs no network."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from gecip.errors import NotebookError
from gecip.progress import step
from gecip.writing import new_file

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

# The cell with this tag names the release; its value is replaced by a cell that is put below it.
PARAMETERS = "parameters"
RELEASE_PARAMETER = "release_name"

# The page of the lab template without all that it would fetch: RequireJS, MathJax, Mermaid, widgets.
_PAGE = """
{%- extends 'lab/index.html.j2' -%}
{%- block html_head_js -%}{%- endblock -%}
{%- block html_head_js_mathjax -%}{%- endblock -%}
{%- block html_head_js_mermaidjs -%}{%- endblock -%}
{%- block jupyter_widgets -%}{%- endblock -%}
"""
_WIDGET = "application/vnd.jupyter.widget-view+json"


def run_notebook(
    notebook: str | Path, *, html: str | Path | None = None, release: str | None = None
) -> NotebookNode:
    """Run every cell of a notebook in a fresh kernel and return it with its outputs.

    The kernel is this Python, so that what is installed here is what runs. The notebook's own file
    stays as it is: outputs belong in no file that is shared.

    Parameters
    ----------
    notebook
        The notebook's file; it runs in its folder.
    html
        Where to write the result as one HTML file, which shows all that the notebook does and asks
        nothing of the network; an earlier one is replaced. Widgets are shown by their fallback.
    release
        The release to run on, in place of the one that the notebook's cell tagged `parameters` names
        as `release_name`.

    Raises
    ------
    NotebookError
        When it is no notebook, names no release, or a cell fails.
    """
    path = Path(notebook).expanduser().absolute()
    document = _read(path)
    if release is not None:
        document = _with_release(document, path, release)
    _execute(document, path)
    if html is not None:
        _write_html(document, path, Path(html).expanduser().absolute())
    return document


def _read(path: Path) -> NotebookNode:
    import json

    import nbformat

    try:
        text = path.read_text(encoding="utf-8")
        nbformat.validate(json.loads(text))
    except FileNotFoundError:
        raise NotebookError(f"{path}: there is no such notebook: check the path.") from None
    except IsADirectoryError:
        raise NotebookError(f"{path}: this is a folder: name a notebook in it.") from None
    except (ValueError, nbformat.ValidationError):
        raise NotebookError(
            f"{path}: this is not a notebook: name a file that ends in .ipynb."
        ) from None
    return nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]


def _with_release(document: NotebookNode, path: Path, release: str) -> NotebookNode:
    import nbformat

    for place, cell in enumerate(document.cells):
        if PARAMETERS in cell.metadata.get("tags", ()):
            named = nbformat.v4.new_code_cell(  # type: ignore[no-untyped-call]
                f"{RELEASE_PARAMETER} = {release!r}"
            )
            document.cells.insert(place + 1, named)
            return document
    raise NotebookError(
        f"{path}: this notebook cannot be run on another release, since no cell is tagged {PARAMETERS!r}: tag the one that "
        f"sets {RELEASE_PARAMETER}."
    )


def _execute(document: NotebookNode, path: Path) -> None:
    """Run the cells, saying each; stop at the first that fails."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    cells = [
        (place, cell)
        for place, cell in enumerate(document.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    number = 0
    try:
        with _kernel(document, path.parent) as client:
            for number, (place, cell) in enumerate(cells, start=1):
                with step(f"Cell {number} of {len(cells)}: {_first_line(cell.source)}"):
                    client.execute_cell(cell, place, execution_count=number)
    except CellExecutionError as error:
        raise NotebookError(
            f"{path}, cell {number} of {len(cells)}: {error.ename}: {error.evalue.strip() or 'no message'}"
        ) from None
    except DeadKernelError:
        raise NotebookError(
            f"{path}, cell {number} of {len(cells)}: the kernel died, as it does when memory runs out: "
            "close other programs, or lower GECIP_MEMORY_GB."
        ) from None


@contextmanager
def _kernel(document: NotebookNode, folder: Path) -> Iterator[NotebookClient]:
    """Give a client whose kernel is this very Python: one of the user's of the same name may be another."""
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    class ThisPython(KernelSpecManager):
        def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
            command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
            return KernelSpec(argv=command, display_name=kernel_name, language="python")

    # Files of the user's own join the kernel, since what goes over a port others of the machine could read.
    with tempfile.TemporaryDirectory(prefix="gecip-") as private:
        manager = AsyncKernelManager(
            kernel_name="python3",
            kernel_spec_manager=ThisPython(),
            transport="ipc",
            ip=str(Path(private, "kernel")),
        )
        client = NotebookClient(
            document,
            km=manager,
            timeout=None,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder)}},
        )
        with client.setup_kernel(cleanup_kc=True):
            try:
                yield client
            except KeyboardInterrupt:
                client.shutdown_kernel = "immediate"  # the cell that runs need not be waited for
                raise


def _write_html(document: NotebookNode, path: Path, destination: Path) -> None:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(raw_template=_PAGE, embed_images=True)  # type: ignore[no-untyped-call]
    shown = _without_widgets(document)
    text, _ = exporter.from_notebook_node(
        shown, resources={"metadata": {"name": path.stem, "path": str(path.parent)}}
    )
    with new_file(destination) as partial:
        partial.write_text(text, encoding="utf-8")


def _without_widgets(document: NotebookNode) -> NotebookNode:
    """Return the notebook with each widget's fallback in its place, since a widget is dead without a kernel."""
    import copy

    shown = copy.deepcopy(document)
    for cell in shown.cells:
        for output in cell.get("outputs", ()):
            if len(output.get("data", ())) > 1:
                output.data.pop(_WIDGET, None)
    return shown


def _first_line(source: str) -> str:
    lines = [line.strip() for line in source.splitlines()]
    line = next((line for line in lines if line and not line.startswith("#")), lines[0])
    return line if len(line) <= 60 else f"{line[:59]}…"

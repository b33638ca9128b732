"""Run a notebook from top to bottom, and write what it shows as one file that needs no network."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gecip.configuration import policy_document
from gecip.errors import NotebookError
from gecip.governance.disclosure import without_identifiers
from gecip.governance.policy import parse_policy
from gecip.progress import step
from gecip.sharing.parameters import RELEASE_PARAMETER, with_parameters
from gecip.writing import new_file

if TYPE_CHECKING:
    from nbclient import NotebookClient
    from nbformat import NotebookNode

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
    notebook: str | Path,
    *,
    html: str | Path | None = None,
    save: str | Path | None = None,
    release: str | None = None,
    parameters: Mapping[str, Any] | None = None,
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
    save
        Where to write the executed notebook, with the record that `publish` needs. It holds what was
        shown, row level too, so that it stays in the environment.
    release
        The release to run on, in place of the one that the notebook's cell tagged `parameters` names
        as `release_name`.
    parameters
        Values for what else that cell sets, by name; each of the kind that the notebook's own is of.

    Raises
    ------
    NotebookError
        When it is no notebook, has no such parameter, or a cell fails.
    """
    path = Path(notebook).expanduser().absolute()
    if save is None:
        document, _ = parameterised(path, release=release, parameters=parameters)
        execute(document, path)
    else:
        from gecip.sharing.notebook_run import perform, save_run

        run = perform(path, release=release, parameters=parameters)
        save_run(run, Path(save).expanduser().absolute())
        document = run.document
    if html is not None:
        _write_html(document, path, Path(html).expanduser().absolute())
    return document


def parameterised(
    path: Path, *, release: str | None, parameters: Mapping[str, Any] | None
) -> tuple[NotebookNode, dict[str, Any]]:
    """Return a notebook as it will run, and the values of all its parameters."""
    told = dict(parameters or {})
    if release is not None:
        if told.get(RELEASE_PARAMETER, release) != release:
            raise NotebookError(
                f"The release is told twice and differently, as release and as {RELEASE_PARAMETER}: tell it once."
            )
        told[RELEASE_PARAMETER] = release
    return with_parameters(read_notebook(path), path, told=told)


def read_notebook(path: Path) -> NotebookNode:
    """Return the notebook of a file, in the fourth version of the format.

    Raises
    ------
    NotebookError
        When there is none.
    """
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


def execute(
    document: NotebookNode,
    path: Path,
    *,
    before: str | None = None,
    after: Callable[[Callable[[str], None]], None] | None = None,
) -> None:
    """Run the cells, saying each; stop at the first that fails.

    `before` is code that runs unseen ahead of the first cell. `after` is called once all have run, with
    a function that runs code unseen in the same kernel.
    """
    from nbclient.exceptions import CellExecutionError, DeadKernelError

    cells = [
        (place, cell)
        for place, cell in enumerate(document.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    number = 0
    try:
        with _kernel(document, path.parent) as client:
            if before:
                _run_unseen(client, before)
            for number, (place, cell) in enumerate(cells, start=1):
                with step(f"Cell {number} of {len(cells)}: {_first_line(cell.source)}"):
                    client.execute_cell(cell, place, execution_count=number)
            if after:
                after(lambda code: _run_unseen(client, code))
    except CellExecutionError as error:
        # A message of pandas or Python may quote what stood in somebody's row.
        said = without_identifiers(error.evalue, parse_policy(policy_document())).strip()
        raise NotebookError(
            f"{path}, cell {number} of {len(cells)}: {error.ename}: {said or 'no message'}"
        ) from None
    except DeadKernelError:
        raise NotebookError(
            f"{path}, cell {number} of {len(cells)}: the kernel died, as it does when memory runs out: "
            "close other programs, or lower GECIP_MEMORY_GB."
        ) from None


def _run_unseen(client: NotebookClient, code: str) -> None:
    """Run code that is no cell of the notebook, as a cell that is taken away again."""
    import nbformat

    cell = nbformat.v4.new_code_cell(code)  # type: ignore[no-untyped-call]
    client.nb.cells.append(cell)
    try:
        client.execute_cell(cell, len(client.nb.cells) - 1, store_history=False)
    finally:
        client.nb.cells.pop()


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
    shown = without_widgets(document)
    text, _ = exporter.from_notebook_node(
        shown, resources={"metadata": {"name": path.stem, "path": str(path.parent)}}
    )
    with new_file(destination) as partial:
        partial.write_text(text, encoding="utf-8")


def without_widgets(document: NotebookNode) -> NotebookNode:
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

"""Executes notebooks and writes them as HTML, their plots as PNG; see run."""

import base64
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbconvert import HTMLExporter

HERE = Path(__file__).resolve().parent
CELL_SECONDS = 300


def stored_output(notebook):
    """Whether the file holds what an earlier run showed: that would be read as this one's."""
    return any(c.cell_type == "code" and (c.outputs or c.execution_count) for c in notebook.cells)


def plots(notebook):
    """The images of all outputs, in their order."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            image = output.get("data", {}).get("image/png")
            if image:
                yield base64.b64decode(image)


def run(path, out):
    """Executes one notebook; returns what went wrong, empty for nothing."""
    notebook = nbformat.read(path, as_version=4)
    if stored_output(notebook):
        return "has stored output; clear it before it is committed"
    began = time.monotonic()
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        resources={"metadata": {"path": str(HERE)}},
        # It would warn that its messages, on loopback, are signed and not encrypted.
        extra_arguments=["--IPKernelApp.log_level=ERROR"],
    )
    failure = ""
    try:
        client.execute()
    except CellExecutionError as e:
        failure = str(e)
    # Of a failed one as well, up to where it failed.
    html, _ = HTMLExporter(exclude_input=True).from_notebook_node(notebook)
    (out / f"{path.stem}.html").write_text(html, encoding="utf-8")
    images = list(plots(notebook))
    for number, image in enumerate(images, 1):
        (out / f"{path.stem}-{number}.png").write_bytes(image)
    if not failure:
        print(f"{path.stem}: {len(images)} plots, {time.monotonic() - began:.0f} s", flush=True)
    return failure


def main(out, names):
    """Runs the named notebooks, all by default; returns 1 when any failed."""
    paths = [HERE / f"{n.removesuffix('.ipynb')}.ipynb" for n in names] or sorted(HERE.glob("*.ipynb"))
    failed = 0
    for path in paths:
        failure = run(path, out)
        if failure:
            failed += 1
            print(f"{path.name}: {failure}", file=sys.stderr)
    print(f"{len(paths) - failed} of {len(paths)} notebooks ran; see {out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))

"""Run notebooks from the top and save them so that only real changes show as changes.

    python run.py posts/my-post.ipynb demos/my-demo.ipynb

Saved with the outputs is the state of the widgets, which readers see before they press "Run live". Times
are left out, pieces of printed text are joined, and widgets get ids that are the same in every run.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

STATE = "application/vnd.jupyter.widget-state+json"
VIEW = "application/vnd.jupyter.widget-view+json"
REFERENCE = re.compile(r"IPY_MODEL_([0-9a-f]{32})")


def run(path: Path) -> None:
    """Run one notebook in its own folder and write it back; a cell that fails leaves the file as it is."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.pop("widgets", None)
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=600, record_timing=False, resources=resources).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    notebook.metadata.language_info.pop("version", None)
    beside = path.with_suffix(".part")
    beside.write_text(with_steady_ids(notebook) + "\n", encoding="utf-8")
    beside.replace(path)


def joined(outputs: list[Any]) -> list[Any]:
    """Join printed text that arrived in several pieces."""
    whole: list[Any] = []
    for output in outputs:
        last = whole[-1] if whole else None
        if last and output.output_type == last.output_type == "stream" and output.name == last.name:
            last.text += output.text
        else:
            whole.append(output)
    return whole


def with_steady_ids(notebook: Any) -> str:
    """The notebook as text; each widget's random id becomes one that depends on its place."""
    text = nbformat.writes(notebook)
    models = notebook.metadata.get("widgets", {}).get(STATE, {}).get("state", {})
    for place, old in enumerate(in_order(notebook, models)):
        text = text.replace(old, hashlib.sha256(str(place).encode()).hexdigest()[:32])
    return nbformat.writes(nbformat.reads(text, as_version=4))


def in_order(notebook: Any, models: dict[str, Any]) -> list[str]:
    """The ids of all widgets: first as the cells show them, then the others by what they hold."""
    held = {one: json.dumps(model.state, sort_keys=True) for one, model in models.items()}
    plain = {one: (models[one].model_name, REFERENCE.sub("", text)) for one, text in held.items()}
    views = [o.get("data", {}).get(VIEW, {}) for c in notebook.cells for o in c.get("outputs", [])]
    shown = [view["model_id"] for view in views if view]
    order: list[str] = []
    for one in (*shown, *sorted(models, key=plain.__getitem__)):
        waiting = [one]
        while waiting:
            model = waiting.pop(0)
            if model in models and model not in order:
                order.append(model)
                waiting += REFERENCE.findall(held[model])
    return order


def main() -> int:
    """Run the notebooks that are named; 2 where one of them fails."""
    parser = argparse.ArgumentParser(description="Run notebooks from the top and save them.")
    parser.add_argument("notebooks", nargs="+", type=Path)
    failed = 0
    for path in parser.parse_args().notebooks:
        try:
            run(path)
        except CellExecutionError as error:
            failed = 2
            print(f"{path}: {error.ename}: {error.evalue}; mend the cell and run again", file=sys.stderr)
        else:
            print(f"{path}: {path.stat().st_size / 1e3:.0f} kB")
    return failed


if __name__ == "__main__":
    sys.exit(main())

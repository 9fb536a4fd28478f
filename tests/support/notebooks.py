"""Notebooks for tests, made from a few words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def markdown(text: str, **metadata: Any) -> dict[str, Any]:
    """Make a Markdown cell."""
    return {"cell_type": "markdown", "metadata": metadata, "source": text}


def code(text: str, *outputs: dict[str, Any], tags: tuple[str, ...] = ()) -> dict[str, Any]:
    """Make a code cell."""
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "metadata": metadata,
        "execution_count": 1,
        "source": text,
        "outputs": list(outputs),
    }


def display(**data: Any) -> dict[str, Any]:
    """Make an output of several forms; ``text_plain`` stands for ``text/plain``."""
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {mime.replace("_", "/", 1).replace("_", "+"): value for mime, value in data.items()},
    }


def notebook(*cells: dict[str, Any], front_matter: str = "", **metadata: Any) -> dict[str, Any]:
    """Make a notebook of format 4.5; ids are ``c0``, ``c1`` and so on."""
    made = list(cells)
    if front_matter:
        made.insert(0, {"cell_type": "raw", "metadata": {}, "source": f"---\n{front_matter}\n---"})
    numbered = [{**cell, "id": cell.get("id", f"c{place}")} for place, cell in enumerate(made)]
    language = {
        "language_info": {"name": "python"},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
    }
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": language | metadata, "cells": numbered}


def save(path: Path, content: dict[str, Any]) -> Path:
    """Write a notebook, with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")
    return path


def post(folder: Path, name: str, text: str = "Words.", front_matter: str = "") -> Path:
    """Write a post of one Markdown cell."""
    made = notebook(markdown(text), front_matter=front_matter or f"title: {name}")
    return save(folder / "posts" / f"{name}.ipynb", made)

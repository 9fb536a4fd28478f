"""Models of widgets as a notebook saves them."""

from __future__ import annotations

from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"


def model(name: str, **state: Any) -> dict[str, Any]:
    """Make a model of ipywidgets' own controls."""
    return {"model_name": f"{name}Model", "model_module": "@jupyter-widgets/controls", "state": state}


def box(*children: str, name: str = "VBox", **state: Any) -> dict[str, Any]:
    """Make a model that holds others, by their ids."""
    return model(name, children=[f"IPY_MODEL_{child}" for child in children], **state)

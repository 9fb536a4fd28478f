"""Gives a notebook's own metadata the shape of format 4.5, and its widgets a state that can be read."""

from __future__ import annotations

from typing import Any

from blog.notebook.report import Report

WIDGETS = "application/vnd.jupyter.widget-state+json"

_TEXTS = ("file_extension", "mimetype", "pygments_lexer")
# of the format itself ("should never be written to a file"), and what signed it once
_TRANSIENT = ("orig_nbformat", "orig_nbformat_minor", "signature")


def repair_root(raw: dict[str, Any], report: Report) -> dict[str, Any]:
    """Give the metadata of a notebook without what the format's schema or nbconvert would trip on.

    Warns where the saved state of widgets is dropped. ``language_info`` may still be missing.
    """
    root = {key: value for key, value in raw.items() if key not in _TRANSIENT}
    for key, wanted in (("title", str), ("authors", list)):
        if not isinstance(root.get(key), wanted):
            root.pop(key, None)
    spec = root.pop("kernelspec", None)
    if isinstance(spec, dict):
        names = [spec.get(key) for key in ("name", "display_name")]
        texts = [name for name in names if isinstance(name, str)]
        if texts:
            name, display = (name if isinstance(name, str) else texts[0] for name in names)
            root["kernelspec"] = {**spec, "name": name, "display_name": display}
    info = root.pop("language_info", None)
    if isinstance(info, dict) and isinstance(info.get("name"), str):
        info = {key: info[key] for key in info if key not in _TEXTS or isinstance(info[key], str)}
        if not isinstance(info.get("codemirror_mode"), (str, dict)):
            info.pop("codemirror_mode", None)
        root["language_info"] = info
    if "widgets" in root:
        state = _widget_state(root.pop("widgets"))
        if state is None:
            report.warn(
                "the saved state of its widgets can't be read and is left out",
                "Run the notebook again in JupyterLab with 'Save Widget State Automatically' on",
            )
        elif state:
            root["widgets"] = {WIDGETS: {"state": state, "version_major": 2, "version_minor": 0}}
    return root


def _widget_state(raw: object) -> dict[str, Any] | None:
    """Give the widgets' models by their ids: empty where none was saved, None where it can't be read.

    Jupyter writes ``{mime: {"state": {id: model}, "version_major": 2, …}}``, Colab ``{mime: {id: model}}``;
    ipywidgets before 6 wrote ``{"state": {id: {"views": …}}, "version": …}``, which holds no models.
    """
    if raw is None or raw == {}:
        return {}
    if not isinstance(raw, dict):
        return None
    saved = raw.get(WIDGETS)
    if saved is None:
        # nothing that could be shown was ever saved there
        return {} if "version" in raw or "state" in raw else None
    if not isinstance(saved, dict):
        return None
    models = saved.get("state") if "state" in saved else saved
    if not isinstance(models, dict):
        return None
    if models is saved:
        models = {name: model for name, model in saved.items() if not name.startswith("version_")}
    good = {name: _model(model) for name, model in models.items()}
    kept = {name: model for name, model in good.items() if model is not None}
    return kept if kept or not models else None


def _model(raw: object) -> dict[str, Any] | None:
    """Give a widget's model with the fields that the widget manager asks for, or None."""
    if not isinstance(raw, dict):
        return None
    if not all(isinstance(raw.get(key), str) for key in ("model_name", "model_module")):
        return None
    version = raw.get("model_module_version")
    return {
        **raw,
        "model_module_version": version if isinstance(version, str) else "",
        "state": raw["state"] if isinstance(raw.get("state"), dict) else {},
    }

"""What the views of ipympl's figures send beside their state: mouse, keys, sizes and the toolbar's buttons.

Read in the front end of ipympl 0.10.0 (``src/mpl_widget.ts``, ``src/toolbar_widget.ts``). In the kernel
matplotlib calls the canvas's method ``handle_<type>``, and for a button the toolbar's method of that name:
any method in older versions, in 3.11 one that the synced trait ``toolitems`` lists
(``backend_webagg_core.py``). So only what is here passes, field by field. None of it reads or writes a file:
ipympl's ``save_figure`` draws into memory and sends the bytes to the page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MODULE = "jupyter-matplotlib"
CANVAS, TOOLBAR = (MODULE, "MPLCanvasModel"), (MODULE, "ToolbarModel")

MOST_SIDE = 8192
"""Pixels of CSS along a side: as wide as the widest screens. matplotlib would try a million, and the kernel
would end for want of memory; it may still, with a dense screen, but then it is the reader's own."""

MOST_RATIO = 10
"""Pixels of the screen for one of CSS: 2 or 3, times the browser's zoom, 5 at most."""

BUTTONS = frozenset({"home", "back", "forward", "pan", "zoom", "save_figure", "export"})
"""The toolbar's methods behind its buttons, and ``export``, which ipympl offers to authors."""

_Check = Callable[[Any], bool]


def _number(low: float, high: float) -> _Check:
    # Not a number (NaN), which JSON in Python may hold, is in no range.
    return lambda value: type(value) in (int, float) and low <= value <= high


def _whole(low: int, high: int) -> _Check:
    return lambda value: type(value) is int and low <= value <= high


def _is_key(value: Any) -> bool:
    """Tell ``ctrl+kArrowLeft``: modifiers, a k, and the key's name, without which matplotlib fails."""
    return isinstance(value, str) and len(value) <= 64 and "k" in value


def _are_modifiers(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 4 and set(map(str, value)) <= {*_MODIFIERS}


def _is_plain(value: Any) -> bool:
    """Tell an event's own properties, without those that are objects (``get_simple_keys``)."""
    return (
        isinstance(value, dict)
        and len(value) <= 64
        and all(len(key) <= 64 and _is_small(one) for key, one in value.items())
    )


def _is_small(value: Any) -> bool:
    return isinstance(value, bool | int | float | None) or (isinstance(value, str) and len(value) <= 256)


_MODIFIERS = ("ctrl", "alt", "shift", "meta")
_NOTHING: Mapping[str, _Check] = {}
_PLACE = _number(-1e6, 1e6)  # a mouse that was pressed in the figure may have left it
_MOUSE: Mapping[str, _Check] = {
    **{"x": _PLACE, "y": _PLACE, "button": _whole(-1, 31), "buttons": _whole(0, 31)},
    **{"step": _number(-1, 1), "modifiers": _are_modifiers, "guiEvent": _is_plain},
}
_KEY: Mapping[str, _Check] = {"key": _is_key, "guiEvent": _is_plain}

_CANVAS: Mapping[str, Mapping[str, _Check]] = {
    **dict.fromkeys(("initialized", "refresh", "send_image_mode", "draw", "closing"), _NOTHING),
    "resize": dict.fromkeys(("width", "height"), _number(1, MOST_SIDE)),
    "set_dpi_ratio": {"dpi_ratio": _number(0.1, MOST_RATIO)},
    "set_device_pixel_ratio": {"device_pixel_ratio": _number(0.1, MOST_RATIO)},
    **dict.fromkeys(("button_press", "button_release", "dblclick", "motion_notify", "scroll"), _MOUSE),
    **dict.fromkeys(("figure_enter", "figure_leave"), _MOUSE),
    **dict.fromkeys(("key_press", "key_release"), _KEY),
}
_TOOLBAR: Mapping[str, Mapping[str, _Check]] = {
    "toolbar_button": {"name": lambda value: isinstance(value, str) and value in BUTTONS},
}
_TYPES = {CANVAS: _CANVAS, TOOLBAR: _TOOLBAR}


def is_of_figure(model: tuple[Any, Any]) -> bool:
    """Say whether a widget, by its model's module and name, is part of an ipympl figure."""
    return bool(model[0] == MODULE)


def checked(model: tuple[Any, Any], content: Any) -> dict[str, Any]:
    """Give a custom message as its view writes it; raises ValueError for another.

    Fields that the view doesn't write are left out; one that is missing is the kernel's to miss.
    """
    kind = content.get("type") if isinstance(content, dict) else None
    fields = _TYPES.get(model, {}).get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise ValueError("a figure's message that isn't its view's")
    kept = {name: content[name] for name in fields if name in content}
    for name, value in kept.items():
        if not fields[name](value):
            raise ValueError(f"a figure's message with another {name}")
    return {"type": kind, **kept}

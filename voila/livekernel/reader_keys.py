"""Which keys of a widget's state a reader's view may change.

For ipywidgets' own widgets, and for ipympl's, a table of what their views set: each ``model.set`` in the
front end of ipywidgets 8.1.9 (@jupyter-widgets/controls 5.0, output 6.0; widgets' modules 2.0.0 and 1.0.0).
Left out of it on purpose:

- the order of a Tab's ``children``, when a reader drags a tab: it would take references to widgets;
- ``Controller``: its front end makes widgets of its own in the kernel, which readers may not;
- ``_view_count``, which counts views;
- what only a ``jslink`` sets, as a Label's ``value``: it is set on the page, and the kernel isn't told.

ipympl 0.10.0 (``src/mpl_widget.ts``, ``src/toolbar_widget.ts``) sets the rubber band's place and which button
is down, and ``resizable``, which is left out: it would undo what the author has set. A toolbar's
``toolitems`` are what matplotlib lets a message call, so they stay the notebook's.

Not in the table, so with no keys: layouts, styles, boxes, pictures, labels, progress bars.
"""

from __future__ import annotations

from collections.abc import Mapping

from livekernel.figure_messages import CANVAS, MODULE, TOOLBAR

CONTROLS = "@jupyter-widgets/controls"
OUTPUT = "@jupyter-widgets/output"
KNOWN_MODULES = frozenset({"@jupyter-widgets/base", CONTROLS, OUTPUT, MODULE})
"""Modules all of whose views were read: a model that isn't in the table has no keys."""

_VALUE = (
    *("Checkbox", "ToggleButton"),
    *("IntSlider", "IntRangeSlider", "IntText", "BoundedIntText"),
    *("FloatSlider", "FloatRangeSlider", "FloatLogSlider", "FloatText", "BoundedFloatText"),
    *("Text", "Textarea", "Password", "Combobox"),
    *("ColorPicker", "DatePicker", "Time", "Datetime", "NaiveDatetime"),
    *("TagsInput", "ColorsInput", "FloatsInput", "IntsInput"),
)
_INDEX = (
    *("Dropdown", "RadioButtons", "Select", "SelectMultiple"),
    *("SelectionSlider", "SelectionRangeSlider", "ToggleButtons"),
)
_SELECTED_INDEX = ("Accordion", "Tab", "Stack")  # a Stack by a jslink from what selects, its only use

READER_KEYS: Mapping[tuple[str, str], frozenset[str]] = {
    **{(CONTROLS, f"{name}Model"): frozenset({"value"}) for name in _VALUE},
    **{(CONTROLS, f"{name}Model"): frozenset({"index"}) for name in _INDEX},
    **{(CONTROLS, f"{name}Model"): frozenset({"selected_index"}) for name in _SELECTED_INDEX},
    (CONTROLS, "PlayModel"): frozenset({"value", "playing", "repeat"}),
    # The file itself: as large as a message may be, and kept in the reader's own kernel only.
    (CONTROLS, "FileUploadModel"): frozenset({"value", "error"}),
    # The page gathers what a callback prints and tells the kernel, which appends to it.
    (OUTPUT, "OutputModel"): frozenset({"outputs"}),
    CANVAS: frozenset({f"_rubberband_{name}" for name in ("x", "y", "width", "height")}),
    TOOLBAR: frozenset({"_current_action"}),
}

_LOOKS = frozenset({"layout", "style", "tabbable", "tooltip"})

_PLOTLY = frozenset(
    f"_js2py_{name}"
    for name in ("pointsCallback", "relayout", "restyle", "update", "traceDeltas", "layoutDelta")
)
"""How plotly's FigureWidget, an anywidget, tells what was clicked, zoomed and hidden, and what plotly.js has
filled in (``plotly/basewidget.py``; plotly 7.1.0 has its view in ``package_data/widgetbundle.js``). Its data
and its layout are private, and a view never sends them."""


def is_open_key(key: str) -> bool:
    """Say whether a reader's view may change a key of a widget whose view wasn't read.

    Its author marked the key as synced, for a view that sets what it likes: so it is with anywidget, whose
    ``model.set`` is the author's own JavaScript's. Code and identity (``_esm``, ``_model_name``) are private.
    """
    return key not in _LOOKS and (not key.startswith("_") or key in _PLOTLY)

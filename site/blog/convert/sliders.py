"""ipywidgets' sliders and bars of progress at rest: where their thumbs stand, and what they say."""

from __future__ import annotations

import math

from blog.convert import layouts
from blog.convert.pens import Drawn, Pen, element, said
from blog.convert.readouts import readout
from blog.convert.saved import Model, is_number
from blog.convert.tree import escape

_BAR_STYLES = frozenset({"success", "info", "warning", "danger"})


def _shares(model: Model) -> list[float]:
    """Give where the thumbs stand, 0 to 1."""
    if model.kind.startswith("Selection"):
        last = max(len(model.names()) - 1, 1)
        return [index / last for index in model.chosen()] or [0.0]
    low, high = model.number("min", 0), model.number("max", 4 if "Log" in model.kind else 100)
    value = model.values.get("value")
    shares = []
    for one in value if isinstance(value, list) else [value]:
        number = float(one) if is_number(one) else low
        if "Log" in model.kind:
            base = model.number("base", 10)
            number = math.log(number, base) if number > 0 and base > 1 else low
        share = (number - low) / (high - low) if high > low else 0.0
        shares.append(min(max(share, 0.0), 1.0) if math.isfinite(share) else 0.0)
    return shares or [0.0]


def _shown_value(model: Model) -> str:
    """Write a slider's value as its readout does."""
    if model.kind.startswith("Selection"):
        names = model.names()
        return "-".join(names[index] for index in model.chosen())
    usual = "d" if model.kind.startswith("Int") else ".3g" if "Log" in model.kind else ".2f"
    form = model.words("readout_format") or usual
    value = model.values.get("value")
    numbers = [one for one in (value if isinstance(value, list) else [value]) if is_number(one)]
    return " – ".join(readout(float(one), form) for one in numbers)


def _move(upright: bool, share: float) -> str:
    percent = f"{share:.6g}%"
    return f"transform:translate({'0,' + percent if upright else percent + ',0'})!important"


def slider(pen: Pen) -> Drawn:
    """NoUiSlider's elements; where its thumbs stand is a rule of the page's stylesheet."""
    model = pen.model
    upright = model.words("orientation") == "vertical"
    shares = _shares(model)
    thumb = pen.rule(layouts.of_colour("background-color", pen.style.get("handle_color")))
    origins = "".join(
        element(
            "div",
            f"noUi-origin {pen.rule(_move(upright, 1000 * ((1 - share) if upright else (share - 1))))}",
            element(
                "div",
                f"noUi-handle noUi-handle-{'lower' if index == 0 else 'upper'} {thumb}",
                element("div", "noUi-touch-area"),
            ),
        )
        for index, share in enumerate(shares)
    )
    between = ""
    if len(shares) == 2:
        low, high = sorted(shares)
        start = 1 - high if upright else low
        size = f"{high - low:.6g}"
        scale = f" scale({'1,' + size if upright else size + ',1'})!important"
        moved = _move(upright, 100 * start).replace("!important", scale)
        between = element("div", f"noUi-connect {pen.rule(moved)}")
    base = element("div", "noUi-base", element("div", "noUi-connects", between) + origins)
    direction = "noUi-rtl noUi-vertical" if upright else "noUi-ltr noUi-horizontal"
    disabled = {"disabled": "true"} if model.flag("disabled") else {}
    track = element(
        "div", f"slider noUi-target {direction} noUi-txt-dir-ltr", base, aria_hidden="true", **disabled
    )
    shown = _shown_value(model)
    value = element("div", "widget-readout", escape(shown)) if model.flag("readout", True) else said(shown)
    content = pen.label() + element("div", "slider-container", track) + value
    turned = "widget-inline-vbox widget-slider widget-vslider"
    return "div", turned if upright else "widget-inline-hbox widget-slider widget-hslider", content, {}


def progress(pen: Pen) -> Drawn:
    """Draw a bar of progress."""
    model = pen.model
    low, high = model.number("min", 0), model.number("max", 100)
    share = (model.number("value", 0) - low) / (high - low) if high > low else 0.0
    percent = f"{min(max(share, 0.0), 1.0) * 100:.6g}%"
    upright = model.words("orientation") == "vertical"
    size = "height" if upright else "width"
    across = "width" if upright else "height"
    colour = pen.rule(layouts.of_colour("background-color", pen.style.get("bar_color")))
    state = model.words("bar_style")
    state = f"progress-bar-{state}" if state in _BAR_STYLES else ""
    rule = pen.rule(f"{size}:{percent}!important;{across}:100%!important")
    bar = element("div", "progress", element("div", f"progress-bar {state} {colour} {rule}"))
    content = pen.label() + bar + said(f"{min(max(share, 0.0), 1.0):.0%}")
    turned = "widget-inline-vbox widget-vprogress"
    return "div", turned if upright else "widget-inline-hbox widget-hprogress", content, {}

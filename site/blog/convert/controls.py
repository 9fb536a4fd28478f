"""ipywidgets' controls as they stand at rest: what each view is made of, with nothing that can be used.

A control that a browser draws (a field, a choice, a box to tick) is that very element, made ``inert`` and
hidden from assistive technology, for no drawing of ours would have its size in every browser; what it is
set to stands beside it as text. All else is plain text in plain elements.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from blog.convert import layouts
from blog.convert.pens import Drawn, Pen, element, said
from blog.convert.saved import Model, words
from blog.convert.sliders import progress, slider
from blog.convert.tree import escape

#: The controls whose views ipywidgets 8.1 has forgotten to give its common class.
WITHOUT_COMMON_CLASS = frozenset({"RadioButtons", "ToggleButtons", "SelectionSlider", "SelectionRangeSlider"})

_MAX_OPTIONS = 300
_INERT = {"inert": "", "aria_hidden": "true", "tabindex": "-1"}
_BUTTON_STYLES = frozenset({"primary", "success", "info", "warning", "danger"})


# ------------------------------------------------------------------------------------------------- fields


def _disabled(model: Model) -> dict[str, str]:
    return {"disabled": ""} if model.flag("disabled") else {}


def _input_style(pen: Pen) -> str:
    return pen.rule(layouts.of_style(pen.style, "background", "font_size", "text_color"))


def _field(pen: Pen, *, kind: str, classes: str, value: str, spoken: str | None = None) -> Drawn:
    attributes = {"type": kind, "value": value, "autocomplete": "off", **_INERT, **_disabled(pen.model)}
    if kind == "text":
        attributes["placeholder"] = pen.model.words("placeholder")
    own = f"widget-input {_input_style(pen)}" if kind == "text" else ""
    attributes = {
        name: content for name, content in attributes.items() if content or name in ("inert", "disabled")
    }
    return pen.row(classes, element("input", own, **attributes) + said(value if spoken is None else spoken))


def _text(pen: Pen) -> Drawn:
    return _field(pen, kind="text", classes="widget-text", value=pen.model.words("value"))


def _password(pen: Pen) -> Drawn:
    """Draw a field for a password: what was typed is nobody's business, and no page asks for one."""
    value = "•" * len(pen.model.words("value")[:20])
    return _field(pen, kind="text", classes="widget-text", value=value, spoken="hidden" if value else "")


def _number(pen: Pen) -> Drawn:
    value = pen.model.words("value").removesuffix(".0")  # a script has one kind of numbers
    return _field(pen, kind="number", classes="widget-text", value=value)


def _textarea(pen: Pen) -> Drawn:
    model = pen.model
    rows = model.values.get("rows")
    attributes = {**_INERT, **_disabled(model)}
    if isinstance(rows, int) and not isinstance(rows, bool) and 0 < rows <= 200:
        attributes["rows"] = str(rows)
    if model.words("placeholder"):
        attributes["placeholder"] = model.words("placeholder")
    value = model.words("value")
    box = element("textarea", f"widget-input {_input_style(pen)}", "\n" + escape(value), **attributes)
    return pen.row("widget-textarea", box + said(value))


def _date(pen: Pen) -> Drawn:
    value = _when(pen.model.values.get("value")).partition("T")[0]
    return _field(pen, kind="date", classes="widget-datepicker", value=value)


def _datetime(pen: Pen) -> Drawn:
    value = _when(pen.model.values.get("value"))
    return _field(pen, kind="datetime-local", classes="widget-datetimepicker", value=value)


def _time(pen: Pen) -> Drawn:
    value = _when(pen.model.values.get("value")).partition("T")[2]
    return _field(pen, kind="time", classes="widget-timepicker", value=value)


def _when(value: object) -> str:
    """Write a date as ipywidgets saves it, months counted from 0, as a field reads it."""
    if not isinstance(value, dict):
        return ""
    parts = [value.get(key, 0) for key in ("year", "month", "date", "hours", "minutes")]
    if not all(isinstance(part, int) and 0 <= part <= 9999 for part in parts):
        return ""
    year, month, day, hours, minutes = parts
    return f"{year:04}-{month + 1:02}-{day:02}T{hours:02}:{minutes:02}"


def _colour(pen: Pen) -> Drawn:
    model = pen.model
    value = model.words("value")
    swatch = value if len(value) == 7 and value.startswith("#") else "#000000"
    concise = model.flag("concise")
    attributes = {"autocomplete": "off", **_INERT}
    text = "" if concise else element("input", "", type="text", value=value, **attributes)
    colour = element("input", "", type="color", value=swatch, **attributes)
    fields = element("div", "widget-inline-hbox widget-colorpicker-input", text + colour)
    return pen.row("widget-colorpicker concise" if concise else "widget-colorpicker", fields + said(value))


# ------------------------------------------------------------------------------------------------ choices


def _options(model: Model) -> str:
    chosen = set(model.chosen())
    return "".join(
        element(
            "option",
            "",
            escape(name.replace(" ", "\N{NO-BREAK SPACE}")),
            **({"selected": ""} if index in chosen else {}),
        )
        for index, name in enumerate(model.names())
        if index < _MAX_OPTIONS or index in chosen
    )


def _spoken(model: Model) -> str:
    names = model.names()
    return ", ".join(names[index] for index in model.chosen()) or words(model.values.get("value"))


def _select(pen: Pen, classes: str = "widget-select", *, rows: bool = True, many: bool = False) -> Drawn:
    model = pen.model
    attributes = {**_INERT, **_disabled(model)}
    if many:
        attributes["multiple"] = ""
    count = model.values.get("rows", 5)
    if rows and isinstance(count, int) and not isinstance(count, bool) and 0 < count <= 200:
        attributes["size"] = str(count)
    return pen.row(classes, element("select", "", _options(model), **attributes) + said(_spoken(model)))


def _radio(pen: Pen) -> Drawn:
    model = pen.model
    chosen = set(model.chosen())
    across = model.words("orientation") == "horizontal"
    items = "".join(
        element(
            "label",
            "",
            escape(name)
            + element(
                "input", "", type="radio", autocomplete="off", tabindex="-1",
                **({"checked": ""} if index in chosen else {}), **_disabled(model),
            ),
            inert="", aria_hidden="true",
        )
        for index, name in enumerate(model.names())
    )  # fmt: skip
    box = element("div", f"widget-radio-box widget-radio-box-{'horizontal' if across else 'vertical'}", items)
    return "div", "widget-radio", pen.label() + box + said(_spoken(model)), {}


def _toggle_buttons(pen: Pen) -> Drawn:
    model = pen.model
    chosen = set(model.chosen())
    icons = model.texts("icons")
    width = pen.rule(layouts.of_width(pen.style.get("button_width")))
    weight = pen.rule(layouts.of_style(pen.style, "font_weight"))
    names = f"widget-toggle-button jupyter-button {_mood(model)} {width} {weight}"
    buttons = "".join(
        element(
            "span",
            f"{names} {'mod-active' if index in chosen else ''}",
            (escape(name) if name.strip() or _icon_at(icons, index) else "&nbsp;")
            + (said(" (chosen)") if index in chosen else "")
            + element("i", f"fa fa-{_icon_at(icons, index)}" if _icon_at(icons, index) else ""),
        )
        for index, name in enumerate(model.names())
    )
    return "div", "widget-toggle-buttons", f"{pen.label()}<div>{buttons}</div>", {}


def _checkbox(pen: Pen) -> Drawn:
    model = pen.model
    on = model.flag("value")
    pen.styled("background")
    tick = element(
        "input",
        "",
        type="checkbox",
        autocomplete="off",
        tabindex="-1",
        **({"checked": ""} if on else {}),
        **_disabled(model),
    )
    box = element(
        "label", "widget-label-basic", f"{tick}<span>{pen.description()}</span>", inert="", aria_hidden="true"
    )
    indent = element("span", "widget-label", "\N{ZERO WIDTH SPACE}") if model.flag("indent", True) else ""
    told = f"{model.words('description')} {'on' if on else 'off'}"
    return "div", "widget-inline-hbox widget-checkbox", indent + box + said(told), {}


# ------------------------------------------------------------------------------------------------ buttons


def _mood(model: Model) -> str:
    style = model.words("button_style")
    return f"mod-{style}" if style in _BUTTON_STYLES else ""


def _icon_at(icons: list[str], index: int) -> str:
    name = icons[index] if index < len(icons) else ""
    return name if name.replace("-", "").isalnum() else ""


def _icons(model: Model) -> str:
    names = [name for name in model.words("icon").split() if name.replace("-", "").isalnum()]
    return " ".join(f"fa-{name}" for name in names)


def _button(pen: Pen, classes: str = "widget-button") -> Drawn:
    """Draw a button's face, which can be read and not pressed."""
    model = pen.model
    description, icons = model.words("description"), _icons(model)
    if model.kind == "FileUpload":
        value = model.values.get("value")
        description = f"{description or 'Upload'} ({len(value) if isinstance(value, list) else 0})"
        icons = icons or "fa-upload"
    centre = "" if description else "center"
    face = element("i", f"fa {icons} {centre}") if icons else ""
    active = model.kind == "ToggleButton" and model.flag("value")
    told = said(" (on)" if active else " (off)") if model.kind == "ToggleButton" else ""
    content = face + escape(description) or ("&nbsp;" if told else "")
    pen.styled()
    names = f"jupyter-button {classes} {_mood(model)} {'mod-active' if active else ''}"
    return "span", names, content + told, {}


def _play(pen: Pen) -> Drawn:
    model = pen.model
    marks = ["pause" if model.flag("playing") else "play", "stop"]
    marks += ["retweet"] if model.flag("show_repeat", True) else []
    buttons = "".join(
        element(
            "span",
            f"jupyter-button {'mod-active' if mark == 'retweet' and model.flag('repeat') else ''}",
            element("i", f"fa fa-{mark}"),
            aria_hidden="true",
        )
        for mark in marks
    )
    return "div", "widget-inline-hbox widget-play", buttons + said(model.words("value")), {}


def _valid(pen: Pen) -> Drawn:
    valid = pen.model.flag("value")
    icon = element("i", f"fa fa-fw fa-{'check' if valid else 'times'}")
    text = element(
        "span", "widget-valid-readout widget-readout", escape(pen.model.words("readout") or "Invalid")
    )
    told = said("valid" if valid else "not valid")
    return pen.row(f"widget-valid mod-{'valid' if valid else 'invalid'}", icon + text + told)


def _tags(pen: Pen) -> Drawn:
    style = pen.model.words("tag_style")
    mood = f"mod-{style}" if style in _BUTTON_STYLES else ""
    cross = element("i", "fa fa-times jupyter-widget-tag-close", aria_hidden="true")
    tags = []
    for one in pen.model.texts("value"):
        if pen.model.kind == "ColorsInput":
            ground = pen.rule(layouts.of_colour("background-color", one))
            tags.append(
                element("div", f"jupyter-widget-tag jupyter-widget-colortag {ground}", said(one) + cross)
            )
        else:
            tags.append(element("div", f"jupyter-widget-tag {mood}", escape(one) + cross))
    # ipywidgets shows the field at a click; here it always is there, for who comes by keyboard (widgets.css).
    placeholder = pen.model.words("placeholder") or "\N{ZERO WIDTH SPACE}"
    names = "jupyter-widget-tag jupyter-widget-taginput"
    typed = element(
        "input", names, type="text", placeholder=placeholder, size=str(len(placeholder) + 1), **_INERT
    )
    tags.append(element("div", f"widget-text {pen.rule('display:inline-block!important')}", typed))
    return "div", "jupyter-widget-tagsinput", "".join(tags), {}


CONTROLS: dict[str, Callable[[Pen], Drawn]] = {
    **dict.fromkeys(
        ("IntSlider", "FloatSlider", "FloatLogSlider", "IntRangeSlider", "FloatRangeSlider",
         "SelectionSlider", "SelectionRangeSlider"),
        slider,
    ),
    **dict.fromkeys(("IntProgress", "FloatProgress"), progress),
    **dict.fromkeys(("IntText", "FloatText", "BoundedIntText", "BoundedFloatText"), _number),
    **dict.fromkeys(("Text", "Combobox"), _text),
    "Password": _password,
    "Textarea": _textarea,
    "DatePicker": _date,
    **dict.fromkeys(("DatetimePicker", "NaiveDatetimePicker", "Datetime", "NaiveDatetime"), _datetime),
    **dict.fromkeys(("TimePicker", "Time"), _time),
    "ColorPicker": _colour,
    "Dropdown": partial(_select, classes="widget-dropdown", rows=False),
    "Select": _select,
    "SelectMultiple": partial(_select, classes="widget-select widget-select-multiple", many=True),
    "RadioButtons": _radio,
    "ToggleButtons": _toggle_buttons,
    "Checkbox": _checkbox,
    "ToggleButton": partial(_button, classes="widget-toggle-button"),
    "Button": _button,
    "FileUpload": partial(_button, classes="widget-upload"),
    "Play": _play,
    "Valid": _valid,
    **dict.fromkeys(("TagsInput", "ColorsInput", "FloatsInput", "IntsInput"), _tags),
}  # fmt: skip

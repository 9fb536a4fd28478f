"""Takes a cell's options, lines like ``#| label: fig-x`` at its top, out of its code."""

from __future__ import annotations

import re
from typing import Any

from blog.notebook import yamltext
from blog.notebook.cells import Cell
from blog.notebook.language import comment
from blog.notebook.report import Report, quote

# nbdev writes its directives in the same place, without a value; those that say what is shown:
_DIRECTIVES = {
    "hide": ("include", False),
    "hide_input": ("echo", False),
    "hide_output": ("output", False),
}
_DIRECTIVE = re.compile(
    r"(?:default_exp|exec_doc|export|exporti|exports|export_and_hide|hide|hide_input|hide_output|nbdev"
    r"|notest|skip_showdoc|slow|skip|eval|filter_stream|load_hidden|graphviz)(?:\s+[\w./-]+)*"
)


def read_options(cell: Cell, language: str, report: Report) -> None:
    """Move the options of a code cell into ``cell.metadata["blog"]["options"]``. In place.

    Keys are as Quarto writes them now (``fig-cap``, also from knitr's ``fig.cap``). Options that are not
    valid YAML are a warning and ignored; their lines are taken out of the code all the same.
    """
    start = re.compile(rf"[ \t]*{re.escape(comment(language))}\|(?: (.*)|(.*))$")
    code = cell["source"].split("\n")
    while code and not code[0].strip():
        code.pop(0)
    block: list[str] = []
    while len(block) < len(code) and (match := start.match(code[len(block)])):
        block.append(match[1] if match[1] is not None else match[2])
    if not block:
        return
    rest = code[len(block) :]
    while rest and not rest[0].strip():
        rest.pop(0)
    cell["source"] = "\n".join(rest)
    number = cell["metadata"]["blog"]["number"]
    # blank lines keep the numbers of the lines right
    text = "\n".join("" if _DIRECTIVE.fullmatch(line.strip()) else line for line in block)
    options: dict[str, Any] = {}
    for line in block:
        words = line.split()
        if _DIRECTIVE.fullmatch(line.strip()) and words[0] in _DIRECTIVES:
            key, value = _DIRECTIVES[words[0]]
            options[key] = value
    try:
        found = yamltext.load(text)
        if found is not None and not isinstance(found, dict):
            raise yamltext.YamlTextError("they are no 'key: value' lines", "Write each as 'key: value'", None)
    except yamltext.YamlTextError as error:
        line_said = "" if error.line is None else f" at line {error.line}"
        what = f"the cell's options ({comment(language)}|) are not valid YAML{line_said} and are ignored"
        report.warn(f"{what}: {quote(error.what)}", error.remedy, number)
    else:
        for key, value in (found or {}).items():
            options[re.sub(r"[._]", "-", key)] = yamltext.plain(value)
    cell["metadata"]["blog"]["options"] = options

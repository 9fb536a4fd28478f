"""Two pictures of one size that readers compare by a slider: ``#| fig-compare: true``.

Without a script they stand beside each other. Where a script will come the stylesheet lays the second over
the first from the start, so that nothing moves when the slider is there.
"""

from __future__ import annotations

from collections.abc import Sequence

from blog.convert import images
from blog.convert.images import Shown
from blog.convert.page import Page
from blog.convert.tree import escape, start_tag

LABELS = ("A", "B")


def fits(pictures: Sequence[Shown]) -> bool:
    """Tell whether these can be compared: two, and of one size."""
    sizes = {(one.width, one.height) for one in pictures}
    return len(pictures) == 2 and len(sizes) == 1


def comparison(
    page: Page,
    pictures: Sequence[Shown],
    texts: Sequence[str],
    labels: Sequence[str],
    about: Sequence[dict[str, str]],
) -> str:
    """Write two pictures with what is said of each: its text, its label, and attributes of its link.

    The label is the link that opens the picture large, since the slider lies over the picture itself.
    """
    plates = []
    for shown, alt, label, more in zip(pictures, texts, labels, about, strict=True):
        link = start_tag("a", {"class": "enlarge tag", "href": shown.asset.url, **more})
        picture = images.tag(page, shown, alt)
        plates.append(f'<div class="plate">{picture}{link}{escape(label)}</a></div>')
    return f'<div class="compare" data-compare>{"".join(plates)}</div>'

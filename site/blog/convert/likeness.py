"""How like one picture is to another, to an eye: structural similarity (SSIM).

Wang et al. (2004), doi:10.1109/TIP.2003.819861, over blocks of 8 × 8 pixels that do not overlap, of the
brightness alone; the blocks that differ most count as much as the mean. Pillow has all that it takes.
"""

from __future__ import annotations

from PIL import Image, ImageMath

_BLOCK = 8
# what keeps the ratio finite where a block is black or flat, for 8 bits
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
# of all blocks, the share that may differ more than the measure says
_WORST = 0.01
# how much less like than the mean the worst blocks may be, and still not pull the measure down
_SPREAD = 0.06


def likeness(one: Image.Image, other: Image.Image) -> float:
    """Give 1 for pictures that are the same, less the more they differ to an eye; sizes must agree."""
    x, y = _brightness(one), _brightness(other)
    if x.size != y.size:
        return 0.0

    means_x, means_y = _means(x), _means(y)
    squares_x, squares_y, crossed = _products(x, x), _products(y, y), _products(x, y)
    blocks = sorted(map(_block, means_x, means_y, squares_x, squares_y, crossed))
    mean = sum(blocks) / len(blocks)
    return min(mean, blocks[int(len(blocks) * _WORST)] + _SPREAD)


def _block(x: float, y: float, xx: float, yy: float, xy: float) -> float:
    """Give the similarity of a block by its means."""
    light = (2 * x * y + _C1) / (x * x + y * y + _C1)
    form = (2 * (xy - x * y) + _C2) / (max(0.0, xx - x * x) + max(0.0, yy - y * y) + _C2)
    return light * form


def _means(picture: Image.Image) -> tuple[float, ...]:
    """Give the mean of each block."""
    found: tuple[float, ...] = picture.reduce(_BLOCK).get_flattened_data()  # type: ignore[assignment]
    return found


def _products(first: Image.Image, second: Image.Image) -> tuple[float, ...]:
    """Give the mean of each block of a product."""
    product: Image.Image = ImageMath.lambda_eval(lambda given: given["a"] * given["b"], a=first, b=second)
    return _means(product)


def _brightness(picture: Image.Image) -> Image.Image:
    return picture.convert("L").convert("F")

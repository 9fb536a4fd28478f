"""Draw the pictures that lists show for posts whose first figure says too little: posts/<slug>/cover.png.

python make_covers.py
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import py4DSTEM
from PIL import Image
from plates import PLATE, Bar, Ring, grey, log_grey, plate

HERE = Path(__file__).parent
SIZE, GAP = 480, 6


def main() -> None:
    """Draw them from the gold scan: the ring at work, and what it and a wider one make of the film."""
    cube = py4DSTEM.read(str(HERE / "data" / "gold_polycrystal.h5"))
    scan, camera = cube.data.shape[0], cube.data.shape[2]
    edge = 1.1 * camera / 2  # half the camera's width, mrad
    axis = 1.1 * (np.arange(camera) - (camera - 1) / 2)
    angle = np.hypot(axis[:, None], axis)

    def image(inner: float, outer: float) -> Image.Image:
        ring = ((angle >= inner) & (angle < outer)).astype(np.float32)
        return plate(grey(np.tensordot(cube.data, ring, axes=2)), SIZE, "", Bar(10 / scan, "10 nm"))

    mean = log_grey(cube.data.mean((0, 1)))
    ring = plate(mean, SIZE, "", Bar(20 / (2 * edge), "20 mrad"), [Ring(7 / edge, 16 / edge)])
    # lists crop a picture to the square in its middle, which is then the virtual image
    pictures = [ring, image(7, 16), image(36, 52)]
    row = Image.new("RGB", (len(pictures) * (SIZE + GAP) - GAP, SIZE), PLATE)
    for place, picture in enumerate(pictures):
        row.paste(picture.convert("RGB"), (place * (SIZE + GAP), 0))
    for slug, cover in (("virtual-detectors", row), ("how-this-blog-works", ring)):
        folder = HERE / "posts" / slug
        folder.mkdir(exist_ok=True)
        cover.save(folder / "cover.png", optimize=True)


if __name__ == "__main__":
    main()

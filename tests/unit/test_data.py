"""The gold dataset holds what its README says: counts, calibration, rings, and a truth that is true."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import h5py
import numpy as np
import py4DSTEM
import pytest
from scipy import ndimage

DATA = Path(__file__).parents[2] / "notebooks" / "data"
FILE = DATA / "gold_polycrystal.h5"
LATTICE = 4.0782  # Å
WAVELENGTH = 0.0250793  # Å, 200 kV
MRAD = 1.1  # per pixel
PIXELS = 96


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_gold_polycrystal", DATA / "make_gold_polycrystal.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cube() -> Any:
    return py4DSTEM.read(str(FILE))


@pytest.fixture(scope="module")
def truth() -> dict[str, np.ndarray]:
    with h5py.File(FILE) as file:
        return {name: item[()] for name, item in file["truth"].items()}


@pytest.fixture(scope="module")
def patterns(cube: Any, truth: dict[str, np.ndarray]) -> np.ndarray:
    """The mean pattern of each grain, from positions where the probe saw no other grain."""
    alone = truth["grain_purity"] > 0.97
    grains = range(len(truth["orientation_matrices"]))
    return np.array([cube.data[(truth["grain_map"] == g) & alone].mean(0) for g in grains])


def radius() -> np.ndarray:
    axis = (np.arange(PIXELS) - (PIXELS - 1) / 2) * MRAD
    return np.hypot(*np.meshgrid(axis, axis, indexing="ij"))


def test_the_checksum_and_size_in_the_readme_are_the_files() -> None:
    content = FILE.read_bytes()
    said = re.search(r"\b[0-9a-f]{64}\b", (DATA / "README.md").read_text("utf-8"))
    assert said is not None
    assert said[0] == hashlib.sha256(content).hexdigest()
    assert len(content) < 5_000_000


def test_py4dstem_opens_it_with_its_calibration(cube: Any) -> None:
    assert isinstance(cube, py4DSTEM.DataCube)
    assert cube.data.shape == (56, 56, PIXELS, PIXELS)
    assert cube.data.dtype == np.uint16
    calibration = cube.calibration
    assert (calibration.get_R_pixel_size(), calibration.get_R_pixel_units()) == (1.0, "nm")
    assert calibration.get_Q_pixel_units() == "A^-1"
    assert calibration.get_Q_pixel_size() == pytest.approx(1e-3 * MRAD / WAVELENGTH, rel=1e-5)
    assert calibration.get_origin_mean() == (47.5, 47.5)
    simulation = cube.metadata["simulation"]
    assert simulation["voltage_kv"] == 200.0
    assert simulation["dose"] == 4000.0
    assert simulation["wavelength_angstrom"] == pytest.approx(WAVELENGTH, rel=1e-5)


def test_the_counts_are_compressed_and_the_axes_are_in_units() -> None:
    with h5py.File(FILE) as file:
        counts = file["datacube_root/datacube/data"]
        assert counts.compression == "gzip"
        assert counts.shuffle
        first, second = file["datacube_root/datacube/dim2"][()][:2]
    assert first == pytest.approx(-47.5 * 1e-3 * MRAD / WAVELENGTH, rel=1e-5)
    assert second - first == pytest.approx(1e-3 * MRAD / WAVELENGTH, rel=1e-5)


def test_no_pattern_holds_more_than_the_dose_and_the_holes_hold_nearly_all(
    cube: Any, truth: dict[str, np.ndarray]
) -> None:
    counted = cube.data.sum((2, 3), dtype=np.int64)
    assert counted.mean() == pytest.approx(3572, abs=1)
    assert counted.max() < 4000 + 5 * np.sqrt(4000)
    hole = truth["thickness_nm"] < 0.02
    assert hole.sum() > 20
    assert 3950 < counted[hole].mean() < 4000
    # what the holes send out of the direct disc is carbon's few per cent
    direct = cube.data[hole].mean(0)[radius() < 4].sum() / counted[hole].mean()
    assert 0.97 < direct < 0.99


def test_discs_lie_on_the_rings_of_gold(patterns: np.ndarray) -> None:
    disc = (radius() <= 2.5).astype(float)[41:55, 41:55]
    found: list[float] = []
    for pattern in patterns:
        sharp = ndimage.correlate(np.sqrt(pattern), disc - disc.mean(), mode="nearest")
        peak = (sharp == ndimage.maximum_filter(sharp, 5)) & (sharp > 0.25 * sharp.max())
        for row, column in np.argwhere(peak):
            window = tuple(slice(max(c - 2, 0), c + 3) for c in (row, column))
            weight = np.clip(pattern[window] - pattern[window].min(), 0, None)
            at = [(weight * i).sum() / weight.sum() for i in np.mgrid[window]]
            found.append(MRAD * np.hypot(*(np.array(at) - (PIXELS - 1) / 2)))
    angles = np.array(found)
    for hkl in ((1, 1, 1), (2, 0, 0), (2, 2, 0), (3, 1, 1)):
        expected = 1e3 * WAVELENGTH * np.linalg.norm(hkl) / LATTICE
        near = angles[abs(angles - expected) < 0.6]
        assert len(near) >= 8, hkl
        assert np.median(near) == pytest.approx(expected, abs=0.12), hkl
    # and none between the direct beam and 111, where gold has no reflection
    assert not ((angles > 1.5) & (angles < 9.6)).any()


def test_each_grain_shows_the_pattern_of_its_own_matrix(
    patterns: np.ndarray, truth: dict[str, np.ndarray]
) -> None:
    """By py4DSTEM's own kinematic pattern, which shares no geometry with the script."""
    matrices = truth["orientation_matrices"]
    assert np.linalg.det(matrices) == pytest.approx(np.ones(len(matrices)))
    basis = np.array([[0, 0, 0], [0, 0.5, 0.5], [0.5, 0, 0.5], [0.5, 0.5, 0]])
    gold = py4DSTEM.process.diffraction.Crystal(basis, 79, LATTICE)
    gold.setup_diffraction(200e3)
    gold.calculate_structure_factors(2.0)
    row, column = np.mgrid[:PIXELS, :PIXELS] - (PIXELS - 1) / 2
    shell = (radius() / MRAD).astype(int)

    def without_rings(image: np.ndarray) -> np.ndarray:
        mean = np.bincount(shell.ravel(), image.ravel()) / np.bincount(shell.ravel())
        return (image - mean[shell])[radius() > 5.5]

    def expected(matrix: np.ndarray) -> np.ndarray:
        peaks = gold.generate_diffraction_pattern(orientation_matrix=matrix, sigma_excitation_error=0.006)
        image = np.zeros((PIXELS, PIXELS))
        for qx, qy, intensity in zip(peaks["qx"], peaks["qy"], peaks["intensity"], strict=True):
            x, y = (1e3 * WAVELENGTH * q / MRAD for q in (qx, qy))
            image += np.sqrt(intensity) * np.exp(-((row - x) ** 2 + (column - y) ** 2) / (2 * 1.6**2))
        return image

    seen = [without_rings(np.sqrt(p)) for p in patterns]
    modelled = [without_rings(expected(m)) for m in matrices]
    n = len(matrices)
    match = np.corrcoef(seen, modelled)[:n, n:]
    assert (match.argmax(1) == np.arange(n)).all()
    assert np.diag(match).min() > 0.65
    assert np.median(np.diag(match)) > 0.8


def test_twins_are_half_turns_about_a_111_normal(truth: dict[str, np.ndarray]) -> None:
    matrices, parents = truth["orientation_matrices"], truth["twin_of"]
    twins = [g for g in range(len(parents)) if parents[g] != g]
    assert len(twins) == 3
    for twin in twins:
        turn = matrices[twin] @ matrices[parents[twin]].T
        assert turn @ [1, 1, -1] == pytest.approx([1, 1, -1])
        assert np.trace(turn) == pytest.approx(-1)


def test_the_high_angle_image_follows_thickness_and_the_low_angle_image_does_not(
    cube: Any, truth: dict[str, np.ndarray]
) -> None:
    def image(inner: float, outer: float) -> np.ndarray:
        ring = ((radius() >= inner) & (radius() < outer)).astype(np.float32)
        return np.tensordot(cube.data, ring, axes=2)

    solid = truth["thickness_nm"] > 4
    thickness = truth["thickness_nm"][solid]
    assert np.corrcoef(image(36, 52)[solid], thickness)[0, 1] > 0.6
    assert abs(np.corrcoef(image(7, 16)[solid], thickness)[0, 1]) < 0.3


def test_the_script_makes_the_same_numbers(
    script: ModuleType, cube: Any, truth: dict[str, np.ndarray]
) -> None:
    counts, again = script.simulate(script.Scan())
    assert (counts == cube.data).all()
    assert sorted(again) == sorted(truth)
    for name, values in truth.items():
        assert np.allclose(again[name], values), name


def test_the_script_writes_the_same_bytes_twice(script: ModuleType, tmp_path: Path) -> None:
    small = script.Scan(positions=6, grains=3)
    for name in ("one.h5", "two.h5"):
        script.write(tmp_path / name, small, *script.simulate(small))
    assert (tmp_path / "one.h5").read_bytes() == (tmp_path / "two.h5").read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.h5", "two.h5"]

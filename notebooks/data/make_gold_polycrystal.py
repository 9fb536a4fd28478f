"""Simulate a 4D-STEM scan of a polycrystalline gold film whose orientations are known.

Run it from anywhere; the same seed gives the same numbers:

    python make_gold_polycrystal.py --out elsewhere.h5

The file opens with ``py4DSTEM.read`` and keeps the truth beside the counts. README.md in this
folder says what each number means and what the model leaves out.

Axes, as py4DSTEM has them: x runs along the rows and y along the columns, of the scan and of the
camera alike (no rotation between them); z points up the column, towards the source. Angles are in
mrad on the camera and in radians in formulas, lengths in Å, reciprocal lengths g = 1/d in 1/Å.
"""

from __future__ import annotations

import argparse
import tempfile
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

import h5py
import numpy as np
import py4DSTEM
from emdfile import Metadata
from py4DSTEM.process.utils import electron_wavelength_angstrom, single_atom_scatter
from scipy import integrate, ndimage, signal, sparse
from scipy.spatial import Voronoi
from scipy.spatial.transform import Rotation

GOLD, CARBON = 79, 6


@dataclass(frozen=True)
class Scan:
    """Everything that can be chosen, with its unit."""

    seed: int = 1911
    positions: int = 56  # along each scan axis
    step_nm: float = 1.0
    pixels: int = 96  # along each camera axis
    mrad_per_pixel: float = 1.1
    voltage_kv: float = 200.0
    convergence_mrad: float = 2.5  # semi-angle
    dose: float = 4000.0  # electrons sent per pattern
    lattice_angstrom: float = 4.0782  # gold, 293 K
    debye_waller: float = 0.60  # B in Å², gold, 293 K, about
    carbon_nm: float = 5.0
    carbon_atoms: float = 0.10  # per Å³, that is 2.0 g/cm³
    probe_sigma_nm: float = 0.35
    grains: int = 15

    @property
    def wavelength(self) -> float:
        """The electron's wavelength in Å, relativistic."""
        return float(electron_wavelength_angstrom(1e3 * self.voltage_kv))

    @property
    def gamma(self) -> float:
        """The electron's relativistic mass over its rest mass."""
        return 1 + self.voltage_kv / 510.99895


# Zone axis nearest the beam and tilt away from it in degrees, grain by grain. A film seen down
# random directions shows little; this one is kinder than most. Where the axis is None it is random.
ZONES: tuple[tuple[tuple[int, int, int] | None, float], ...] = (
    ((0, 1, 1), 0.4), ((0, 0, 1), 0.5), ((1, 1, 1), 0.6), ((1, 1, 2), 1.0), ((0, 1, 1), 1.0),
    (None, 0.0), ((0, 1, 3), 1.5), ((0, 0, 1), 2.0), ((1, 1, 1), 2.5), (None, 0.0),
    ((0, 1, 1), 2.2), ((1, 1, 2), 3.0), (None, 0.0), ((1, 1, 4), 1.0), (None, 0.0),
)  # fmt: skip
TWINNED = (0, 4, 10)  # grains near [011], where a {111} twin boundary stands edge on
TWIN_NORMAL = np.array([1.0, 1.0, -1.0]) / np.sqrt(3)
OVERSAMPLING = 4  # map points per probe position and axis
DIRECTIONS = 5  # directions in the incident cone per camera pixel and axis


def scattering_factor(element: int, q: np.ndarray) -> np.ndarray:
    """Give the electron scattering factor in Å (Lobato and Van Dyck 2014), as py4DSTEM tabulates it."""
    return single_atom_scatter().electron_scattering_factor(element, np.asarray(q, float) ** 2)


def orientations(scan: Scan, rng: np.random.Generator) -> np.ndarray:
    """Give one matrix per grain, then one per twin: column j is lab axis j in crystal coordinates.

    So ``matrix.T @ g`` turns a reciprocal vector of the crystal into the lab, and the last column is
    the direction in the crystal that points up the column: py4DSTEM's ``orientation_matrix``.
    """
    matrices = []
    for zone, tilt in ZONES[: scan.grains]:
        spin = Rotation.from_euler("z", rng.uniform(0, 360), degrees=True)
        if zone is None:
            matrices.append(Rotation.random(random_state=int(rng.integers(2**31))).as_matrix())
            continue
        z = np.array(zone, float) / np.linalg.norm(zone)
        x = np.cross([0.0, -1.0, 1.0] if abs(z @ [0, -1, 1]) < 0.9 else [1.0, 0, 0], z)
        x /= np.linalg.norm(x)
        aligned = np.column_stack([x, np.cross(z, x), z])
        azimuth = rng.uniform(0, 2 * np.pi)
        lean = Rotation.from_rotvec(np.deg2rad(tilt) * np.array([np.cos(azimuth), np.sin(azimuth), 0]))
        matrices.append(aligned @ spin.as_matrix() @ lean.as_matrix())
    half_turn = 2 * np.outer(TWIN_NORMAL, TWIN_NORMAL) - np.eye(3)
    matrices += [half_turn @ matrices[g] for g in TWINNED if g < scan.grains]
    return np.array(matrices)


def microstructure(
    scan: Scan, matrices: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Grow the film: the grain at each point of a fine map, and the gold's thickness there in nm.

    Grains are Voronoi cells of relaxed random sites, their edges bent a little. Three hold a twin
    band with straight edges; boundaries are grooved; each grain has a height of its own; two holes,
    where three grains meet, show the bare carbon.
    """
    n = scan.positions * OVERSAMPLING
    size = scan.positions * scan.step_nm
    axis = (np.arange(n) + 0.5) * size / n
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1)

    sites = rng.uniform(0, size, (scan.grains, 2))
    for _ in range(2):  # Lloyd's relaxation, stopped early so that sizes still differ
        owner = nearest(points, sites)[0]
        sites = np.array([points[owner == g].mean(0) for g in range(scan.grains)])
    bend = [smooth_noise(rng, n, 3.0 * n / size) for _ in "xy"]
    bent = points + 0.9 * np.stack(bend, -1)
    grain, gap = nearest(bent, sites)

    for twin, parent in enumerate((g for g in TWINNED if g < scan.grains), start=scan.grains):
        normal = (matrices[parent].T @ TWIN_NORMAL)[:2]
        along = (points - sites[parent]) @ (normal / np.linalg.norm(normal))
        grain[(grain == parent) & (abs(along - 1.0) < 2.6)] = twin

    height = rng.uniform(7, 15, scan.grains)[nearest(bent, sites)[0]]
    height = height * (1 + 0.06 * smooth_noise(rng, n, n / 8))
    thickness = height * (1 - 0.45 * np.exp(-gap / 1.2))
    meetings = Voronoi(sites).vertices
    for wish, radius in zip(((0.30, 0.66), (0.74, 0.25)), (4.6, 3.4), strict=True):
        hole = min(meetings, key=lambda at: np.linalg.norm(at - np.array(wish) * size))
        away = bent - hole
        arms = np.deg2rad(radius * 25) + np.arctan2(away[..., 1], away[..., 0])
        edge = np.hypot(away[..., 0], away[..., 1]) - radius * (1 + 0.16 * np.cos(3 * arms))
        thickness = thickness * np.sqrt(np.clip(edge / 3.0, 0, 1))
    return grain, thickness


def smooth_noise(rng: np.random.Generator, n: int, sigma: float) -> np.ndarray:
    """Give an n by n map of noise, smooth over sigma points, with unit standard deviation."""
    noise = ndimage.gaussian_filter(rng.normal(size=(n, n)), sigma, mode="reflect")
    return noise / noise.std()


def nearest(points: np.ndarray, sites: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Give the nearest site of each point, and the point's distance in nm from the cell's boundary."""
    distance = np.linalg.norm(points[..., None, :] - sites, axis=-1)
    order = np.argsort(distance, axis=-1)[..., :2]
    first, second = np.moveaxis(np.take_along_axis(distance, order, -1), -1, 0)
    apart = np.linalg.norm(sites[order[..., 0]] - sites[order[..., 1]], axis=-1)
    return order[..., 0], (second**2 - first**2) / (2 * apart)


def reflections(scan: Scan, g_max: float = 2.6) -> tuple[np.ndarray, np.ndarray]:
    """Give gold's reciprocal vectors in 1/Å, and the extinction distance of each in Å.

    Face-centred cubic: h, k, l all even or all odd, with F = 4 f exp(−B g²/4).
    """
    index = np.arange(-12, 13)
    hkl = np.stack(np.meshgrid(index, index, index, indexing="ij"), -1).reshape(-1, 3)
    hkl = hkl[np.ptp(hkl % 2, axis=1) == 0]
    g = hkl / scan.lattice_angstrom
    length = np.linalg.norm(g, axis=1)
    keep = (length > 0) & (length < g_max)
    structure = 4 * scattering_factor(GOLD, length[keep]) * np.exp(-scan.debye_waller * length[keep] ** 2 / 4)
    extinction = np.pi * scan.lattice_angstrom**3 / (scan.gamma * scan.wavelength * structure)
    return g[keep], extinction


def incident_directions(scan: Scan) -> np.ndarray:
    """Give the directions that fill the incident cone, in radians, on a fine regular grid."""
    step = scan.mrad_per_pixel / DIRECTIONS
    reach = np.arange(0, scan.convergence_mrad + step, step)
    axis = np.concatenate([-reach[:0:-1], reach])
    theta = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    return 1e-3 * theta[np.hypot(*theta.T) <= scan.convergence_mrad]


def bragg_patterns(scan: Scan, matrix: np.ndarray, thickness_nm: np.ndarray) -> np.ndarray:
    """Give the elastic pattern of one grain at several thicknesses: (thickness, camera pixel), sum ≤ 1.

    Each reflection alone follows the two-beam formula, for every direction of the incident cone, so
    that discs have the fringes of convergent-beam patterns. Where the reflections together ask for
    more than there is, they share 1 − exp(−Σ), and the direct disc keeps exp(−Σ).
    """
    vectors, extinction = reflections(scan)
    lab = vectors @ matrix  # rows: matrix.T @ g
    theta = incident_directions(scan)
    wave = scan.wavelength
    middle = (lab[:, 2] - wave * (lab**2).sum(1) / 2) / (1 - wave * lab[:, 2])
    reach = 1e-3 * scan.convergence_mrad * np.hypot(lab[:, 0], lab[:, 1])
    keep = abs(middle) - reach < 0.012
    lab, extinction, middle = lab[keep], extinction[keep], middle[keep]

    error = middle[:, None] - lab[:, :2] @ theta.T  # excitation error of (reflection, direction), 1/Å
    effective = np.sqrt(error**2 + extinction[:, None] ** -2)
    angle = np.concatenate([np.zeros((1, 2)), wave * lab[:, :2]])[:, None, :] + theta
    row, column = np.moveaxis(1e3 * angle / scan.mrad_per_pixel + (scan.pixels - 1) / 2, -1, 0)
    camera = splat(row.ravel(), column.ravel(), scan.pixels)

    patterns = np.empty((len(thickness_nm), scan.pixels**2))
    for i, t in enumerate(10 * thickness_nm):
        share = (np.sin(np.pi * t * effective) / (extinction[:, None] * effective)) ** 2
        total = share.sum(0)
        share *= np.divide(-np.expm1(-total), total, out=np.zeros_like(total), where=total > 0)
        rays = np.concatenate([np.exp(-total)[None], share]) / len(theta)
        patterns[i] = camera @ rays.ravel()
    return patterns


def splat(row: np.ndarray, column: np.ndarray, pixels: int) -> sparse.csr_array:
    """Give the matrix that drops each ray on the four pixels around it, with bilinear weights."""
    top, left = np.floor(row).astype(int), np.floor(column).astype(int)
    down, right = row - top, column - left
    ray = np.arange(len(row))
    parts = []
    for i, wi in ((top, 1 - down), (top + 1, down)):
        for j, wj in ((left, 1 - right), (left + 1, right)):
            inside = (i >= 0) & (i < pixels) & (j >= 0) & (j < pixels)
            parts.append((wi * wj, i * pixels + j, ray, inside))
    weight, pixel, source = (np.concatenate([p[k][p[3]] for p in parts]) for k in range(3))
    return sparse.csr_array((weight, (pixel, source)), shape=(pixels**2, len(row)))


def diffuse(scan: Scan) -> tuple[np.ndarray, float, np.ndarray, float]:
    """Give what scatters without order, from the direct beam: thermal in gold, and amorphous carbon.

    For each: its pattern as electrons per camera pixel, per electron scattered, and the fraction
    scattered per nm to any angle. Both are dσ/dΩ = γ² f² times the number of atoms; the thermal part
    (Einstein's independent atoms) carries 1 − exp(−B q²/2), carbon a structure factor drawn by hand
    with its halos at 0.48 and 0.85 1/Å.
    """

    def gold(q: np.ndarray) -> np.ndarray:
        density = 4 / scan.lattice_angstrom**3
        thermal = -np.expm1(-scan.debye_waller * q**2 / 2)
        return 10 * density * scan.gamma**2 * scattering_factor(GOLD, q) ** 2 * thermal

    def carbon(q: np.ndarray) -> np.ndarray:
        order = 1 - 0.8 * np.exp(-((q / 0.25) ** 2))
        order += 0.7 * np.exp(-(((q - 0.48) / 0.08) ** 2)) + 0.35 * np.exp(-(((q - 0.85) / 0.10) ** 2))
        return 10 * scan.carbon_atoms * scan.gamma**2 * scattering_factor(CARBON, q) ** 2 * order

    step = 1e-3 * scan.mrad_per_pixel
    half = (scan.pixels - 1) / 2
    pad = 8  # so that the disc of the incident cone can be folded in without an edge
    grid = (np.arange(-pad, scan.pixels + pad) - half) * step
    q = np.hypot(*np.meshgrid(grid, grid, indexing="ij")) / scan.wavelength
    small = (np.arange(-pad, pad + 1)) * step
    radius = np.hypot(*np.meshgrid(small, small, indexing="ij"))
    cone = np.clip((1e-3 * scan.convergence_mrad - radius) / step + 0.5, 0, 1)
    cone /= cone.sum()

    theta = np.linspace(0, 0.3, 6001)
    out: list[np.ndarray | float] = []
    for law in (gold, carbon):
        per_nm = float(integrate.trapezoid(law(theta / scan.wavelength) * 2 * np.pi * theta, theta))
        pattern = signal.fftconvolve(law(q) * step**2, cone, mode="same")[pad:-pad, pad:-pad]
        out += [pattern.ravel() / per_nm, per_nm]
    return tuple(out)  # type: ignore[return-value]


def simulate(scan: Scan) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Give the counts, (scan x, scan y, camera x, camera y) in uint16, and the truth behind them."""
    rng = np.random.default_rng(scan.seed)
    matrices = orientations(scan, rng)
    grain, height = microstructure(scan, matrices, rng)

    def seen_by_probe(fine: np.ndarray) -> np.ndarray:
        spread = scan.probe_sigma_nm / scan.step_nm * OVERSAMPLING
        blurred = ndimage.gaussian_filter(fine.astype(float), spread, mode="nearest")
        n = scan.positions
        return blurred.reshape(n, OVERSAMPLING, n, OVERSAMPLING).mean((1, 3))

    thickness = seen_by_probe(height)
    shares = np.stack([seen_by_probe(grain == g) for g in range(len(matrices))], -1)
    shares /= shares.sum(-1, keepdims=True)

    levels = np.linspace(0, 1.02 * thickness.max(), 40)
    library = np.stack([bragg_patterns(scan, m, levels) for m in matrices])
    thermal, thermal_per_nm, halo, carbon_per_nm = diffuse(scan)
    to_carbon = -np.expm1(-carbon_per_nm * scan.carbon_nm)

    counts = np.empty((scan.positions, scan.positions, scan.pixels, scan.pixels), np.uint16)
    for i in range(scan.positions):
        place = np.interp(thickness[i], levels, np.arange(len(levels)))
        below = np.minimum(place.astype(int), len(levels) - 2)
        upper = (place - below)[:, None]
        elastic = np.zeros((scan.positions, scan.pixels**2))
        for g, patterns in enumerate(library):
            here = np.flatnonzero(shares[i, :, g] > 1e-4)
            part = (1 - upper[here]) * patterns[below[here]] + upper[here] * patterns[below[here] + 1]
            elastic[here] += shares[i, here, g, None] * part
        to_thermal = -np.expm1(-thermal_per_nm * thickness[i])[:, None]
        expected = (1 - to_carbon) * ((1 - to_thermal) * elastic + to_thermal * thermal) + to_carbon * halo
        counts[i] = rng.poisson(scan.dose * expected).reshape(-1, scan.pixels, scan.pixels)

    truth = {
        "orientation_matrices": matrices,
        "grain_map": shares.argmax(-1).astype(np.uint8),
        "grain_purity": shares.max(-1).astype(np.float32),
        "thickness_nm": thickness.astype(np.float32),
        "twin_of": np.array([*range(scan.grains), *(g for g in TWINNED if g < scan.grains)], np.uint8),
    }
    return counts, truth


def write(path: Path, scan: Scan, counts: np.ndarray, truth: dict[str, np.ndarray]) -> None:
    """Write the EMD file that py4DSTEM reads, compressed, with the truth in a group beside it.

    py4DSTEM writes it first, uncompressed and with a random identifier; every part is then copied,
    so that the same numbers give the same file.
    """
    cube = py4DSTEM.DataCube(data=counts, name="datacube")
    per_pixel = 1e-3 * scan.mrad_per_pixel / scan.wavelength
    middle = (scan.pixels - 1) / 2
    cube.calibration.set_R_pixel_size(scan.step_nm)
    cube.calibration.set_R_pixel_units("nm")
    cube.calibration.set_Q_pixel_size(per_pixel)
    cube.calibration.set_Q_pixel_units("A^-1")
    cube.calibration.set_origin((middle, middle))
    for axis in (2, 3):  # for other readers: py4DSTEM 0.14.18 takes the origin off in pixels here
        cube.set_dim(axis, (np.arange(scan.pixels) - middle) * per_pixel, units="A^-1")
    cube.metadata = Metadata(name="simulation", data=asdict(scan) | {"wavelength_angstrom": scan.wavelength})

    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        plain, packed = Path(folder) / "plain.h5", Path(folder) / "packed.h5"
        py4DSTEM.save(str(plain), cube)
        with h5py.File(plain) as source, h5py.File(packed, "w") as target:
            copy(source, target)
            target.attrs["UUID"] = str(uuid.uuid5(uuid.NAMESPACE_URL, f"gold_polycrystal/{scan}"))
            group = target.create_group("truth")
            for name, values in truth.items():
                group.create_dataset(name, data=values)
            group.attrs["note"] = "Made by make_gold_polycrystal.py; README.md says what each one means."
        packed.replace(path)


def copy(source: h5py.Group, target: h5py.Group) -> None:
    """Copy a group with everything in it, and squeeze the counts (gzip 6 after a byte shuffle)."""
    target.attrs.update({k: v for k, v in source.attrs.items() if k != "UUID"})
    for name, item in source.items():
        if isinstance(item, h5py.Group):
            copy(item, target.create_group(name))
        elif item.ndim == 4:
            squeezed = target.create_dataset(
                name, data=item[()], chunks=(4, 4, *item.shape[2:]), compression="gzip",
                compression_opts=6, shuffle=True,
            )  # fmt: skip
            squeezed.attrs.update(item.attrs)
        else:
            plain = target.create_dataset(name, data=item[()], dtype=item.dtype)
            plain.attrs.update(item.attrs)


def main() -> None:
    """Make the file and say in one line what is in it."""
    parser = argparse.ArgumentParser(description="Simulate a 4D-STEM scan of polycrystalline gold.")
    beside = Path(__file__).with_name("gold_polycrystal.h5")
    parser.add_argument("--out", type=Path, default=beside, help="the file to write (beside this script)")
    out: Path = parser.parse_args().out
    scan = Scan()
    counts, truth = simulate(scan)
    write(out, scan, counts, truth)
    print(f"{out.name}: {counts.shape}, {counts.mean((0, 1)).sum():.0f} electrons counted per pattern")


if __name__ == "__main__":
    main()

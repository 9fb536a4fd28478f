"""What notebooks do with the libraries, to see that it works where a kernel runs."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import tempfile
from pathlib import Path

import h5py
import matplotlib
import numpy as np
import psutil
import py4DSTEM
import scipy.fft
import scipy.linalg
import scipy.ndimage
import zmq

matplotlib.use("agg")
from matplotlib import pyplot  # after the choice of what it draws with


def computes(folder: Path, workers: int = 2) -> list[str]:
    """Do what notebooks do; returns what was done.

    With more than one of ``workers`` scipy.fft keeps threads, and starts them again in every fork.
    """
    rng = np.random.default_rng()
    image = rng.random((64, 64), dtype=np.float32)
    done = [f"numpy {(image @ image.T).shape}"]
    blurred = scipy.ndimage.gaussian_filter(image, 2)
    eigenvalues = scipy.linalg.eigvalsh(image @ image.T)
    spectrum = scipy.fft.fft2(blurred, workers=workers)
    done.append(f"scipy {eigenvalues.shape} {spectrum.shape}")
    with h5py.File(folder / "cube.h5", "w") as file:  # locked by flock
        file.create_dataset("cube", data=image, chunks=(16, 16), compression="gzip", shuffle=True)
    with h5py.File(folder / "cube.h5", "r", locking=True) as file:
        done.append(f"h5py {bool(np.array_equal(file['cube'][()], image))}")
    mapped = np.memmap(folder / "mapped", dtype=np.float32, mode="w+", shape=(64, 64))
    mapped[:] = image
    mapped.flush()
    figure, axes = pyplot.subplots()
    axes.imshow(image)
    axes.set_title("$\\alpha$ and a title")
    for kind in ("png", "svg", "pdf"):
        figure.savefig(folder / f"figure.{kind}")
    pyplot.close(figure)
    done.append("matplotlib")
    data = py4DSTEM.DataCube(data=rng.random((4, 4, 32, 32), dtype=np.float32))
    virtual = data.get_virtual_image(mode="annulus", geometry=((16, 16), (4, 8)), name="dark", verbose=False)
    data.get_dp_mean()
    done.append(f"py4DSTEM {virtual.data.shape}")
    with tempfile.TemporaryDirectory(dir=folder) as made:
        (Path(made) / "one").write_text("1")
        (Path(made) / "one").rename(Path(made) / "two")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done.append(f"threads {sum(pool.map(np.sum, [np.ones(8)] * 8)):g}")
    done.append(f"asyncio {asyncio.run(asyncio.sleep(0, 'done'))}")
    asks = psutil.Process()
    done.append(f"psutil {asks.memory_info().rss > 0 and asks.cpu_times().user > 0 and psutil.cpu_count()}")
    Path("/dev/null").write_bytes(b"x")
    done.append(f"random {len(os.urandom(8))}")
    done.append(f"self {Path('/proc/self/comm').read_text() == Path('/proc/thread-self/comm').read_text()}")
    return done


def answers(address: str) -> None:
    """Answer one message at a ZeroMQ address as a kernel does, from a thread with a loop of its own."""
    with zmq.Context() as context, context.socket(zmq.ROUTER) as socket:
        socket.bind(address)
        poller = zmq.Poller()
        poller.register(socket, zmq.POLLIN)
        poller.poll()
        socket.send_multipart(socket.recv_multipart())

"""The environment of a reader's kernel: little, and one thread for each numerical library."""

from __future__ import annotations

from collections.abc import Mapping

# Named one by one: whatever else the server was given may be a secret.
KEPT = (
    "CONDA_PREFIX",
    "HOME",
    "IPYTHONDIR",
    "JUPYTER_CONFIG_DIR",
    "JUPYTER_DATA_DIR",
    "JUPYTER_PATH",
    "JUPYTER_RUNTIME_DIR",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "LOGNAME",
    "MPLCONFIGDIR",
    "PATH",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPATH",
    "TMPDIR",
    "TZ",
    "USER",
    "VIRTUAL_ENV",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
)

# Several readers share the cores: libraries that each start a thread for every core make all slower.
THREADS = (
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    "NUMEXPR_NUM_THREADS",
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def for_kernel(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the environment for a kernel out of the server's own."""
    kept = {name: environ[name] for name in KEPT if name in environ}
    return {
        **kept,
        **dict.fromkeys(THREADS, "1"),
        "MPLBACKEND": environ.get("MPLBACKEND", "module://matplotlib_inline.backend_inline"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }


def for_zygote(environ: Mapping[str, str]) -> dict[str, str]:
    """Give the environment for the root zygote, and so for all that is forked from it."""
    return {
        **for_kernel(environ),
        # Sets of texts in the same order every time, or widgets would be made in another.
        "PYTHONHASHSEED": "0",
        # Each thread's own heap reserves 64 MB of what a kernel may have (mallopt(3), M_ARENA_MAX).
        "MALLOC_ARENA_MAX": "2",
        # What a warm-up has freed goes back to the system: by default glibc keeps blocks of up to 64 MB
        # (mallopt(3), M_TRIM_THRESHOLD), which made peaks of 50 MB more.
        "MALLOC_MMAP_THRESHOLD_": "1048576",
        "MALLOC_TRIM_THRESHOLD_": "131072",
    }

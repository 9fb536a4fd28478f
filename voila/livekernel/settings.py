"""The settings of one live server: typed values in, the configuration of Voila's classes out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from traitlets.config import Config

TEMPLATE = Path(__file__).resolve().parents[1] / "templates" / "blog"

ALLOWED_MESSAGES = ("comm_open", "comm_close", "comm_msg", "comm_info_request", "kernel_info_request")
"""What a reader's page may send: Voila's own list without ``shutdown_request``."""

ZYGOTE, STOCK = "zygote", "stock"
REQUIRED, OFFERED = "required", "offered"

LIBRARIES = ("py4DSTEM", "ipywidgets", "matplotlib.pyplot", "matplotlib_inline.backend_inline", "PIL.Image")
"""What is imported once for all notebooks; py4DSTEM brings numpy, scipy, h5py and more."""

STOCK_KERNELS = 3
"""How many stock kernels may run at once by default: each has all of its memory for itself."""

MOST_KERNELS = 400
"""Fewer than there are user ids for kernels (:data:`livekernel.engine.scratch.USERS`), each of which is free
again only when its last kernel's folder has been removed."""

UNUSED_EXTENSIONS = ("jupyterlab_pygments",)
"""Extensions of JupyterLab that a page without code has no use for."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one live server is told when it starts; all times are in seconds.

    Defaults stand here and nowhere else; they fit a machine of two cores and 1 GB whose kernels share
    their memory. ``notebooks`` is the folder that the paths in ``index`` (``live.json``) start from.
    ``kernels`` is how many may run at once, ``per_address`` of them for one address, which may start
    ``starts_per_minute``; ``waiting`` is the number of places in the line
    (:class:`livekernel.gate.limits.Limits`). A kernel ends when nobody has used it for ``idle``, or when no
    page has been connected to it for ``unwatched``; the cells of a notebook have ``start`` to run.

    ``engine`` says how kernels are made: forked from a zygote that has imported the ``libraries``, or
    started as programs (:data:`STOCK`), which nothing locks in. A forked kernel may take ``memory`` bytes of
    its own, ``callback`` seconds on a CPU for one message, and lives for ``life`` at most. ``sandbox`` says
    whether the machine must offer what :data:`livekernel.sandbox.REQUIRED` names, or what it offers will do.
    Kernels write to folders below ``scratch``; widgets' states are written to ``rest``. The address for
    operators is written to ``admin``.
    """

    notebooks: Path
    index: Path
    port: int
    address: str = "127.0.0.1"
    base_url: str = "/live/"
    kernels: int = 24
    per_address: int = 8
    starts_per_minute: int = 30
    waiting: int = 100
    idle: float = 600
    unwatched: float = 35
    start: float = 120
    template: Path = TEMPLATE
    engine: str = ZYGOTE
    libraries: tuple[str, ...] = LIBRARIES
    memory: int = 256 * 2**20
    callback: float = 30
    life: float = 3600
    sandbox: str = REQUIRED
    scratch: Path | None = None
    rest: Path | None = None
    admin: Path | None = None
    admin_port: int = 0


def traits(settings: Settings) -> Config:
    """Give the configuration of Voila, of jupyter_server and of the kernel managers.

    Nothing else is read: a ``voila.json`` in the working directory or in the user's home could open
    what is closed here.
    """
    config = Config()
    # A reader must not choose the template or the theme (the stock theme argument is an XSS).
    config.VoilaConfiguration.allow_template_override = "NO"
    config.VoilaConfiguration.allow_theme_override = "NO"
    config.VoilaConfiguration.template = settings.template.name
    config.VoilaConfiguration.show_tracebacks = False
    config.VoilaConfiguration.extension_denylist = list(UNUSED_EXTENSIONS)
    config.VoilaConfiguration.multi_kernel_manager_class = "livekernel.kernels.LiveKernels"
    config.VoilaExecutor.cell_error_instruction = ""
    config.VoilaExecutor.startup_timeout = max(1, int(settings.start))

    config.Voila.kernel_websocket_connection_class = "livekernel.connection.KernelConnection"
    config.LiveKernels.kernel_manager_class = "livekernel.engine.manager.ForkedKernelManager"
    config.LiveKernels.limit = settings.kernels
    config.LiveKernels.unwatched_timeout = float(settings.unwatched)
    # Tracebacks show paths and source.
    config.LiveKernels.allow_tracebacks = False
    config.LiveKernels.traceback_replacement_message = "The notebook raised an error."
    config.LiveKernels.cull_idle_timeout = max(1, int(settings.idle))
    config.LiveKernels.cull_interval = max(1, min(15, int(settings.idle / 4)))
    config.LiveKernels.cull_connected = True
    # Where the kernel can, its loopback connections are encrypted; its warning goes away with it.
    config.LiveKernels.transport_encryption = "auto"
    # jupyter_server keeps all that belongs to a connection as long as this, even when both have gone.
    config.LiveKernels.kernel_info_timeout = 15.0
    # A kernel that dies stays dead: restarted it would be empty, and the page would not know.
    config.KernelRestarter.restart_limit = 0
    config.KernelRestarter.time_to_dead = 1.0
    # Images are large and come often; jupyter_server's own limit is 1 MB/s of everything.
    config.ZMQChannelsWebsocketConnection.iopub_data_rate_limit = 20e6
    config.ZMQChannelsWebsocketConnection.iopub_msg_rate_limit = 2000
    config.ZMQChannelsWebsocketConnection.rate_limit_window = 1.0
    return config

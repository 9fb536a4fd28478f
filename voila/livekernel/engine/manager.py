"""jupyter_server's manager of one kernel, which has it forked where it is told how."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager

from livekernel.engine.provisioner import ForkProvisioner

_Manager: Any = ServerKernelManager

Fork = Callable[..., ForkProvisioner]
"""Makes the provisioner of one kernel: :meth:`livekernel.forks.Forks.of`."""


class ForkedKernelManager(_Manager):  # type: ignore[misc]
    """Made by the multi kernel manager; ``start_kernel(fork=…)`` forks, without it a program starts."""

    async def start_kernel(self, *, fork: Fork | None = None, **kwargs: Any) -> None:
        """Start a kernel; with ``fork`` in jupyter_client's own steps, but for its sleep of 10 ms.

        (``in_pending_state``: "a small sleep to ensure tests can capture the state".)
        """
        if fork is None:
            await super().start_kernel(**kwargs)
            return
        # At a restart it is still there, and forks again.
        kernel_id = getattr(self, "kernel_id", None) or kwargs["kernel_id"]
        self.provisioner = fork(kernel_id=kernel_id, kernel_spec=self.kernel_spec, parent=self)
        self._attempted_start, self._ready = True, asyncio.get_running_loop().create_future()
        try:
            command, kwargs = await self._async_pre_start_kernel(**kwargs)
            await self._async_launch_kernel(command, **kwargs)
            await self._async_post_start_kernel(**kwargs)
        except BaseException as error:
            self._ready.set_exception(error)
            self._ready.exception()  # it is raised here: nobody need ask for it
            raise
        self._ready.set_result(None)

    def emit(self, schema_id: Any, data: Any) -> None:
        """Tell nobody: for Jupyter's events every kernel would get a logger, which Python keeps for ever."""

"""jupyter_server's manager of one kernel, which has it forked where a generation is given."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.kernelmanager import ServerKernelManager
from traitlets import Dict, Instance

from livekernel.engine.generations import Generation
from livekernel.engine.provisioner import ForkProvisioner
from livekernel.engine.scratch import Scratches

_Manager: Any = ServerKernelManager


class ForkedKernelManager(_Manager):  # type: ignore[misc]
    """Made by the multi kernel manager; ``start_kernel(generation=…)`` forks, without it a program starts."""

    scratches = Instance(Scratches, allow_none=True).tag(config=True)
    limits = Dict(help="What every kernel is told of its bounds.").tag(config=True)

    async def _async_pre_start_kernel(
        self, *, generation: Generation | None = None, **kwargs: Any
    ) -> tuple[list[str], dict[str, Any]]:
        """Choose how the kernel is made; called by jupyter_client, at a restart without a generation."""
        if generation is not None:
            self.provisioner = ForkProvisioner(
                generation=generation,
                scratches=self.scratches,
                limits=self.limits,
                kernel_id=self.kernel_id or kwargs.get("kernel_id"),
                kernel_spec=self.kernel_spec,
                parent=self,
            )
        return await super()._async_pre_start_kernel(**kwargs)  # type: ignore[no-any-return]

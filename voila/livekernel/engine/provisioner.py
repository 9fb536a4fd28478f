"""A kernel by a fork: Jupyter's provisioner interface over a zygote.

jupyter_client's kernel manager calls :meth:`ForkProvisioner.pre_launch`, ``launch_kernel`` and ``cleanup`` in
this order, at a restart again, and the others in between
(jupyter-client.readthedocs.io, "Kernel provisioning").
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase

from livekernel import protocol
from livekernel.engine.generations import Generation
from livekernel.engine.link import Forked, ForkError
from livekernel.engine.scratch import Scratch, Scratches
from livekernel.zygote.ports import PORTS

READY = 15.0
"""Seconds from the fork until the kernel answers, a tenth of one on a quiet machine."""

_Base: Any = KernelProvisionerBase


class ForkProvisioner(_Base):  # type: ignore[misc]
    """One reader's kernel. ``memory`` is a descriptor of its /proc file smaps_rollup, for whoever watches."""

    def __init__(self, *, generation: Generation, scratches: Scratches, limits: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._generation, self._scratches, self._limits = generation, scratches, limits
        self._scratch: Scratch | None = None
        self._lifetime: int | None = None
        self.forked: Forked | None = None
        self.memory: int | None = None
        self.code: int | None = None
        self._ended: asyncio.Event | None = None

    @property
    def generation(self) -> Generation:
        """The generation that it was forked from."""
        return self._generation

    @property
    def has_process(self) -> bool:
        """Whether a process has been started and not been cleaned up."""
        return self.forked is not None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Choose where the sockets will be."""
        self._scratch = self._scratches.take()
        manager = self.parent
        manager.transport, manager.ip = "ipc", str(self._scratch.folder / "k")
        for name, port in PORTS.items():
            setattr(manager, f"{name}_port", port)
        self.connection_info = manager.get_connection_info()
        return await super().pre_launch(cmd=[], **kwargs)  # type: ignore[no-any-return]

    async def launch_kernel(self, cmd: list[str], **_: Any) -> dict[str, Any]:  # noqa: ARG002
        """Fork, and wait until the kernel listens. Raises :class:`ForkError`."""
        scratch = self._scratch
        assert scratch is not None  # noqa: S101  (pre_launch has been called)
        reading, self._lifetime = os.pipe()
        ours, theirs = protocol.pair()
        ours.setblocking(False)
        request = {
            "key": self.connection_info["key"].decode(),
            "folder": str(scratch.folder),
            "user": scratch.user,
            **self._limits,
        }
        try:
            self.forked = await self._generation.fork(self.kernel_id, request, [reading, theirs.fileno()])
            theirs.close()
            told, files = await self._told(ours)
            self.memory = files[0]
            self.sandbox = told
        except BaseException:
            await self.kill()
            await self.cleanup()
            raise
        finally:
            os.close(reading)
            theirs.close()
            ours.close()
        return dict(self.connection_info)

    async def _told(self, connection: Any) -> tuple[dict[str, Any], list[int]]:
        loop, coming = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(connection, coming.set)
        try:
            await asyncio.wait_for(coming.wait(), READY)
            return protocol.receive(connection)
        except TimeoutError as error:
            raise ForkError(f"the kernel did not answer within {READY:g} s") from error
        except protocol.Hungup as error:
            raise ForkError("the kernel ended before it answered; its error is in the log above") from error
        finally:
            loop.remove_reader(connection)

    @property
    def pid(self) -> int | None:
        """The process, while there is one."""
        return self.forked.pid if self.forked else None

    async def poll(self) -> int | None:
        """Give None while it runs, else how it ended (0 where nobody could tell)."""
        if self.forked is None:
            return 0
        if not select.select([self.forked.descriptor], [], [], 0)[0]:
            return None
        return self._generation.codes.get(self.forked.pid, 0)

    async def wait(self) -> int | None:
        """Wait for the process's end."""
        if self.forked is None:
            return self.code
        if self._ended is None:
            self._ended = self._watch_end(self.forked.descriptor)
        await self._ended.wait()
        if self.forked is not None:  # several may have waited
            self.code = await self.poll()
            self._let_go()
        return self.code

    def _watch_end(self, descriptor: int) -> asyncio.Event:
        """Give what is set when the process has ended."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()

        def note() -> None:
            loop.remove_reader(descriptor)
            ended.set()

        loop.add_reader(descriptor, note)
        return ended

    async def send_signal(self, signum: int) -> None:
        """Signal the process; that it has ended is no error. 0 asks whether it is there."""
        if self.forked is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self.forked.descriptor, signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002
        """End the process at once."""
        await self.send_signal(signal.SIGKILL)

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        """Ask the process to end."""
        await self.send_signal(signal.SIGTERM)

    async def cleanup(self, restart: bool = False) -> None:  # noqa: ARG002
        """Leave nothing of a kernel that has ended, or is to end now: its life, its folder, its id."""
        if self._lifetime is not None:
            os.close(self._lifetime)  # which ends it, should it live
            self._lifetime = None
        if self.forked is not None:
            await self.wait()
        if self._scratch is not None:
            scratch, self._scratch = self._scratch, None
            await asyncio.to_thread(self._scratches.give_back, scratch)

    def _let_go(self) -> None:
        self._ended = None
        if self.forked is not None:
            self._generation.left(self.kernel_id)
            self._generation.codes.pop(self.forked.pid, None)
            os.close(self.forked.descriptor)
            self.forked = None
        if self.memory is not None:
            os.close(self.memory)
            self.memory = None

    @staticmethod
    def limits(
        *, memory: int, cpu: int | None, tasks: int, readable: list[Path], required: list[str]
    ) -> dict[str, Any]:
        """Give what each kernel of a server is told of its bounds (:class:`livekernel.sandbox.Policy`)."""
        return {
            "memory": memory,
            "cpu": cpu,
            "tasks": tasks,
            "readable": [str(path) for path in readable],
            "required": required,
        }

"""An IPython kernel without sockets and threads: it runs cells before the fork and answers after it.

:class:`WarmKernel` is ipykernel's own application and kernel, put together in two halves. The first half
(:meth:`prepare`) needs nothing that a fork breaks; the second (:meth:`open`) runs in the reader's child and
makes sockets, threads and a loop anew, as ``IPKernelApp.initialize`` and ``start`` would have.
"""

from __future__ import annotations

import logging
import os
import sys
import uuid
from collections.abc import Callable
from typing import Any

import ipykernel.debugger
import tornado.platform.asyncio  # noqa: F401  (or each child would import it when it makes its loop)
import zmq
from ipykernel.control import ControlThread
from ipykernel.displayhook import ZMQDisplayHook
from ipykernel.heartbeat import Heartbeat
from ipykernel.iostream import IOPubThread
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from ipykernel.shellchannel import ShellChannelThread
from IPython.core.application import BaseIPythonApplication
from tornado.ioloop import IOLoop
from zmq.eventloop.zmqstream import ZMQStream

from livekernel.zygote.ports import PORTS

Message = dict[str, Any]


class Wire:
    """Stands in for the iopub socket before the fork: what is sent is handed on as a message."""

    def __init__(self) -> None:
        self.session: Any = None
        self.receive: Callable[[Message], None] = lambda _: None

    def send_multipart(self, parts: Any, *_: Any, **__: Any) -> None:
        """Take a message as ``Session.send`` writes it."""
        _, signed = self.session.feed_identities([bytes(part) for part in parts])
        self.receive(self.session.deserialize(signed))


class Stream:
    """Standard output or error whose target changes at the fork: cells may keep a reference to it."""

    encoding, errors, closed, name = "utf-8", "strict", False, ""

    def __init__(self, name: str, publish: Callable[[str, str], None]) -> None:
        self.name, self._publish = name, publish
        self.target: Any = None

    def write(self, text: str) -> int:
        """Write, to the wire or to what the child has opened."""
        if self.target is not None:
            return int(self.target.write(text))
        if text:
            self._publish(self.name, text)
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Send what waits."""
        if self.target is not None:
            self.target.flush()

    def isatty(self) -> bool:
        """Say no."""
        return False

    def writable(self) -> bool:
        """Say yes."""
        return True

    def fileno(self) -> int:
        """Give the process's own descriptor, for what writes by that."""
        return 1 if self.name == "stdout" else 2

    def __getattr__(self, name: str) -> Any:
        if self.target is None:
            raise AttributeError(name)
        return getattr(self.target, name)


class WarmKernel(IPKernelApp):
    """Made by the root (:meth:`prepare`); a notebook's zygote calls :meth:`run`, a kernel :meth:`open`."""

    kernel: Any = None
    shell: Any = None
    context: Any = None

    def prepare(self) -> None:
        """Make the kernel; nothing is opened."""
        ipykernel.debugger._is_debugpy_available = False  # its parts are sockets
        self.log_level = logging.ERROR  # each kernel would warn that there is no debugger
        self.config.HistoryManager.enabled = False  # its writer is a thread with an SQLite file
        BaseIPythonApplication.initialize(self, [])
        self.init_pdb()
        self.session.key, self.session.check_pid = b"", False
        self.wire = Wire()
        self.wire.session = self.session
        self.displayhook = ZMQDisplayHook(self.session, self.wire)
        self.kernel = IPythonKernel.instance(
            parent=self,
            session=self.session,
            iopub_socket=self.wire,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=None,
        )
        self.shell = self.kernel.shell
        self.shell.configurables.append(self)
        self.init_path()
        self.init_gui_pylab()
        self.init_extensions()
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count
        self._streams = Stream("stdout", self._publish), Stream("stderr", self._publish)
        self._raw = sys.stdout, sys.stderr

    def run(self, source: str, receive: Callable[[Message], None]) -> BaseException | None:
        """Run a cell, handing on each message as it is sent; give the error that it ended with."""
        request = self.session.msg("execute_request", {"code": source})
        self.kernel.set_parent([b"zygote"], request)
        self.wire.receive = receive
        sys.stdout, sys.stderr = self._streams
        try:
            result = self.shell.run_cell(source, store_history=False, silent=False)
        finally:
            sys.stdout, sys.stderr = self._raw
            self.wire.receive = lambda _: None
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        return error

    def deliver(self, message: Message) -> None:
        """Hand a front end's comm message to the widget that it is for."""
        self.kernel.comm_manager.comm_msg(None, None, {"buffers": [], **message})

    def _publish(self, name: str, text: str) -> None:
        content = {"name": name, "text": text}
        self.session.send(self.wire, "stream", content, parent=self.kernel.get_parent())

    def open(self, key: str, folder: str, ready: Callable[[], None]) -> None:
        """Be a reader's kernel: bind sockets in ``folder``, call ``ready``, and answer until the end.

        ``key`` signs the messages. Everything that ipykernel makes once for each process is made anew.
        """
        kernel, session = self.kernel, self.session
        session.check_pid, session.pid = True, os.getpid()
        session.session, session.key = uuid.uuid4().hex, key.encode()
        session.message_count, session.digest_history = 0, set()
        self.transport, self.ip = "ipc", os.path.join(folder, "k")  # noqa: PTH118
        for name, port in PORTS.items():
            setattr(self, f"{name}_port", port)
        self.context = context = zmq.Context()
        self.shell_socket = self._bound(zmq.ROUTER, "shell")
        self.stdin_socket = self._bound(zmq.ROUTER, "stdin")
        self.control_socket = self._bound(zmq.ROUTER, "control")
        # Without a pipe: that one is a TCP socket, which the sandbox denies, and for subprocesses only.
        self.iopub_thread = IOPubThread(self._bound(zmq.XPUB, "iopub"), pipe=False, session=session)
        self.iopub_thread.start()
        self.iopub_socket = self.iopub_thread.background_socket
        self.heartbeat = Heartbeat(zmq.Context(), (self.transport, self.ip, self.hb_port))
        self.heartbeat.start()

        self.capture_fd_output = False
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        self.init_io()
        self.displayhook.get_execution_count = lambda: kernel.execution_count
        for stream, target in zip(self._streams, (sys.stdout, sys.stderr), strict=True):
            stream.target = target
        kernel._stdout, kernel._stderr = sys.stdout, sys.stderr
        self.init_signal()

        kernel.iopub_thread, kernel.iopub_socket = self.iopub_thread, self.iopub_socket
        kernel.stdin_socket = self.stdin_socket
        self.control_thread = kernel.control_thread = ControlThread(daemon=True)
        kernel.control_stream = ZMQStream(self.control_socket, self.control_thread.io_loop)
        self.control_thread.start()
        # Without this thread a top-level await fails (ipykernel 7.4).
        self.shell_channel_thread = kernel.shell_channel_thread = ShellChannelThread(context, daemon=True)
        kernel.shell_stream = ZMQStream(self.shell_socket, self.shell_channel_thread.io_loop)
        self.shell_channel_thread.shell_stream = kernel.shell_stream
        self.shell_channel_thread.start()
        for publisher in (self.shell.displayhook, self.shell.display_pub, self.displayhook):
            publisher.pub_socket, publisher.session = self.iopub_socket, session
        kernel.set_parent([], {})
        kernel.start()
        self.io_loop = IOLoop.current()
        self.io_loop.add_callback(ready)
        self.io_loop.start()

    def _bound(self, kind: int, name: str) -> Any:
        made = self.context.socket(kind)
        made.linger = 1000
        if kind == zmq.ROUTER:
            made.router_handover = 1
        else:
            made.xpub_verbose = 1  # every subscriber is welcomed, and not the first of all alone
        self._bind_socket(made, getattr(self, f"{name}_port"))
        return made

"""Keeps services running, and leaves nothing behind however it ends.

Two processes: the *guard* is the command that the user started, the *supervisor* is its only child and
starts everything else. Each outlives the other just long enough to end what is left. Why no existing
supervisor does: ``docs/adr/0002-supervisor.md``.
"""

from blog.supervise.guard import guarded
from blog.supervise.service import Service
from blog.supervise.supervisor import Stopped, Supervisor

__all__ = ["Service", "Stopped", "Supervisor", "guarded"]

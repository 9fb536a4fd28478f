"""Errors of the live server: what a user can mend, and what a reader is told."""


class LiveError(Exception):
    """The base of all errors of this package."""


class StartError(LiveError):
    """The server can't start: the message is one line that says what is wrong and how to mend it.

    ``__main__`` alone turns it into exit code 2.
    """


class Busy(LiveError):  # noqa: N818  (a state of the server, not a fault)
    """Every place for a kernel is taken; the reader is asked to come back in a moment."""


class SandboxError(LiveError):
    """A kernel can't be locked in as its policy says; the process that tried must end, not go on."""

"""Errors that a user can mend, apart from bugs.

A :class:`UserError` is shown as one line and ends the command with exit code 2 (``cli`` alone decides
that); every other exception is a bug and shows its traceback.
"""


class UserError(Exception):
    """Something the user can mend: the message says what is wrong, where, and how to mend it."""


class SettingsError(UserError):
    """``blog.toml`` holds an unknown key or a value of the wrong type."""


class NotebookError(UserError):
    """A notebook that can't become a page; it is skipped and the others still build.

    ``cell`` is the number of the cell at fault, counted from 1 as JupyterLab's reader counts them,
    or None where the fault is the whole file's.
    """

    def __init__(self, what: str, remedy: str, cell: int | None = None) -> None:
        super().__init__(f"{what}: {remedy}")
        self.what = what
        self.remedy = remedy
        self.cell = cell


class BuildError(UserError):
    """A build that can't be made at all: no notebooks folder, an output folder that is not ours."""


class ServiceError(UserError):
    """A service that can't be started: a port that is taken, a program that is missing."""

"""What the tests of this folder share."""

from support.attempts import ways

__all__ = ["ways"]

"""What the tests of this folder share."""

from support.browser import browser
from support.site import running_site

__all__ = ["browser", "running_site"]

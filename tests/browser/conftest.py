"""What the tests of this folder share."""

from support.browser import browser
from support.every_kind import kinds_site
from support.site import running_site

__all__ = ["browser", "kinds_site", "running_site"]

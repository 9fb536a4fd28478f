"""A build: notebooks in, a folder of finished files out, switched to at once.

The order: read what is new, decide what is published, convert what is stale, render all pages, compare
with the build before, and write only where something differs. A notebook that fails keeps its last
good page, and its error is reported.
"""

from blog.build.build import Report, build
from blog.build.notebooks import Selection

__all__ = ["Report", "Selection", "build"]

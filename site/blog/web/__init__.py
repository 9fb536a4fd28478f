"""The web application: serves a finished build over HTTP, and makes nothing itself."""

from blog.web.application import create_app

__all__ = ["create_app"]

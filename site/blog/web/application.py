"""The application factory: one Flask application for one folder of finished pages."""

from __future__ import annotations

from flask import Flask
from jinja2 import StrictUndefined

from blog.settings import Serving
from blog.web import failures
from blog.web.health import health
from blog.web.pages import pages
from blog.web.release import Release
from blog.web.search import search


def create_app(serving: Serving) -> Flask:
    """Make the application that serves the build in ``serving.site``; called by ``wsgi``."""
    # Flask's own static folder is off: nginx serves what lies under /static/.
    app = Flask("blog.web", static_folder=None)
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.extensions["serving"] = serving
    app.extensions["release"] = Release(serving.site)
    app.register_blueprint(health)
    app.register_blueprint(search)
    app.register_blueprint(pages)
    failures.register(app)
    return app

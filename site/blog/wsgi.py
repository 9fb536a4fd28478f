"""What Gunicorn runs: ``blog.wsgi:application``, told by its environment (``BLOG_SITE`` and others)."""

import os

from blog.settings import Serving
from blog.web import create_app

application = create_app(Serving.from_environ(os.environ))

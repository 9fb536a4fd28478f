"""Pages, feeds and downloads: everything the manifest lists, with its caching and its policy."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.exceptions import NotFound, ServiceUnavailable
from werkzeug.wrappers import Response as BaseResponse

from blog.manifest import Page
from blog.web.release import ENCODINGS, Release, Snapshot

pages = Blueprint("pages", __name__)

#: What a page may do: read what lies on this site, and show a live cell's frame of this site.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",  # ipywidgets' Image makes an object of the bytes it is sent
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'self'",
    )
)

# A browser asks every time whether its page is the newest (a 304 costs nothing); nginx need not ask
# for these seconds, which is what a crowd of readers hits.
_BROWSER_CACHE = "public, max-age=0, must-revalidate"
_PROXY_SECONDS = "5"


@pages.get("/", defaults={"path": ""})
@pages.get("/<path:path>")
def show(path: str) -> BaseResponse:
    """Answer with the page at this URL; with the site's 404 page where there is none."""
    try:
        return _answer(f"/{path}", snapshot())
    except FileNotFoundError:
        return _answer(f"/{path}", snapshot())  # a new build has just taken the place of the old


def _answer(url: str, build: Snapshot) -> BaseResponse:
    manifest = build.manifest
    if url in manifest.pages:
        return respond(build, manifest.pages[url], 200)
    if url in manifest.redirects:
        return _lead(manifest.redirects[url], 301)
    if f"{url}/" in manifest.pages or f"{url}/" in manifest.redirects:
        return _lead(f"{url}/", 308)
    raise NotFound


def _lead(url: str, status: int) -> BaseResponse:
    response = redirect(url, status)
    # Without a word about it a browser keeps it as long as it likes (RFC 9111, section 4.2.2).
    response.headers["Cache-Control"] = _BROWSER_CACHE
    return response


def respond(build: Snapshot, page: Page, status: int) -> Response:
    """Send a page in the best form the reader takes; only a change is sent again (304)."""
    body = build.body(page, [name for name in ENCODINGS if request.accept_encodings[name] > 0])
    response = Response(body.content, status=status, content_type=page.type)
    response.headers["Vary"] = "Accept-Encoding"
    if body.encoding:
        response.headers["Content-Encoding"] = body.encoding
    if page.type.startswith("text/html"):
        response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    if status != 200:
        response.headers["Cache-Control"] = "no-store"
        return response
    if page.download:
        response.headers["Content-Disposition"] = f'attachment; filename="{page.download}"'
    response.headers["Cache-Control"] = _BROWSER_CACHE
    response.headers["X-Accel-Expires"] = _PROXY_SECONDS
    response.set_etag(body.etag)
    response.make_conditional(request)
    return response


def snapshot() -> Snapshot:
    """Give the build that is served now; raises :class:`ServiceUnavailable` while there is none."""
    found: Release = current_app.extensions["release"]
    build = found.snapshot()
    if build is None:
        raise ServiceUnavailable
    return build

"""``/search``: answers from the build's search index, in the page that the build has drawn around them."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, render_template, request
from markupsafe import Markup, escape
from werkzeug.exceptions import NotFound, ServiceUnavailable

from blog.search import INDEX, PAGE, SLOT
from blog.search.index_file import A_PAGE, Found, IndexFile
from blog.search.question import LONGEST, parse
from blog.settings import SEARCH, Serving
from blog.web.pages import CONTENT_SECURITY_POLICY, snapshot
from blog.web.release import Snapshot

search = Blueprint("search", __name__)

# Of the tags, those that are offered before anything is asked.
_OFFERED = 12


@search.get(SEARCH)
def answer() -> Response:
    """Answer a question with passages; with what could be asked where there is none."""
    try:
        try:
            html = _page(snapshot())
        except FileNotFoundError:
            html = _page(snapshot())  # a new build has just taken the place of the old
    except (sqlite3.Error, FileNotFoundError):
        current_app.logger.exception("the search index can't be read, or an answer took too long")
        raise ServiceUnavailable from None
    content = html.encode("utf-8", "replace")
    response = Response(content, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    # What somebody asks is nobody else's, and the next build may answer it otherwise.
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(hashlib.sha256(content).hexdigest()[:16])
    response.make_conditional(request)
    return response


def _page(build: Snapshot) -> str:
    serving = current_app.extensions["serving"]
    assert isinstance(serving, Serving)  # noqa: S101  (the factory put it there)
    if not build.manifest.search:
        raise NotFound  # a build from before there was search
    head, _, foot = build.read(PAGE).decode().partition(SLOT)
    typed = re.sub(r"[\0-\x1f\x7f]", " ", request.args.get("q", ""))[:LONGEST].strip()
    tag, year = request.args.get("tag", ""), request.args.get("year", "")
    year = year if re.fullmatch("[0-9]{4}", year) else ""
    number = request.args.get("page", "")
    page = int(number) if re.fullmatch("[1-9][0-9]?", number) else 1
    question = parse(typed)
    with IndexFile(serving.site / INDEX, build.manifest.search).reading() as index:
        tags, years = index.tags(), index.years()
        found = index.find(question, tag, int(year) if year else None, page)
    asked = {"q": typed, "tag": tag if tag in {one.value for one in tags} else "", "year": year}
    answers = render_template(
        "search.html",
        asked=asked,
        is_asked=bool(question.terms or tag or year),
        tags=tags,
        offered=sorted(tags, key=lambda one: -one.count)[:_OFFERED],
        years=years,
        found=found,
        said=_said(found) if question.terms or tag or year else "",
        previous=_address(asked, page=found.page - 1) if found.page > 1 else "",
        following=_address(asked, page=found.page + 1) if found.page < found.pages else "",
        meant=_address(asked, q=found.meant) if found.meant else "",
        everywhere=_address({"q": typed}) if typed and (tag or year) else "",
        longest=LONGEST,
    )
    if typed:
        head = head.replace("<title>", Markup("<title>{} · ").format(escape(typed)), 1)
    return head + answers + foot


def _address(asked: dict[str, str], **changed: str | int) -> str:
    """Give the address of a question; what is empty is left out."""
    return f"{SEARCH}?{urlencode({name: value for name, value in {**asked, **changed}.items() if value})}"


def _said(found: Found) -> str:
    """Say how much was found, for everyone, and for who does not see it."""
    if not found.notebooks:
        return "Nothing was found."
    notebooks = _count(found.notebooks, "notebook")
    passages = f"{_count(found.passages, 'passage')} in " if found.passages else ""
    page = f", page {found.page} of {found.pages}" if found.notebooks > A_PAGE else ""
    return passages + notebooks + page


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"

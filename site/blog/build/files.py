"""From a library to the files of the output folder and the manifest that lists them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from markupsafe import Markup

from blog import feeds
from blog.assets import StaticFiles, digest
from blog.build import records
from blog.build.notebooks import Collected
from blog.build.specimens import specimens
from blog.bundle import libraries
from blog.convert import DEPENDS_DIGEST, Context, Converted, Defaults, markdown_page
from blog.error_texts import ERRORS
from blog.library import Entry, Library
from blog.manifest import LIVE_INDEX, Manifest, Page
from blog.model import Asset, Problem
from blog.pages import DESIGN, Pages, Site
from blog.search import INDEX, PAGE
from blog.search import index as search
from blog.settings import FILE_NAME, Settings

ABOUT = "about.md"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".ipynb": "application/x-ipynb+json",
}


@dataclass(slots=True)
class Files:
    """The whole output but for the manifest's own file: ``contents`` by path below the output folder.

    Assets that articles of an earlier build made are named in the manifest and not here; None stands
    for a file that is to stay as it is.
    """

    manifest: Manifest
    contents: dict[str, bytes | None] = field(default_factory=dict)


def article_defaults(settings: Settings) -> Defaults:
    """Give what the settings say of every article."""
    files = [settings.bibliography] if isinstance(settings.bibliography, str) else settings.bibliography
    return Defaults(
        language=settings.language,
        site=settings.title,
        authors=tuple(settings.authors),
        bibliography=tuple(file for file in files if file),
        csl=settings.csl,
        macros=tuple(sorted(settings.macros.items())),
    )


def make_files(
    root: Path,
    settings: Settings,
    static: StaticFiles,
    collected: Collected,
    old: Manifest,
    *,
    has_index: bool,
) -> Files:
    """Render every page and gather every file of the site; ``old`` is the manifest of the build before.

    ``has_index`` tells whether its search index is still there.
    """
    library = collected.library
    context = Context(root=root, links=collected.links, defaults=article_defaults(settings))
    problems = list(collected.problems)
    about = _about(root, context, problems)
    footer = markdown_page(settings.footer, context, FILE_NAME) if settings.footer else None
    shown = specimens(context)
    written = [converted for converted in (about, footer, shown) if converted]
    pages = Pages(
        Site(
            settings,
            library,
            static,
            footer=Markup(footer.article.body if footer else ""),  # noqa: S704  (convert has made it safe)
            about=about.article if about else None,
            specimens=shown.article,
        )
    )
    assets = {asset.path: asset.content for asset in _assets(static, collected, written)}
    contents: dict[str, bytes | None] = {f"static/{path}": content for path, content in assets.items()}
    kept_records = {path: records.dump(record) for path, record in collected.records.items()}
    contents |= {records.file_name(path): record for path, record in kept_records.items()}
    contents[LIVE_INDEX] = live = _live_index(library)
    contents[PAGE] = search_page = pages.render_search().encode()
    passages = search.rows(library)
    # Writing the index takes longer than all pages: only where what it is made of has changed.
    contents[INDEX] = None if passages.digest == old.search and has_index else search.write(passages)
    kept = {path for record in collected.records.values() for path in record.entry.article.assets}
    problems += [problem for converted in written for problem in converted.article.problems]
    manifest = Manifest(
        converter=DEPENDS_DIGEST,
        pages=_pages(root, settings, library, pages, contents, old),
        errors={
            code: _add(contents, f"errors/{code}.html", pages.render_error(code).encode()) for code in ERRORS
        },
        redirects=_redirects(library),
        assets=tuple(sorted(kept | assets.keys())),
        records={path: digest(record) for path, record in kept_records.items()},
        live=digest(live),
        search=passages.digest,
        search_page=digest(search_page),
        problems=tuple(problems),
    )
    return Files(manifest, contents)


def _pages(
    root: Path,
    settings: Settings,
    library: Library,
    pages: Pages,
    contents: dict[str, bytes | None],
    old: Manifest,
) -> dict[str, Page]:
    """Add every page, feed and download to ``contents``; give them by their URLs."""
    rendered = pages.render_all()
    found = {url: _add(contents, f"{url[1:]}index.html", html.encode()) for url, html in rendered.items()}
    for url, content in {
        "/feed.xml": feeds.atom(library, settings),
        "/feed.json": feeds.json_feed(library, settings),
        "/sitemap.xml": feeds.sitemap([url for url in rendered if url != DESIGN], library, settings),
        "/robots.txt": feeds.robots(settings),
    }.items():
        found[url] = _add(contents, url[1:], content)
    for entry in library.entries:
        url = f"{entry.url}{entry.metadata.slug}.ipynb"
        source = _source(root, entry)
        if source is not None:
            found[url] = _add(contents, url[1:], source, download=PurePosixPath(url).name)
        elif url in old.pages:
            found[url] = old.pages[url]
            contents[url[1:]] = None
    return found


def _source(root: Path, entry: Entry) -> bytes | None:
    """Give the notebook that the page was made of; None where the file is another by now.

    So the download of a notebook that fails stays with its last good page.
    """
    try:
        content = (root / entry.path).read_bytes()
    except OSError:
        return None
    return content if digest(content) == entry.digest else None


def _add(contents: dict[str, bytes | None], file: str, content: bytes, download: str = "") -> Page:
    contents[file] = content
    return Page(file, _TYPES[PurePosixPath(file).suffix], digest(content), download)


def _assets(static: StaticFiles, collected: Collected, written: Iterable[Converted]) -> Iterable[Asset]:
    # What draws saved figures is large: a site has of it what its articles name.
    named = {url for entry in collected.library.entries for _, url in entry.article.links}
    left_out = set(libraries(static).values()) - named
    yield from (asset for asset in static.assets.values() if asset.url not in left_out)
    yield from collected.assets.values()
    for converted in written:
        yield from converted.assets


def _about(root: Path, context: Context, problems: list[Problem]) -> Converted | None:
    """Convert the page that tells about the blog, where its author has written one."""
    path = root / ABOUT
    if not path.exists():
        return None
    if not path.resolve().is_relative_to(root) or not path.is_file():
        problems.append(
            Problem("skipped", ABOUT, "it is no file of the notebooks folder", "Put a file there")
        )
        return None
    try:
        return markdown_page(path.read_text(encoding="utf-8"), context, ABOUT, "About")
    except UnicodeDecodeError:
        problems.append(Problem("skipped", ABOUT, "it is not UTF-8", "Save it as UTF-8"))
    except OSError as error:
        problems.append(Problem("skipped", ABOUT, f"it can't be read: {error.strerror}", "See to its rights"))
    return None


def _live_index(library: Library) -> bytes:
    """List the notebooks that the live server may run, with their live cells.

    What is run before the fork is said where the author has said it: else the live server knows best.
    """
    notebooks = {
        entry.key: {
            "path": entry.path,
            "title": entry.metadata.title,
            "cells": {cell.id: cell.number for cell in entry.article.live_cells},
            **({"fork": entry.metadata.fork} if entry.metadata.fork else {}),
        }
        for entry in library.entries
        if entry.article.live_cells or entry.kind == "demos"
    }
    return (json.dumps({"notebooks": notebooks}, ensure_ascii=False, indent=1) + "\n").encode()


def _redirects(library: Library) -> dict[str, str]:
    """Send old addresses (``aliases`` in front matter) to the page; a page that exists wins."""
    taken = {entry.url for entry in library.entries}
    redirects: dict[str, str] = {}
    for entry in library.entries:
        for alias in entry.metadata.aliases:
            old = alias if alias.startswith("/") else f"/{entry.kind}/{alias}"
            old = old if "." in PurePosixPath(old).name else old.rstrip("/") + "/"
            if old not in taken:
                redirects.setdefault(old, entry.url)
    return redirects

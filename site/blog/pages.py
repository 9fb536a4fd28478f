"""Pages: view objects made of the library, and the templates that show them.

Everything a page decides is decided here; the templates are handed finished values, and an undefined
one is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from blog.assets import StaticFiles
from blog.bibliographic import authors_of, citation_tags, cite_view, json_ld
from blog.design import tokens
from blog.error_texts import ERRORS
from blog.library import Entry, Group, Library, neighbours, page_url
from blog.model import Article
from blog.outline import contents, count, minutes, reading
from blog.related import related
from blog.search import SLOT
from blog.settings import SEARCH, Settings
from blog.views import (
    CardGroup,
    CardView,
    DemoView,
    ErratumView,
    FeatureView,
    Link,
    PageView,
    PostView,
    SeriesStep,
    SeriesView,
    SiteView,
    TagView,
    day_view,
)

TEMPLATES = Path(__file__).with_name("templates")

# What the first screen of every page is set in; the others are fetched when the page needs them.
_FIRST_FONTS = ("fonts/serif.woff2", "fonts/sans.woff2", "fonts/display.woff2")

#: The design system, shown. It is for who works on the site, so no list and no sitemap leads to it.
DESIGN = "/about/design/"

# The states of a live cell with an example of what is said in each: name and words.
_STATES = (
    ("rest", "Saved picture", "Move a control to run it."),
    ("starting", "Starting", "A kernel of your own is on its way."),
    ("live", "Live", "What you change is computed now."),
    ("queued", "In line", "Two are before you."),
    ("ended", "Ended", "Your settings are kept."),
    ("failed", "Failed", "The saved picture stays."),
    ("offline", "No connection", "The picture stays as it is."),
)


@dataclass(frozen=True, slots=True)
class Site:
    """What all pages share.

    ``about`` is the article of the about page, None where there is none; ``specimens`` that of the page on
    the design.
    """

    settings: Settings
    library: Library
    static: StaticFiles
    footer: Markup
    about: Article | None
    specimens: Article


class Pages:
    """Renders every page of one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._settings = site.settings
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._series = {group.slug: group for group in site.library.series}
        self._related = related(site.library)

    def render_all(self) -> Mapping[str, str]:
        """Give the HTML of every page by its URL, in the order of the sitemap."""
        library = self._site.library
        pages = {"/": self._home()}
        pages |= {entry.url: self._post(entry) for entry in library.posts}
        pages |= {"/demos/": self._demos()}
        pages |= {entry.url: self._demo(entry, None) for entry in library.demos}
        for entry in library.posts:
            # A live cell's link without JavaScript: the demo of that name, else a page of the post's cells.
            url = page_url("demos", entry.metadata.slug)
            if entry.article.live_cells and url not in pages:
                pages[url] = self._demo(entry, Link(entry.url, entry.metadata.title))
        pages |= {f"/series/{group.slug}/": self._one_series(group) for group in library.series}
        pages |= {"/tags/": self._tags()}
        pages |= {f"/tags/{group.slug}/": self._tag(group) for group in library.tags}
        pages |= {"/archive/": self._archive(), "/about/": self._about(), DESIGN: self._design()}
        return pages

    def render_error(self, code: int) -> str:
        """Give the page for a status code of :data:`ERRORS`."""
        heading, text = ERRORS[code]
        page = PageView(heading, text, canonical="", noindex=True)
        return self._render("error.html", "", page, code=code, heading=heading, text=text)

    def render_search(self) -> str:
        """Give the page around the answers of the search, which the web application puts in."""
        page = PageView("Search", "", canonical="", noindex=True)
        page = replace(page, scripts=(self._site.static.url("js/search.js"),))
        return self._render("search.html", SEARCH, page, slot=Markup(SLOT))  # noqa: S704  (a comment of ours)

    # ------------------------------------------------------------------ one method for each kind of page

    def _home(self) -> str:
        library, settings = self._site.library, self._settings
        chosen = self._featured()
        page = self._page(settings.title, settings.description or settings.tagline, "/")
        if chosen:
            page = self._with_live(page, chosen.article)
        return self._render(
            "home.html",
            "/",
            page,
            feature=self._feature(chosen) if chosen else None,
            series=tuple(self._series_view(group, None) for group in library.series),
            groups=self._by_year(library.posts),
        )

    def _post(self, entry: Entry) -> str:
        metadata, article = entry.metadata, entry.article
        previous, following = neighbours(self._site.library, entry)
        series = self._group_of(entry)
        page = self._page_of(entry, entry.url, "article")
        view = PostView(
            slug=metadata.slug,
            title=metadata.title,
            subtitle=metadata.subtitle,
            lede=metadata.description,
            day=day_view(metadata.date),
            updated=day_view(metadata.updated),
            authors=authors_of(entry, self._settings),
            reading=reading(article),
            tags=tuple(
                Link(f"/tags/{group.slug}/", group.name)
                for group in self._site.library.tags
                if entry in group.entries
            ),
            series=self._series_view(series, entry) if series else None,
            toc=contents(article.headings),
            body=Markup(article.body),  # noqa: S704  (convert has made it safe)
            download=f"{entry.url}{metadata.slug}.ipynb",
            license=metadata.license or self._settings.license,
            language=metadata.lang or self._settings.language,
            draft=metadata.draft,
            previous=Link(previous.url, previous.metadata.title) if previous else None,
            next=Link(following.url, following.metadata.title) if following else None,
            errata=tuple(
                ErratumView(day, erratum.text)
                for erratum in metadata.errata
                if (day := day_view(erratum.date))
            ),
            cite=cite_view(entry, self._settings),
            citation_tags=tuple(citation_tags(entry, self._settings)),
            json_ld=json_ld(entry, self._settings, page.image),
            related=tuple(self._card(other) for other in self._related[entry.url]),
        )
        return self._render("post.html", entry.url, page, post=view)

    def _demo(self, entry: Entry, about: Link | None) -> str:
        metadata, article = entry.metadata, entry.article
        url = page_url("demos", metadata.slug)
        if about is None:
            same_slug = [post for post in self._site.library.posts if post.metadata.slug == metadata.slug]
            about = Link(same_slug[0].url, same_slug[0].metadata.title) if same_slug else None
        view = DemoView(
            slug=metadata.slug,
            title=metadata.title,
            lede=metadata.description or article.summary,
            about=about,
            body=Markup(_demo_body(entry, url)),  # noqa: S704  (convert has made it safe)
            download=f"{entry.url}{metadata.slug}.ipynb",
            language=metadata.lang or self._settings.language,
        )
        return self._render("demo.html", url, self._page_of(entry, url, "website"), demo=view)

    def _demos(self) -> str:
        page = self._page("Demos", "Pages that run while you read.", "/demos/")
        cards = tuple(self._card(entry) for entry in self._site.library.demos)
        return self._render("demos.html", "/demos/", page, cards=cards)

    def _one_series(self, group: Group) -> str:
        url = f"/series/{group.slug}/"
        view = self._series_view(group, None)
        description = f"{group.name}, a series in {count(len(group.entries), 'part')}."
        cards = tuple(self._card(entry) for entry in group.entries)
        page = self._page(group.name, description, url)
        return self._render("series.html", url, page, series=view, description=description, cards=cards)

    def _tags(self) -> str:
        groups = self._site.library.tags
        tags = tuple(TagView(f"/tags/{group.slug}/", group.name, len(group.entries)) for group in groups)
        page = self._page("Tags", "All tags of the notebooks.", "/tags/")
        return self._render("tags.html", "/tags/", page, tags=tags)

    def _tag(self, group: Group) -> str:
        url = f"/tags/{group.slug}/"
        page = self._page(group.name, f"Notebooks tagged “{group.name}”.", url)
        return self._render("tag.html", url, page, name=group.name, groups=self._by_year(group.entries))

    def _archive(self) -> str:
        page = self._page("Archive", "All notebooks by year.", "/archive/")
        return self._render("archive.html", "/archive/", page, groups=self._by_year(self._site.library.posts))

    def _about(self) -> str:
        title = f"About {self._settings.title}"
        if self._site.about is not None:
            body = Markup(self._site.about.body)  # noqa: S704  (convert has made it safe)
        else:
            body = Markup("<p>{}</p>").format(self._settings.description or self._settings.tagline or title)
        page = self._page(title, self._settings.description or title, "/about/")
        return self._render("about.html", "/about/", page, title=title, body=body)

    def _design(self) -> str:
        static, library = self._site.static, self._site.library
        page = PageView("Design", "Tokens and components of this site.", canonical="", noindex=True)
        steps = tuple(
            SeriesStep(f"Part {part}", "" if part == 2 else "/archive/", part == 2) for part in (1, 2, 3)
        )
        return self._render(
            "design.html",
            DESIGN,
            replace(page, styles=(static.url("css/design.css"),)),
            tokens=tokens(static.assets["css/style.css"].content.decode()),
            states=_STATES,
            series=SeriesView("A series", "/archive/", "Part 2 of 3 in", steps),
            cards=tuple(self._card(entry) for entry in library.posts[:2]),
            body=Markup(self._site.specimens.body),  # noqa: S704  (convert has made it safe)
        )

    # ------------------------------------------------------------------ the parts that pages share

    def _render(self, template: str, url: str, page: PageView, **values: object) -> str:
        html = self._environment.get_template(template).render(site=self._site_view(url), page=page, **values)
        return html.rstrip() + "\n"

    def _site_view(self, url: str) -> SiteView:
        settings, static = self._settings, self._site.static
        return SiteView(
            title=settings.title,
            tagline=settings.tagline,
            description=settings.description,
            language=settings.language,
            url=settings.url,
            footer=self._site.footer,
            navigation=tuple(Link(i.href, i.text, _is_current(i.href, url)) for i in settings.navigation),
            footer_navigation=(
                Link("/archive/", "All notebooks", url == "/archive/"),
                Link("/tags/", "Tags", url == "/tags/"),
                Link("/feed.xml", "Feed"),
            ),
            styles=(static.url("css/style.css"),),
            scripts=(static.url("js/app.js"),),
            theme_script=static.url("js/theme.js"),
            preload_fonts=tuple(
                asset.url for name, asset in sorted(static.assets.items()) if name in _FIRST_FONTS
            ),
            favicon=static.url("img/favicon.svg"),
            search=Link(SEARCH, "Search", url == SEARCH),
        )

    def _page(self, title: str, description: str, url: str) -> PageView:
        return PageView(title, description, self._canonical(url))

    def _with_live(self, page: PageView, article: Article) -> PageView:
        """Add what an article's live cells need; nothing where it has none.

        The styles are those of widgets, and the layouts of its own; the script would be found by the site's
        own, one round trip later.
        """
        if not article.live_cells:
            return page
        static = self._site.static
        styles = (static.url("css/widgets.css"), *article.styles)
        return replace(page, styles=styles, scripts=(static.url("js/live-cell.js"),))

    def _canonical(self, url: str) -> str:
        """Give the page's full address; none while the site's own is one of this machine."""
        host = urlsplit(self._settings.url).hostname
        return "" if host in ("localhost", "127.0.0.1", "::1") else self._settings.url + url

    def _page_of(self, entry: Entry, url: str, kind: str) -> PageView:
        metadata, article = entry.metadata, entry.article
        page = PageView(
            title=metadata.title,
            description=metadata.description or article.summary,
            canonical=self._canonical(url),
            image=self._settings.url + picture.url if (picture := article.card or article.picture) else "",
            card=article.card,
            kind=kind,
            noindex=metadata.draft,
        )
        return self._with_live(page, article)

    def _card(self, entry: Entry) -> CardView:
        metadata, article = entry.metadata, entry.article
        part = f"Part {metadata.series.part}, " if metadata.series and metadata.series.part else ""
        return CardView(
            href=entry.url,
            title=metadata.title,
            description=metadata.description or article.summary,
            day=day_view(metadata.date),
            meta=f"{part}{minutes(article)}",
            live=bool(article.live_cells),
            thumb=article.picture,
        )

    def _by_year(self, entries: Iterable[Entry]) -> tuple[CardGroup, ...]:
        cards = [self._card(entry) for entry in entries]
        groups = groupby(cards, key=lambda card: card.day.year if card.day else "Undated")
        return tuple(CardGroup(year, tuple(members)) for year, members in groups)

    def _featured(self) -> Entry | None:
        """Choose the newest post with a live cell, which runs here too; else the newest with a picture."""
        posts = self._site.library.posts
        live = next((entry for entry in posts if entry.article.live_cells), None)
        return live or next((entry for entry in posts if entry.article.picture), None)

    def _feature(self, chosen: Entry) -> FeatureView:
        live = chosen.article.live_cells
        part = chosen.metadata.series.part if chosen.metadata.series else None
        return FeatureView(
            card=self._card(chosen),
            label=f"From part {part}" if part else "Featured",
            figure=Markup(live[0].html if live else ""),  # noqa: S704  (convert has made it safe)
            picture=None if live else chosen.article.picture,
        )

    def _group_of(self, entry: Entry) -> Group | None:
        return next((group for group in self._series.values() if entry in group.entries), None)

    def _series_view(self, group: Group, here: Entry | None) -> SeriesView:
        steps = tuple(
            SeriesStep(
                f"Part {number}: {entry.metadata.title}",
                "" if entry is here else entry.url,
                entry is here,
            )
            for number, entry in enumerate(group.entries, 1)
        )
        if here is None:
            summary = count(len(group.entries), "part")
        else:
            summary = f"Part {group.entries.index(here) + 1} of {len(group.entries)} in"
        return SeriesView(group.name, f"/series/{group.slug}/", summary, steps)


def _demo_body(entry: Entry, url: str) -> str:
    """Give what a demo shows: no links of live cells to the page itself; a script puts its button there."""
    article = entry.article
    body = article.body if entry.kind == "demos" else "\n".join(cell.html for cell in article.live_cells)
    link = f'<a class="btn small" data-run href="{url}">Run live</a>'
    return body.replace(link, '<span class="btn small" data-run hidden></span>')


def _is_current(href: str, url: str) -> bool:
    """Tell whether a navigation entry is the section of ``url``: posts belong to the home page's entry."""
    if href == "/":
        return url == "/" or url.startswith(("/posts/", "/tags/", "/series/", "/archive/"))
    return url.startswith(href)

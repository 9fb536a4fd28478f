"""What Mozilla's HTTP Observatory would say of every kind of answer.

The rules are those that Mozilla publishes, retold here: package ``@mdn/mdn-http-observatory``, version
1.4.8, ``src/analyzer/tests`` for what is looked at and ``src/grader/charts.js`` for what it counts. Two
of its ten tests, redirection to HTTPS and Strict-Transport-Security, are about who ends TLS, and are taken
as passed: they count 0 then.
"""

import http.client
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import html5lib
import pytest
from support.asking import Answer
from support.site import Site

BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
UNSAFE = BROAD | {"'unsafe-inline'", "data:"}
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}

BEST = 130
"""The score there is for a site without cookies, integrity attributes and a place in the preload list."""

FRAME = 110
"""Of a live cell's frame: Vega compiles expressions, by 'unsafe-eval' (voila/livekernel/server.py)."""


def directives(policy: str) -> dict[str, set[str]]:
    """Read a Content-Security-Policy; one that says a thing twice is none."""
    read: dict[str, set[str]] = {}
    for part in filter(str.strip, policy.split(";")):
        name, *sources = part.lower().split()
        if name in read:
            return {}
        read[name] = set(sources)
    return read


def of_policy(policy: dict[str, set[str]]) -> int:
    if not policy:
        return -25
    default = policy.get("default-src", {"*"})
    scripts, styles, objects = (policy.get(f"{kind}-src", default) for kind in ("script", "style", "object"))
    passive = policy.get("img-src", default) | policy.get("media-src", default)
    active = set().union(*(policy[name] for name in policy.keys() - {"img-src", "media-src"}))
    if scripts & UNSAFE or objects & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for source in active):
        return -20
    if "'unsafe-eval'" in scripts | styles or any(s.startswith(("http:", "ftp:")) for s in passive):
        return -10
    if styles & UNSAFE:
        return 0
    return 10 if default == {"'none'"} else 5


def of_referrer(value: str | None) -> int:
    if value is None:
        return 0
    return 5 if value in PRIVATE else -5


def of_framing(policy: dict[str, set[str]], value: str | None) -> int:
    if "frame-ancestors" in policy:
        return 5
    return 0 if (value or "").lower() in ("deny", "sameorigin") else -20


def of_sharing(value: str | None) -> int:
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0, None: 0}.get(value, -5)


def of_scripts(kind: str, body: bytes) -> int:
    """Scripts of this site count nothing without integrity attributes; of others they count most."""
    if not kind.startswith("text/html"):
        return 0
    document = html5lib.parse(body, namespaceHTMLElements=False)
    assert not document.findall(".//meta[@http-equiv]"), "a page says what it may do in its headers only"
    return -50 if any(urlsplit(script.get("src", "")).netloc for script in document.iter("script")) else 0


def score(headers: Mapping[str, str], body: bytes = b"") -> int:
    """Give the score of an answer: good things count only if there is little that is bad."""
    policy = directives(headers.get("Content-Security-Policy", ""))
    counted = (
        of_policy(policy),
        of_referrer(headers.get("Referrer-Policy")),
        of_framing(policy, headers.get("X-Frame-Options")),
        of_sharing(headers.get("Cross-Origin-Resource-Policy")),
        0 if headers.get("X-Content-Type-Options") == "nosniff" else -5,
        # There are neither cookies nor answers that other sites may read: each counts as the worst does.
        -40 if "Set-Cookie" in headers else 0,
        -50 if "Access-Control-Allow-Origin" in headers else 0,
        of_scripts(headers.get("Content-Type", ""), body),
    )
    bad = 100 + sum(one for one in counted if one < 0)
    return 100 + sum(counted) if bad >= 90 else bad


def of(answer: Answer) -> int:
    return score(dict(answer.headers.items()), answer.body)


def built(site: Site) -> list[str]:
    """Give the paths of all that the application serves."""
    root = site.state / "site"
    pages = [path.parent.relative_to(root).as_posix() for path in root.rglob("index.html")]
    files = [path for path in root.rglob("*") if path.suffix in (".xml", ".json", ".txt", ".ipynb")]
    other = [path.relative_to(root) for path in files if not path.relative_to(root).parts[0].startswith(".")]
    return [
        *sorted("/" if page == "." else f"/{page}/" for page in pages),
        *sorted(f"/{path.as_posix()}" for path in other),
    ]


def test_every_page_and_every_download_has_the_best_score(running_site: Site) -> None:
    paths = built(running_site)
    assert {"/", "/posts/virtual-detectors/", "/tags/", "/about/", "/feed.xml"} <= set(paths)
    assert any(Path(path).suffix == ".ipynb" for path in paths)
    answers = {path: running_site.get(path) for path in paths}
    assert {path: (answer.status, of(answer)) for path, answer in answers.items()} == dict.fromkeys(
        paths, (200, BEST)
    )


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/nothing/", "GET", 404),
        ("/static/nothing.css", "GET", 404),
        ("/about", "GET", 308),
        ("/about/", "PUT", 405),
        ("/%00", "GET", 400),
        ("/" + "x" * 10_000, "GET", 414),
        ("/healthz", "GET", 200),
        ("/live/api/kernels/0b7f7f4e-9d52-4a4e-8f8e-2f0f5d3b8c11", "GET", 404),
        ("/live/tree", "GET", 404),
    ],
)
def test_so_has_what_is_no_page(running_site: Site, path: str, method: str, status: int) -> None:
    answer = running_site.get(path, method)
    assert (answer.status, of(answer)) == (status, BEST)


def test_a_live_frame_lacks_what_its_front_end_needs(running_site: Site) -> None:
    assert of(running_site.get("/live/render/posts/virtual-detectors")) == FRAME


@pytest.mark.parametrize(
    "name",
    [
        "Content-Security-Policy",
        "Referrer-Policy",
        "Cross-Origin-Resource-Policy",
        "X-Content-Type-Options",
    ],
)
def test_each_header_counts(running_site: Site, name: str) -> None:
    headers: http.client.HTTPMessage = running_site.get("/").headers
    assert score(dict(headers.items())) == BEST
    del headers[name]
    assert score(dict(headers.items())) < BEST

"""What HTML from kernels may do on a page: known attacks in a real Chromium, under the page's own policy."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from blog.web.pages import CONTENT_SECURITY_POLICY
from playwright.sync_api import Browser, Page, Route
from support.frontend import bundled

ORIGIN = "http://post.test"
PAGE = """<!DOCTYPE html><html lang="en"><title>Post</title><link rel="icon" href="data:,">
<script type="module" src="/page.js"></script><body id="top"><div id="place"></div></body></html>"""
SCRIPT = """
import { dress, fill, inline } from "/sanitize.js";
const place = document.getElementById("place");
window.calls = [];
for (const name of ["alert", "attack"]) window[name] = (...given) => window.calls.push(name);
document.addEventListener("securitypolicyviolation",
  event => window.calls.push(`policy: ${event.violatedDirective}`));
window.fill = html => { window.calls.length = 0; fill(place, html); return place.innerHTML; };
window.inline = html => {
  window.calls.length = 0;
  place.innerHTML = inline(html);
  dress(place);
  return place.innerHTML;
};
"""

#: Elements and attributes that may not be in what is left, whatever was sent.
FORBIDDEN = ["script", "style", "iframe", "frame", "object", "embed", "applet", "base", "meta", "link",
             "form", "input", "button", "select", "textarea", "svg", "math", "template", "noscript", "audio",
             "video", "source", "track", "portal", "dialog", "slot", "live-cell"]  # fmt: skip

ATTACKS = [
    "<script>attack()</script>",
    "<img src=x onerror=attack()>",
    "<img src='data:image/png;base64,AA' onerror=attack()>",
    "<details open ontoggle=attack()><summary>x</summary></details>",
    "<b onmouseover=attack() autofocus tabindex=0 onfocus=attack()>x</b>",
    "<svg onload=attack()>",
    "<svg><script>attack()</script></svg>",
    "<svg><animate onbegin=attack() attributeName=x dur=1s>",
    "<svg><a><animate attributeName=href values=javascript:attack() /><text x=20 y=20>x</text></a></svg>",
    "<svg><foreignObject><img src=x onerror=attack()></foreignObject></svg>",
    '<svg><use href="data:image/svg+xml,<svg id=x xmlns=http://www.w3.org/2000/svg><script>attack()</script></svg>#x">',
    # mutation: what is harmless when it is parsed once isn't when it is parsed again
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=attack()&gt;'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=attack()>",
    "<svg></p><style><a id='</style><img src=x onerror=attack()>'>",
    "<math><mi><style><!--</style><img id='--><img src=x onerror=attack()>'></mi></math>",
    "<noscript><p title='</noscript><img src=x onerror=attack()>'></noscript>",
    "<noembed><img title='</noembed><img src=x onerror=attack()>'></noembed>",
    "<xmp><p title='</xmp><img src=x onerror=attack()>'>",
    "<textarea><p title='</textarea><img src=x onerror=attack()>'>",
    "<title><p title='</title><img src=x onerror=attack()>'>",
    "<template><img src=x onerror=attack()></template>",
    "<select><template><img src=x onerror=attack()></template></select>",
    "<!--><img src=x onerror=attack()>-->",
    "<![CDATA[<img src=x onerror=attack()>]]>",
    "<p><?xml-stylesheet href='javascript:attack()'?>x",
    "<a id=x title='a\x00b'>x</a><img src=x onerror\x00=attack()>",
    "<table><td background='javascript:attack()'>x",
    # addresses
    "<a href='javascript:attack()'>x</a>",
    "<a href=' \t\n JaVaScRiPt:attack()'>x</a>",
    "<a href='java\nscript:attack()'>x</a>",
    "<a href='&#106;avascript&colon;attack()'>x</a>",
    "<a href='&#x6A&#x61&#x76&#x61&#x73&#x63&#x72&#x69&#x70&#x74&#x3A;attack()'>x</a>",
    "<a href='\x01javascript:attack()'>x</a>",
    "<a href='data:text/html,<script>attack()</script>'>x</a>",
    "<a href='vbscript:attack()'>x</a>",
    "<a href='blob:http://post.test/1'>x</a>",
    "<a href='#' ping='/ping'>x</a>",
    "<img src='javascript:attack()'>",
    "<img src='http://elsewhere.invalid/x.png'>",
    "<img src='//elsewhere.invalid/x.png'>",
    "<img src='/live/token'>",
    "<img srcset='http://elsewhere.invalid/x.png 2x'>",
    "<img lowsrc='http://elsewhere.invalid/x.png' dynsrc='javascript:attack()'>",
    # frames, embedded things, the page's head
    "<iframe srcdoc='<script>parent.attack()</script>'></iframe>",
    "<iframe src='javascript:parent.attack()'></iframe>",
    "<object data='javascript:attack()'></object><embed src='javascript:attack()'>",
    "<meta http-equiv=refresh content='0;url=javascript:attack()'>",
    "<meta http-equiv=refresh content='0;url=http://elsewhere.invalid/'>",
    "<base href='http://elsewhere.invalid/'>",
    "<link rel=stylesheet href='http://elsewhere.invalid/x.css'><link rel=prefetch href='http://elsewhere.invalid/'>",
    "<video src=x onerror=attack()><source onerror=attack()></video><audio src=x onerror=attack()>",
    "<marquee onstart=attack()>x</marquee>",
    "<body onload=attack()><frameset onload=attack()>",
    # forms
    "<form action='http://elsewhere.invalid/'><input name=q value=x><button>x</button></form>",
    "<button formaction='javascript:attack()'>x</button><input type=image src=x onerror=attack()>",
    "<isindex type=image src=1 onerror=attack()>",
    # names that take those of the page
    "<a id=attack></a><a id=attack name=x href='mailto:x'></a>",
    "<img name=getElementById><a name=body></a><b id=place></b><img name=currentScript>",
    "<b id=__proto__></b><a name=querySelector></a>",
    # styles
    "<style>*{display:none}</style><style>@import 'http://elsewhere.invalid/x.css'</style>",
    "<p style='background:url(http://elsewhere.invalid/x)'>x</p>",
    "<p style='background-image:u\\72l(http://elsewhere.invalid/x)'>x</p>",
    "<p style='background:image-set(\"http://elsewhere.invalid/x\" 1x)'>x</p>",
    "<p style='list-style:url(http://elsewhere.invalid/x)'>x</p>",
    "<p style='--x:url(http://elsewhere.invalid/x);background:var(--x)'>x</p>",
    "<p style='background:var(--x,url(http://elsewhere.invalid/x))'>x</p>",
    "<p style='color:red;}*{display:none'>x</p>",
    "<p style='width:expression(attack());behavior:url(x);-moz-binding:url(x)'>x</p>",
    "<p style='cursor:url(http://elsewhere.invalid/x),auto'>x</p>",
    "<p data-held-style='background:url(http://elsewhere.invalid/x)'>x</p>",
    # other parts of the page
    "<live-cell notebook='posts/x'><figure><a data-run>x</a><p class='live-stage'></figure></live-cell>",
    "<b is='live-cell' slot=x part=x>x</b>",
    "<p popover id=x>x</p><p contenteditable accesskey=x draggable=true>x</p>",
    "<map name=m><area href='javascript:attack()'></map><img usemap='#m' src='data:image/png;base64,AA'>",
]

#: What the policy may report when a style or a base is read that no author would write so; it has no effect.
REPORTED = {f"policy: {directive}" for directive in ("style-src-attr", "style-src-elem", "base-uri")}

#: Where an element is that could cover what isn't its own.
PLACES = [
    "position:fixed;inset:0",
    "position:absolute;top:-1000px",
    "position:sticky;top:0",
    "margin-top:-500px",
    "margin:0 -500px",
    "margin-left:calc(0px - 500px)",
    "transform:translateY(-500px)",
    "translate:0 -500px",
    "inset:0",
    "z-index:99999",
    "animation:x 1s",
    "content:'x'",
    "all:unset",
    "float:left;margin:-9em",
]

KEPT = [
    ("<b>bold</b> <i>and</i> <code>code</code>", "<b>bold</b> <i>and</i> <code>code</code>"),
    ("<p style='color: red; text-align: center'>x</p>", '<p style="color: red; text-align: center;">x</p>'),
    ("<table class='dataframe'><tr><th scope='row' colspan='2'>1</th></tr></table>",
     '<table class="dataframe"><tbody><tr><th scope="row" colspan="2">1</th></tr></tbody></table>'),
    ("<p class='live-bar wide skip'>x</p>", '<p class="wide">x</p>'),
    ("<a href='https://example.org/' target='_top'>x</a>",
     '<a href="https://example.org/" rel="noopener noreferrer nofollow">x</a>'),
    ("<a href='#fig' rel='opener'>x</a>", '<a href="#fig" rel="noopener noreferrer nofollow">x</a>'),
    ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw=' alt='a dot' width='3'>",
     '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" alt="a dot" width="3">'),
    ("<span aria-label='five'>5</span>", '<span aria-label="five">5</span>'),
    ("<form>what a form <em>says</em></form>", "what a form <em>says</em>"),
    ("a &lt; b &amp; c", "a &lt; b &amp; c"),
    ("<style>\nth { color: red }\n</style><p title='no style = 1'>x</p>", '<p title="no style = 1">x</p>'),
]  # fmt: skip


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    module = bundled("sanitize.js", tmp_path_factory.mktemp("bundle") / "sanitize.js")
    asked: list[str] = []

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        asked.append(route.request.url)
        served = {"/": ("text/html", PAGE), "/page.js": ("text/javascript", SCRIPT)}
        kind, body = {**served, "/sanitize.js": ("text/javascript", module)}.get(path, ("text/plain", ""))
        headers = {"Content-Type": kind, "Content-Security-Policy": CONTENT_SECURITY_POLICY}
        route.fulfill(status=200 if body else 404, headers=headers, body=body)

    context = browser.new_context()
    context.route("**/*", answer)
    page = context.new_page()
    page.goto(f"{ORIGIN}/")
    page.wait_for_function("window.fill")
    yield page
    context.close()
    assert set(asked) == {f"{ORIGIN}/", f"{ORIGIN}/page.js", f"{ORIGIN}/sanitize.js"}


LOOK = """([how, html, forbidden]) => {
  const made = window[how](html);
  const place = document.getElementById("place");
  for (const one of place.querySelectorAll("*")) { one.click(); one.dispatchEvent(new Event("mouseover")); }
  const all = [...place.querySelectorAll("*")];
  const names = all.flatMap(one => one.getAttributeNames());
  return {
    made,
    elements: all.map(one => one.localName).filter(name => forbidden.includes(name)),
    attributes: names.filter(name => name.startsWith("on") || ["id", "name", "srcset", "target", "ping",
      "slot", "part", "popover", "autofocus", "contenteditable", "accesskey", "action", "formaction",
      "background", "data-held-style", "usemap", "tabindex"].includes(name)),
    addresses: all.flatMap(one => [one.href, one.src]).filter(Boolean)
      .map(url => new URL(url, location).protocol),
    styles: all.map(one => one.getAttribute("style") ?? "").join(";"),
    foreign: all.filter(one => one.namespaceURI !== "http://www.w3.org/1999/xhtml").length,
  };
}"""


@pytest.mark.parametrize("how", ["fill", "inline"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_to_nothing(page: Page, attack: str, how: str) -> None:
    found = page.evaluate(LOOK, [how, attack, FORBIDDEN])
    # Errors of pictures and the like come a little later; a second round through the page is later still.
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
    assert [call for call in page.evaluate("window.calls") if call not in REPORTED] == [], found
    assert found["elements"] == []
    assert found["attributes"] == []
    assert found["foreign"] == 0
    assert set(found["addresses"]) <= {"http:", "https:", "mailto:", "tel:", "data:"}, found
    assert "url" not in found["styles"]
    assert "elsewhere" not in found["styles"]
    assert page.url.rstrip("#") == f"{ORIGIN}/"
    assert page.evaluate("document.getElementById('place').parentElement.id") == "top"


def test_what_is_left_stays_as_it_is_when_it_is_read_again(page: Page) -> None:
    for attack in ATTACKS:
        once = page.evaluate("html => window.fill(html)", attack)
        again = page.evaluate("html => { const box = document.createElement('div'); "
                              "box.innerHTML = html; return box.innerHTML; }", once)  # fmt: skip
        assert once == again, attack


@pytest.mark.parametrize("style", PLACES)
def test_nothing_leaves_its_place(page: Page, style: str) -> None:
    made = page.evaluate("html => window.fill(html)", f"<p style={json.dumps(style)}>x</p>")
    assert made in (
        "<p>x</p>",
        '<p style="float: left;">x</p>',
        '<p style="margin-top: 0px; margin-bottom: 0px;">x</p>',
    )


@pytest.mark.parametrize(("sent", "left"), KEPT)
def test_what_is_harmless_stays(page: Page, sent: str, left: str) -> None:
    assert page.evaluate("html => window.fill(html)", sent) == left
    assert page.evaluate("window.calls") == []

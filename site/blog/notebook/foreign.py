"""Knows the front matter keys of other tools, which say nothing here and are accepted without a word.

They are Quarto's (its reference of HTML and notebook options), jupytext's and MyST's, so that the same
notebook works there. Those that mean the same as one of ours are its aliases instead (``frontmatter.py``).
"""

from __future__ import annotations

_KEYS = (
    # the document
    *("copyright", "doi", "funding", "image-alt", "image-height", "image-width", "institute", "keywords"),
    *("order", "pagetitle", "subject", "thumbnail", "venue", "affiliations", "github", "citation", "about"),
    # how it is run
    *("cache", "echo", "editor", "editor_options", "engine", "error", "eval", "execute", "freeze", "include"),
    *("ipynb-filters", "ipynb-shell-interactivity", "jupyter", "jupytext", "kernel", "kernelspec", "knitr"),
    *("message", "output", "params", "server", "shiny", "warning", "thebe"),
    # what it becomes
    *("downloads", "draft-mode", "exports", "extensions", "filters", "format", "from", "metadata-files"),
    *("output-dir", "output-ext", "output-file", "parts", "profile", "project", "resources", "site"),
    *("standalone", "template", "template-partials", "to", "website", "embed-resources", "self-contained"),
    # how it looks
    *("anchor-sections", "axis", "brand", "callout-appearance", "callout-icon", "classoption", "colorlinks"),
    *("column", "columns", "comments", "css", "default-image-extension", "df-print", "documentclass"),
    *("email-obfuscation", "feed", "fontcolor", "fontsize", "grid", "header-includes", "highlight-style"),
    *("hypothesis", "identifier-prefix", "include-after-body", "include-before-body", "include-in-header"),
    *("interactive", "layout", "lightbox", "linestretch", "link-external-icon", "link-external-newwindow"),
    *("linkcolor", "listing", "mainfont", "max-width", "mermaid", "minimal", "monofont", "navbar"),
    *("notebook-links", "notebook-view", "number-depth", "number-offset", "number-sections", "numbering"),
    *("open-graph", "other-links", "page-layout", "papersize", "prefer-html", "reader-mode", "search"),
    *("section-divs", "shift-heading-level-by", "short_title", "sidebar", "smooth-scroll", "theme", "toc"),
    *("twitter-card", "view-source", "wrap", "abstract-title", "body-width", "canonical-url"),
    # references
    *("appendix-cite-as", "appendix-style", "biblio-style", "biblio-title", "citeproc", "link-citations"),
    *("nocite", "reference-location", "reference-section-title", "references", "suppress-bibliography"),
    *("citations-hover", "footnotes-hover", "crossref", "cap-location"),
)
_FOREIGN = frozenset(_KEYS)

# Families of keys: fig-width, tbl-cap-location, code-fold, toc-depth, title-block-banner, html-math-method …
_PREFIXES = (
    *(
        "citation-",
        "code-",
        "crossrefs-",
        "date-",
        "execute-",
        "fig-",
        "format-",
        "html-",
        "jupyter-",
        "keep-",
    ),
    *("listing-", "lst-", "pdf-", "published-", "quarto-", "tbl-", "title-block-", "toc-", "website-"),
)


def is_foreign(key: str) -> bool:
    """Tell a key that another tool understands."""
    return key in _FOREIGN or key.startswith(_PREFIXES)

"""What a reader who met an error is told: heading and text, by the status."""

from __future__ import annotations

ERRORS = {
    400: (
        "This beam does not get through",
        "What came here is no request that this site can read: error 400. If you followed a link, it was "
        "probably cut or garbled on its way.",
    ),
    403: (
        "This zone is forbidden",
        "This address is not open to readers: error 403.",
    ),
    404: (
        "This page is systematically absent",
        "Some reflections of a crystal never appear, however long you count, because its symmetry makes "
        "the waves cancel. The address you asked for is one of those: error 404, nothing is stored there.",
    ),
    405: (
        "The wrong kind of exposure",
        "This address can be read, but nothing can be sent to it in that way: error 405.",
    ),
    413: (
        "This specimen is too thick",
        "More was sent than this site takes: error 413. Pages here are only read.",
    ),
    414: (
        "This address is too long",
        "It does not fit into what this site reads: error 414. If you followed a link, it was probably "
        "put together wrongly.",
    ),
    429: (
        "The detector is saturated",
        "Too many requests came from your network in a short time: error 429. Wait a few seconds, then "
        "load the page again.",
    ),
    431: (
        "Too much comes along",
        "Your browser sent more along with its request than this site reads: error 431. Most often that is "
        "a lot of cookies: clear those of this site, then load the page again.",
    ),
    500: (
        "The beam is down",
        "Something broke on our side while this page was being made: error 500. It has been written down, "
        "and the other pages are likely to work.",
    ),
    503: (
        "The column is being pumped down",
        "The site is starting or very busy: error 503. It is usually back within a minute.",
    ),
}

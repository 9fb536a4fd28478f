"""Posts that a reader of one may want next: those that say much the same, by title, tags and text.

Each post is a vector of its words, weighted by how rare they are among all posts (tf-idf); two posts are as
near as their vectors (the cosine). The same library gives the same posts in the same order.
"""

from __future__ import annotations

import html
import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from blog.library import Entry, Library, neighbours

#: Related posts that are shown of one post, at most.
MOST = 3

# what is nearer than this has more in common than words that all posts use
_NEAR = 0.08
# how often a word of the title, and a tag, counts beside one of the text
_TITLE, _TAG = 4, 12
# the words that tell most of a post; the others cost time and change nothing
_TELLING = 150

_NO_PROSE = re.compile(r"<(pre|math|svg|figcaption|style|script)\b.*?</\1>|<[^>]*>", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{3,}")


def related(library: Library) -> dict[str, tuple[Entry, ...]]:
    """Give the related posts of each post by its URL, the nearest first.

    The parts before and after it in its series are left out: the page leads to those already.
    """
    posts = library.posts
    vectors = _vectors(posts)
    in_series = {entry.url for group in library.series for entry in group.entries}
    holders: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for place, vector in enumerate(vectors):
        for word, weight in vector.items():
            holders[word].append((place, weight))
    found = {}
    for here, (entry, vector) in enumerate(zip(posts, vectors, strict=True)):
        near = [0.0] * len(posts)
        for word, weight in vector.items():
            for place, its in holders[word]:
                near[place] += weight * its
        known = [one.url for one in neighbours(library, entry) if one] if entry.url in in_series else []
        best = [
            place
            for place, other in enumerate(posts)
            if near[place] >= _NEAR and place != here and other.url not in known
        ]
        best.sort(key=lambda place: (-round(near[place], 9), posts[place].url))
        found[entry.url] = tuple(posts[place] for place in best[:MOST])
    return found


def _vectors(posts: Sequence[Entry]) -> list[dict[str, float]]:
    """Give each post's weights by word, of length 1 together."""
    counts = [_words(entry) for entry in posts]
    among = Counter(word for count in counts for word in count)
    vectors = []
    for count in counts:
        # a word that only this post has brings it near none
        weights = {
            word: (1 + math.log(times)) * math.log((1 + len(posts)) / among[word])
            for word, times in count.items()
            if among[word] > 1
        }
        telling = sorted(weights.items(), key=lambda pair: (-pair[1], pair[0]))[:_TELLING]
        length = math.sqrt(sum(weight**2 for _, weight in telling)) or 1.0
        vectors.append({word: weight / length for word, weight in telling})
    return vectors


def _words(entry: Entry) -> Counter[str]:
    metadata = entry.metadata
    text = html.unescape(_NO_PROSE.sub(" ", entry.article.body))
    count = Counter(_split(f"{metadata.description} {text}"))
    for word in _split(f"{metadata.title} {metadata.subtitle}"):
        count[word] += _TITLE
    for tag in metadata.tags:
        # a tag is one name, however many words it has
        count[f"#{' '.join(_split(tag))}"] += _TAG
        for word in _split(tag):
            count[word] += _TITLE
    return count


def _split(text: str) -> Iterable[str]:
    """Give the words of a text in one form: lower case, an English plural as its singular."""
    for word in _WORD.findall(unicodedata.normalize("NFKC", text).casefold()):
        yield word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word

"""Search: ``index`` writes a build's passages into SQLite FTS5, ``question`` and ``index_file`` read it.

The web application imports the last two alone, so this module imports nothing.
"""

#: The index, and the page around answers, below a build's output folder; in the page, where they stand.
INDEX, PAGE, SLOT = ".build/search.sqlite", ".build/search.html", "<!-- answers -->"
#: Bits of a passage's number that count within its notebook; the others are the notebook's number.
BITS = 10

#: The words by which the index knows tags (by their place) and years.
TAG, YEAR = "tag{}", "year{}"

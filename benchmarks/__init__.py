"""What ``blog bench`` runs: the live server of this checkout beside stock Voila, one after the other.

Nothing here is shipped or imported by the site; ``blog.benching`` starts it as ``python -m benchmarks``.
"""

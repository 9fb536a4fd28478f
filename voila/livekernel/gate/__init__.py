"""Who may have a session: browsers with a cookie and a fresh token, within limits, first come first served.

Nothing here reads a request, starts a kernel or keeps a thread: the handlers ask, this package answers.
"""

"""The site: notebooks become pages, and pages are served.

The layers, from the top (imports point down only; ``pyproject.toml`` holds the contract):

    cli | wsgi
    up | testing
    build | web | supervise | proxy
    convert | pages | feeds
    library | manifest | assets
    notebook | views
    model | settings | environment
    system
    errors
"""

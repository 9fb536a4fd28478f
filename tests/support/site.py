"""A whole running site, as a reader meets it: ``blog up`` on notebooks of the test's choice."""

import socket


def free_port() -> int:
    """Give a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]

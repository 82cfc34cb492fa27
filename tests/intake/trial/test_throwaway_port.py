"""A throw-away installation keeps its port from the first moment: nobody takes it while the service starts."""

from __future__ import annotations

import socket

import pytest

from intake.trial.throwaway import kept_port


def listening(port: int) -> socket.socket:
    """As a web server does it."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        server.bind(("127.0.0.1", port))
        server.listen()
    except OSError:
        server.close()
        raise
    return server


def test_the_server_listens_on_it_also_after_it_was_killed_and_nobody_is_given_it() -> None:
    with kept_port() as port:
        with kept_port() as other:
            assert other != port
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
        for _ in range(2):
            with listening(port) as server, socket.create_connection(("127.0.0.1", port), timeout=5):
                accepted, _ = server.accept()
                accepted.close()
                with pytest.raises(OSError, match="in use"):
                    listening(port)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)

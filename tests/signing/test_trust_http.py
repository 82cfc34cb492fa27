"""C2: what is fetched has limits of time, size, redirects and addresses: certificates of strangers say where to fetch from."""

import time
from collections.abc import Iterator

import pytest

from signing.guarded_http import Body, FetchFailed, Limits, fetch
from tests.pki.local_server import Answer, LocalServer, local_server

HERE = Limits(seconds=60, most_bytes=1000, private_addresses=True)


def _drip() -> Iterator[bytes]:
    """Without end: whoever waits for it never comes back."""
    while True:
        time.sleep(0.05)
        yield b"x"


def _answer(path: str, body: bytes) -> Answer:
    if path == "/echo":
        return Answer(b"eco " + body)
    if path == "/once" and _answer.__dict__.setdefault("down", 1):
        _answer.__dict__["down"] = 0
        return Answer(status=503)
    fixed = {
        "/large": Answer(b"x" * 2000),
        "/moved": Answer(status=302, headers={"Location": "/echo"}),
        "/loop": Answer(status=302, headers={"Location": "/loop"}),
        "/elsewhere": Answer(status=302, headers={"Location": "file:///etc/passwd"}),
        "/slow": Answer(drip=_drip),
        "/missing": Answer(status=404),
    }
    return fixed.get(path, Answer(b"eccomi"))


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with local_server(_answer) as running:
        yield running


def test_c2_a_short_answer_comes_back_whole(server: LocalServer) -> None:
    assert fetch(server.url("/echo"), HERE, Body(b"domanda", "text/plain")) == b"eco domanda"
    assert fetch(server.url("/moved"), HERE) == b"eco "


def test_c2_a_server_in_trouble_is_asked_again(server: LocalServer) -> None:
    assert fetch(server.url("/once"), Limits(60, 1000, private_addresses=True, tries=2)) == b"eccomi"
    assert server.asked.count("/once") == 2


@pytest.mark.parametrize(
    ("path", "limits", "reason"),
    [
        ("/large", HERE, "più di 1000 byte"),
        ("/loop", HERE, "troppi rinvii"),
        ("/elsewhere", HERE, "non è ammesso"),
        ("/missing", HERE, "404"),
        ("/slow", Limits(0.3, 1000, private_addresses=True), "secondi|lenta"),
        ("/echo", Limits(60, 1000), "non è pubblico"),
        ("/echo", Limits(60, 1000, frozenset({"https"}), private_addresses=True), "non è ammesso"),
    ],
)
def test_c2_what_passes_a_limit_is_refused(server: LocalServer, path: str, limits: Limits, reason: str) -> None:
    with pytest.raises(FetchFailed, match=reason):
        fetch(server.url(path), limits)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "169.254.169.254", "0.0.0.0", "[::1]", "[fd00::1]", "[fec0::1]",
     "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]", "[2002:a00:1::]", "2130706433", "localhost"],
)  # fmt: skip
def test_c2_no_address_inside_is_ever_reached(host: str) -> None:
    with pytest.raises(FetchFailed, match="non è pubblico"):
        fetch(f"http://{host}:9/", Limits(1, 1000))


def test_c2_an_address_that_is_none_is_said_so() -> None:
    for url in ("ldap://directory.example/cn=x", "http://", "http://[", "nulla"):
        with pytest.raises(FetchFailed):
            fetch(url, HERE)

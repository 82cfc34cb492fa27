"""C2: lists and revocation answers come through the office's proxy too, which is never asked for what is inside the office."""

import socket
from collections.abc import Iterator

import pytest

from signing.guarded_http import Body, FetchFailed, Limits, fetch
from signing.outward_proxy import Proxies
from signing.trusted_list_sources import from_network
from signing.trusted_lists import ListRefused
from tests.pki.local_server import Answer, LocalServer, local_server


@pytest.fixture(scope="module")
def proxy() -> Iterator[LocalServer]:
    def answer(address: str, body: bytes) -> Answer:
        moved = {"http://moved.example/": "http://10.0.0.1/", "http://moved.example/in": "http://intranet/"}
        if address in moved:
            return Answer(status=302, headers={"Location": moved[address]})
        return Answer(address.encode() + b" " + body)

    with local_server(answer) as running:
        yield running


@pytest.fixture(autouse=True)
def names(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network whose machines know no name of the outside, as behind many proxies, but for one that leads inside."""
    real = socket.getaddrinfo

    def resolved(host: str, port: int, *rest: object, **more: object) -> object:
        if host == "127.0.0.1":
            return real(host, port, *rest, **more)
        if host == "rebound.example":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.9", port))]
        try:
            return real(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        except socket.gaierror as error:
            raise socket.gaierror("unknown") from error

    monkeypatch.setattr(socket, "getaddrinfo", resolved)


def through(proxy: LocalServer, *direct: str) -> Limits:
    return Limits(seconds=60, most_bytes=1000, proxies=Proxies(http=proxy.url(""), direct=direct))


def test_c2_the_proxy_is_asked_for_the_whole_address(proxy: LocalServer) -> None:
    asked = fetch("http://crl.prestatore.example/lista.crl", through(proxy), Body(b"domanda", "text/plain"))
    assert asked == b"http://crl.prestatore.example/lista.crl domanda"


@pytest.mark.parametrize(
    "address",
    [
        *("http://10.0.0.1/", "http://127.0.0.1:9/", "http://[::1]/", "http://intranet/", "http://Protocollo.LAN/"),
        *(
            "http://registro.ente.local./",
            "http://rebound.example/",
            "http://moved.example/",
            "http://moved.example/in",
        ),
    ],
)
def test_c2_the_proxy_is_never_asked_for_what_is_inside(proxy: LocalServer, address: str) -> None:
    before = len(proxy.asked)
    with pytest.raises(FetchFailed, match="non è pubblico"):
        fetch(address, through(proxy))
    assert all("moved.example" in each for each in proxy.asked[before:])


def test_c2_hosts_that_are_asked_directly_do_not_pass_the_proxy(proxy: LocalServer) -> None:
    with pytest.raises(FetchFailed, match="non si risolve"):
        fetch("http://crl.prestatore.example/", through(proxy, "prestatore.example"))


def test_c2_trusted_lists_pass_through_the_proxy(proxy: LocalServer) -> None:
    get = from_network(seconds=60, tries=1, proxies=Proxies(http=proxy.url("")))
    assert get("IT", "http://lists.example/it.xml").startswith(b"http://lists.example/it.xml")
    with pytest.raises(ListRefused, match="non è ammesso"):
        get("EU", "http://lists.example/eu.xml")


@pytest.mark.parametrize(
    ("environment", "scheme", "host", "expected"),
    [
        ({"HTTPS_PROXY": "http://proxy:8080"}, "https", "ec.europa.eu", "http://proxy:8080"),
        ({"HTTPS_PROXY": "http://proxy:8080"}, "http", "ec.europa.eu", None),
        ({"ALL_PROXY": "proxy:3128"}, "http", "ec.europa.eu", "http://proxy:3128"),
        ({"http_proxy": "http://small:1", "HTTP_PROXY": "http://large:1"}, "http", "a.example", "http://small:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "example, .ente.it"}, "http", "crl.ente.it", None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "ente.it"}, "http", "altroente.it", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "10.0.0.0/8"}, "http", "10.1.2.3", None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, "https", "ec.europa.eu", None),
        ({}, "https", "ec.europa.eu", None),
    ],
)
def test_c2_the_variables_of_every_program_are_read(environment, scheme, host, expected) -> None:
    assert Proxies.from_environment(environment).for_request(scheme, host) == expected


def test_c2_a_proxy_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="proxy"):
        Proxies.from_environment({"HTTPS_PROXY": "socks5://proxy:1080"})

"""One short exchange over HTTP with a server that may be hostile: time, bytes, redirects and addresses are limited.

Addresses come out of certificates that strangers send, so by default only public ones are reached: the name is resolved once,
every address is looked at, and the connection goes to one that was looked at (a second answer of the name server is not asked).
Behind a proxy it is the proxy that resolves names: what resolves here is looked at all the same, and names that only mean
something inside an office are never handed to it.
"""

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from signing.outward_proxy import Proxies

_MOST_REDIRECTS = 3
_PAUSE = 0.5
_TUNNELS = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))
"""IPv6 addresses that carry an IPv4 one inside, which might be private."""

_INSIDE = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home", ".corp", ".private", ".arpa")
"""Ends of names that are no one's in the public name system (RFC 6761, RFC 6762, ICANN's name collision lists)."""

Result = TypeVar("Result")


class FetchFailed(Exception):
    """Nothing usable came; the text says why, in Italian."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`seconds` for one exchange, redirects included; `tries` in all when the server is not reached or is in trouble; `proxies`
    are those of the office, whose own addresses may be private."""

    seconds: float
    most_bytes: int
    schemes: frozenset[str] = frozenset({"http", "https"})
    private_addresses: bool = False
    tries: int = 1
    proxies: Proxies = field(default_factory=Proxies)


@dataclass(frozen=True, slots=True)
class Body:
    """What is posted; a request without one is a GET."""

    content: bytes
    media_type: str


def fetch(url: str, limits: Limits, body: Body | None = None) -> bytes:
    """The bytes of a 200 answer. Raises FetchFailed."""
    for remaining in reversed(range(limits.tries)):
        try:
            return _within(limits.seconds, lambda: _followed(url, limits, body))
        except _Transient as trouble:
            if not remaining:
                raise FetchFailed(str(trouble)) from trouble
            time.sleep(_PAUSE * (limits.tries - remaining))
    raise ValueError("tries must be positive")


class _Transient(Exception):
    """May go better another time."""


def _within(seconds: float, work: Callable[[], Result]) -> Result:
    """The result of `work`, given up after `seconds`: name servers and answers in slow drips know no time-out."""
    result: list[Any] = []

    def run() -> None:
        try:
            result.append((work(), None))
        except Exception as error:  # noqa: BLE001 - raised again in the caller's thread
            result.append((None, error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if not result:
        raise _Transient(f"nessuna risposta in {seconds:g} secondi")
    value, error = result[0]
    if error is not None:
        raise error
    return value  # type: ignore[no-any-return]


def _followed(url: str, limits: Limits, body: Body | None) -> bytes:
    import httpx

    deadline = time.monotonic() + limits.seconds
    try:
        address = httpx.URL(url)
        for _ in range(_MOST_REDIRECTS + 1):
            _check_form(address, limits)
            proxy = limits.proxies.for_request(address.scheme, address.host)
            secure = address.scheme == "https" or proxy is not None
            # Reading the authorities of the system takes longer than most answers, and plain HTTP needs none of them.
            context = ssl.create_default_context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            with httpx.Client(verify=context, trust_env=False, timeout=limits.seconds, proxy=proxy) as client:
                response = _sent(client, address, limits, body, proxied=proxy is not None)
                try:
                    if not response.is_redirect:
                        return _read(response, limits, deadline)
                    address = address.join(response.headers.get("location", ""))
                finally:
                    response.close()
    except httpx.InvalidURL as error:
        raise FetchFailed("l'indirizzo è malformato") from error
    except httpx.TransportError as error:
        raise _Transient(f"il server non si raggiunge ({type(error).__name__})") from error
    raise FetchFailed("troppi rinvii")


def _check_form(url: Any, limits: Limits) -> None:
    if url.scheme not in limits.schemes or not url.host:
        raise FetchFailed(f"il modo «{url.scheme}» non è ammesso")


def _sent(client: Any, url: Any, limits: Limits, body: Body | None, *, proxied: bool) -> Any:
    port = url.port or (443 if url.scheme == "https" else 80)
    reached = _permitted_name(url.host, port, limits) if proxied else _permitted_address(url.host, port, limits)
    headers = {"Host": url.netloc.decode("ascii"), "User-Agent": "sportello"}
    if body is not None:
        headers["Content-Type"] = body.media_type
    request = client.build_request(
        "GET" if body is None else "POST",
        url.copy_with(host=reached),
        headers=headers,
        content=body.content if body is not None else None,
        extensions={"sni_hostname": url.host},
    )
    return client.send(request, stream=True, follow_redirects=False)


def _read(response: Any, limits: Limits, deadline: float) -> bytes:
    if response.status_code >= 500:
        raise _Transient(f"il server risponde {response.status_code}")
    if response.status_code != 200:
        raise FetchFailed(f"il server risponde {response.status_code}")
    received = bytearray()
    for piece in response.iter_bytes():
        received += piece
        if len(received) > limits.most_bytes:
            raise FetchFailed(f"più di {limits.most_bytes} byte")
        if time.monotonic() > deadline:
            raise _Transient("risposta troppo lenta")
    return bytes(received)


def _permitted_name(host: str, port: int, limits: Limits) -> str:
    """The host as a proxy may be asked for it: public where it resolves here, and no name of the inside where it does not."""
    try:
        _permitted_address(host, port, limits)
    except _Transient as unknown:
        name = host.casefold().rstrip(".")
        if not limits.private_addresses and ("." not in name or name.endswith(_INSIDE)):
            raise FetchFailed("l'indirizzo non è pubblico") from unknown
    return host


def _permitted_address(host: str, port: int, limits: Limits) -> str:
    """An address of the host; all of them have to be public, unless private ones are permitted."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise _Transient("il nome non si risolve") from error
    addresses = [str(each[4][0]) for each in found]
    if not limits.private_addresses and not all(map(_is_public, addresses)):
        raise FetchFailed("l'indirizzo non è pubblico")
    return addresses[0]


def _is_public(text: str) -> bool:
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _is_public(str(address.ipv4_mapped))
        if address.is_site_local or any(address in network for network in _TUNNELS):
            return False
    return address.is_global and not address.is_multicast

"""Which proxy a request to the outside goes through, by the variables that programs of every kind read."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

_ADDRESS = re.compile(r"https?://[^\s/]+/?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proxies:
    """Addresses of the proxies by scheme of what is asked, None where it is asked directly. `direct` names hosts that always
    are: names with all below them, addresses, networks, or `*` for every host."""

    http: str | None = None
    https: str | None = None
    direct: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for address in (self.http, self.https):
            if address is not None and not _ADDRESS.fullmatch(address):
                raise ValueError("a proxy is http:// or https:// with a host and a port")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Proxies":
        """What HTTP_PROXY, HTTPS_PROXY, ALL_PROXY and NO_PROXY say, small letters before capitals. Raises ValueError for an
        address that is none."""
        every = _said(environment, "all_proxy")
        hosts = (_said(environment, "no_proxy") or "").replace(" ", ",").split(",")
        return cls(
            _with_scheme(_said(environment, "http_proxy") or every),
            _with_scheme(_said(environment, "https_proxy") or every),
            tuple(host for host in hosts if host),
        )

    def for_request(self, scheme: str, host: str) -> str | None:
        """The proxy for that host, None where it is asked directly."""
        if any(_names(one, host) for one in self.direct):
            return None
        return self.https if scheme == "https" else self.http


def _said(environment: Mapping[str, str], name: str) -> str | None:
    return environment.get(name) or environment.get(name.upper()) or None


def _with_scheme(address: str | None) -> str | None:
    return address if address is None or "://" in address else f"http://{address}"


def _names(listed: str, host: str) -> bool:
    if listed == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(listed, strict=False)
    except ValueError:
        domain = listed.partition(":")[0].removeprefix("*").lstrip(".").casefold()
        return bool(domain) and (host.casefold() == domain or host.casefold().endswith(f".{domain}"))

"""Checks which URLs and addresses Tock may call: only https and public ones, unless the deployment allows the host."""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from tock.core.errors import InvalidArgument

#: Resolves a host name and a port to the addresses to connect to, in order of preference; raises OSError.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

_MAX_URL = 2_048
_WHOLE_URL = "write an https URL with a host name, such as 'https://agents.example.com/run'"
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.(?!-)[a-z0-9_-]{1,63})*\.?")
#: Names whose last label resolvers read as a number: 2130706433, 0x7f.1 and 127.1 are all 127.0.0.1.
_NUMBER = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?")
_INTERNAL = re.compile(r"(?:.*\.)?(?:localhost|local|internal)\.?")

#: IANA's special-purpose IPv4 addresses (RFC 6890 and its registry), multicast and reserved ones. None is public.
_SPECIAL_IPV4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
)
#: Only global unicast is public: that excludes mapped IPv4, NAT64, unique local, link-local, site-local and multicast.
_GLOBAL_IPV6 = IPv6Network("2000::/3")
#: Not public within it: IETF protocol assignments with Teredo, documentation, and 6to4, which wraps an IPv4 address.
_SPECIAL_IPV6 = tuple(IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"))


async def system_addresses(host: str, port: int) -> Sequence[str]:
    """Return the addresses that the machine's resolver finds; raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def is_public(address: str) -> bool:
    """Whether the text is an IP address that the public internet routes to one host."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    match parsed:
        case IPv4Address():
            return not any(parsed in network for network in _SPECIAL_IPV4)
        case IPv6Address():
            return parsed in _GLOBAL_IPV6 and not any(parsed in network for network in _SPECIAL_IPV6)


class AddressGuard:
    """Refuses every URL that is not https to a public address.

    `allowed_hosts` are the exceptions, each `host` or `host:port` as the URL writes it: they may use http and have any
    address. `resolve` is the resolver to use, by default the machine's own.
    """

    def __init__(self, *, allowed_hosts: Sequence[str], resolve: Resolve = system_addresses) -> None:
        self._allowed = frozenset(entry.lower().rstrip(".") for entry in allowed_hosts)
        self._resolve = resolve

    def check(self, url: object, *, field: str = "config.url") -> None:
        """Check the text of a URL, which a configuration has in this field, without resolving its host.

        Raises:
            InvalidArgument: it is not an absolute https URL, holds a user or password, or its host is not public.
        """
        from httpx import URL, InvalidURL  # noqa: PLC0415 imported lazily: only HTTP agents need it

        if not isinstance(url, str) or len(url) > _MAX_URL:
            raise _refused(None, field=field, remedy=f"write an https URL of at most {_MAX_URL} characters")
        try:
            parsed = URL(url)
            # The name is decoded here, because a request to one that is no IDNA name, such as `xn--`, cannot be built.
            _ = parsed.host
        except (InvalidURL, UnicodeError) as exc:
            # The parser's message quotes parts of the URL, which may be those of a password.
            raise _refused(url, field=field, remedy=_WHOLE_URL) from exc
        if parsed.userinfo:
            raise _refused(
                None, field=field, remedy="leave the user and the password out of the URL: name a secret instead"
            )
        host = parsed.raw_host.decode("ascii")
        port = parsed.port if parsed.port is not None else {"http": 80, "https": 443}.get(parsed.scheme, 0)
        self._check_host(url, host=host, port=port, field=field)
        allowed = self._allows(host, port=port)
        if parsed.scheme != "https" and not (allowed and parsed.scheme == "http"):
            raise _refused(url, field=field, remedy="use https; http is allowed only for hosts in TOCK_ALLOWED_HOSTS")

    async def addresses(self, host: str, *, port: int) -> Sequence[str]:
        """Resolve the host once, check every address and return them all.

        Raises:
            InvalidArgument: an address is not public, and the host is not allowed.
            OSError: the resolver finds no address.
        """
        found = await self._resolve(host, port)
        if not found:
            raise OSError(f"{host} has no address")
        if not self._allows(host, port=port):
            for address in found:
                if not is_public(address):
                    raise _refused(host, remedy=f"{host} resolves to {address}, which is not a public address")
        return found

    def _check_host(self, url: str, *, host: str, port: int, field: str) -> None:
        literal = _literal(host)
        if not 0 < port < 2**16 or (literal is None and _NAME.fullmatch(host) is None):
            raise _refused(url, field=field, remedy=_WHOLE_URL)
        if self._allows(host, port=port):
            return
        if literal is None and _NUMBER.fullmatch(host) is not None:
            raise _refused(url, field=field, remedy="write the IP address in its usual form")
        if not (is_public(host) if literal is not None else _INTERNAL.fullmatch(host) is None):
            raise _refused(
                url,
                field=field,
                remedy=f"{host} is not public: only a host in TOCK_ALLOWED_HOSTS may be private",
            )

    def _allows(self, host: str, *, port: int) -> bool:
        name = host.lower().rstrip(".")
        bracketed = f"[{name}]" if ":" in name else name
        return not self._allowed.isdisjoint({name, bracketed, f"{bracketed}:{port}"})


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _refused(url: str | None, *, remedy: str, field: str = "config.url") -> InvalidArgument:
    return InvalidArgument(field=field, value=url, remedy=remedy)

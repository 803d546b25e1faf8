"""Which URLs and addresses the guard allows."""

from collections.abc import Sequence

import pytest

from tock.core.errors import InvalidArgument
from tock.executors.outbound.address_guard import AddressGuard, is_public, system_addresses

PUBLIC = ["8.8.8.8", "1.1.1.1", "93.184.216.34", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0"]
PUBLIC += ["169.253.255.255", "192.0.1.0", "198.17.255.255", "223.255.255.255", "2606:4700::1111", "2a00:1450::1"]
PUBLIC += ["2001:4860:4860::8888", "2001:200::1"]

PRIVATE = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "0.0.0.0": "unspecified, which connects to loopback",  # noqa: S104 nothing listens here
    "0.1.2.3": "this network",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "100.64.0.1": "carrier-grade NAT",
    "169.254.0.1": "link-local",
    "169.254.169.254": "the cloud's metadata server",
    "192.0.0.1": "IETF protocol assignments",
    "192.0.0.170": "NAT64 discovery",
    "192.0.2.1": "documentation",
    "192.88.99.1": "6to4 relay",
    "198.18.0.1": "benchmarks",
    "198.51.100.1": "documentation",
    "203.0.113.1": "documentation",
    "224.0.0.1": "multicast",
    "239.255.255.250": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "broadcast",
    "::": "unspecified",
    "::1": "loopback",
    "::ffff:127.0.0.1": "mapped loopback",
    "::ffff:8.8.8.8": "mapped",
    "::127.0.0.1": "compatible, long deprecated",
    "64:ff9b::7f00:1": "NAT64 of loopback",
    "64:ff9b:1::1": "NAT64 for local use",
    "100::1": "discard",
    "2001::1": "Teredo",
    "2001:10::1": "ORCHID",
    "2001:db8::1": "documentation",
    "2002:7f00:1::1": "6to4 of loopback",
    "2002:a9fe:a9fe::1": "6to4 of the metadata server",
    "3fff::1": "documentation",
    "5f00::1": "segment routing",
    "fc00::1": "unique local",
    "fd20:ce::254": "the cloud's metadata server",
    "fe80::1": "link-local",
    "fe80::1%eth0": "link-local with a zone",
    "fec0::1": "site-local",
    "ff02::1": "multicast",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_an_address_that_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [*PRIVATE, "", "localhost", "127.1", "0x7f.0.0.1"])
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "https://agents.example.com/run",
        "https://agents.example.com:8443/run?a=b",
        "https://EXAMPLE.com./",
        "https://bücher.example/",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://4.example.com/",
        "https://localhost.example.com/",
    ],
)
def test_a_url_that_is_accepted(url: str) -> None:
    AddressGuard(allowed_hosts=[]).check(url)


@pytest.mark.parametrize(
    "url",
    [
        None,
        7,
        "",
        "agents.example.com/run",
        "//agents.example.com/run",
        "http://agents.example.com/run",
        "ftp://agents.example.com/run",
        "file:///etc/passwd",
        "https://",
        "https:///run",
        "https://agents.example.com:0/",
        "https://agents.example.com:99999/",
        "https://agents.example.com:port/",
        "https://user@agents.example.com/",
        "https://user:password@agents.example.com/",
        "https://agents.example.com\\@127.0.0.1/",
        "https://agents example.com/",
        "https://agents.example.com\n/",
        "https://127.0.0.%31/",
        "https://①②⑦.⓪.⓪.①/",
        "https://127。0。0。1/",
        "https://2130706433/",
        "https://127.1/",
        "https://0x7f.0.0.1/",
        "https://0x7f000001/",
        "https://017700000001/",
        "https://127.0.0.1./",
        "https://localhost/",
        "https://LOCALHOST:8080/",
        "https://localhost./",
        "https://agent.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/computeMetadata/v1/",
        "https://example.com/" + "x" * 2048,
        "https://xn--/",
        "https://xn--a/",
        "https://xn--zzzzzz99999999.com/",
        *(f"https://{f'[{address}]' if ':' in address else address}/" for address in PRIVATE),
    ],
)
def test_a_url_that_is_refused(url: object) -> None:
    with pytest.raises(InvalidArgument) as caught:
        AddressGuard(allowed_hosts=["elsewhere.example"]).check(url)

    assert caught.value.field == "config.url"


@pytest.mark.parametrize(
    "url",
    [
        "https://user:hunter2@agents.example.com/",
        "https://user:hunter2@[::/",
        "https://user:hunter2/x@agents.example.com/",
        "https://user:hunter2#x@agents.example.com:0/",
    ],
)
def test_the_message_about_a_url_repeats_no_password(url: str) -> None:
    """A run that is refused keeps this message as its error."""
    with pytest.raises(InvalidArgument) as caught:
        AddressGuard(allowed_hosts=[]).check(url)

    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("localhost", "http://localhost:8080/run"),
        ("localhost", "https://localhost/run"),
        ("LocalHost.", "http://localhost./run"),
        ("localhost:8080", "http://localhost:8080/run"),
        ("localhost:80", "http://localhost/run"),
        ("localhost:443", "https://localhost/run"),
        ("127.0.0.1", "http://127.0.0.1:9/"),
        ("::1", "http://[::1]:9/"),
        ("[::1]", "http://[::1]:9/"),
        ("[::1]:9", "http://[::1]:9/"),
    ],
)
def test_an_allowed_host_may_be_private_and_plain(allowed: str, url: str) -> None:
    AddressGuard(allowed_hosts=[allowed]).check(url)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ("localhost:8080", "http://localhost:8081/run"),
        ("localhost:80", "https://localhost/run"),
        ("localhost", "http://a.localhost/run"),
        ("example.com", "http://www.example.com/"),
        ("example.com", "ftp://example.com/"),
        ("localhost", "https://user@localhost/"),
        ("*", "http://localhost/"),
        ("[::1]:9", "http://[::1]:8/"),
        ("::1:9", "http://[::1]:9/"),
    ],
)
def test_an_exception_is_no_wider_than_it_says(allowed: str, url: str) -> None:
    with pytest.raises(InvalidArgument):
        AddressGuard(allowed_hosts=[allowed]).check(url)


@pytest.mark.anyio
@pytest.mark.parametrize("address", PRIVATE)
async def test_a_name_that_resolves_to_a_private_address_is_refused(address: str) -> None:
    async def resolve(_host: str, _port: int) -> Sequence[str]:
        return ["93.184.216.34", address]

    with pytest.raises(InvalidArgument, match="is not a public address"):
        await AddressGuard(allowed_hosts=[], resolve=resolve).addresses("agents.example.com", port=443)


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "127.0.0.1", "::1"])
async def test_the_machines_resolver_is_not_trusted_either(host: str) -> None:
    with pytest.raises(InvalidArgument, match="is not a public address"):
        await AddressGuard(allowed_hosts=[]).addresses(host, port=443)


@pytest.mark.anyio
async def test_the_machines_resolver_knows_localhost() -> None:
    assert set(await system_addresses("localhost", 443)) <= {"127.0.0.1", "::1"}

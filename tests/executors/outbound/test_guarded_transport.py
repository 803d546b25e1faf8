"""To which addresses a guarded connection goes."""

from collections.abc import Iterable, Sequence

import httpcore
import pytest

from tock.core.errors import InvalidArgument
from tock.executors.outbound.address_guard import AddressGuard
from tock.executors.outbound.guarded_transport import GuardedNetwork

pytestmark = pytest.mark.anyio


class Network(httpcore.AsyncNetworkBackend):
    """A network on which the given addresses answer; it keeps which ones were called."""

    def __init__(self, *answering: str) -> None:
        self.called: list[tuple[str, int]] = []
        self._answering = answering

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 the signature is httpcore's
        local_address: str | None = None,  # noqa: ARG002 as above
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 as above
    ) -> httpcore.AsyncNetworkStream:
        self.called.append((host, port))
        if host not in self._answering:
            raise httpcore.ConnectError if timeout is None else httpcore.ConnectTimeout
        return httpcore.AsyncNetworkStream()


class Resolver:
    """Gives the next of its answers to each question."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.questions: list[tuple[str, int]] = []
        self._answers = list(answers)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.questions.append((host, port))
        return self._answers.pop(0)


async def test_a_resolver_that_changes_its_answer_gains_nothing() -> None:
    resolver, network = Resolver(["93.184.216.34"], ["127.0.0.1"]), Network("93.184.216.34", "127.0.0.1")
    guarded = GuardedNetwork(AddressGuard(allowed_hosts=[], resolve=resolver), network=network)

    await guarded.connect_tcp("rebinding.example", 443)

    assert resolver.questions == [("rebinding.example", 443)]
    assert network.called == [("93.184.216.34", 443)]


async def test_every_new_connection_is_checked_anew() -> None:
    resolver, network = Resolver(["93.184.216.34"], ["127.0.0.1"]), Network("93.184.216.34", "127.0.0.1")
    guarded = GuardedNetwork(AddressGuard(allowed_hosts=[], resolve=resolver), network=network)
    await guarded.connect_tcp("rebinding.example", 443)

    with pytest.raises(InvalidArgument):
        await guarded.connect_tcp("rebinding.example", 443)

    assert network.called == [("93.184.216.34", 443)]


async def test_one_private_address_among_public_ones_refuses_them_all() -> None:
    resolver, network = Resolver(["93.184.216.34", "10.0.0.1"]), Network("93.184.216.34")
    guarded = GuardedNetwork(AddressGuard(allowed_hosts=[], resolve=resolver), network=network)

    with pytest.raises(InvalidArgument):
        await guarded.connect_tcp("mixed.example", 443)

    assert network.called == []


@pytest.mark.parametrize("timeout", [None, 5.0])
async def test_the_next_address_is_tried_when_one_does_not_answer(timeout: float | None) -> None:  # noqa: ASYNC109 a case
    resolver, network = Resolver(["2606:4700::1111", "93.184.216.34"]), Network("93.184.216.34")
    guarded = GuardedNetwork(AddressGuard(allowed_hosts=[], resolve=resolver), network=network)

    await guarded.connect_tcp("dual.example", 443, timeout)

    assert network.called == [("2606:4700::1111", 443), ("93.184.216.34", 443)]


@pytest.mark.parametrize("answer", [[], ["93.184.216.34"]])
async def test_a_host_that_nobody_answers_for_is_a_connection_error(answer: list[str]) -> None:
    guarded = GuardedNetwork(AddressGuard(allowed_hosts=[], resolve=Resolver(answer)), network=Network())

    with pytest.raises(httpcore.ConnectError):
        await guarded.connect_tcp("silent.example", 443)

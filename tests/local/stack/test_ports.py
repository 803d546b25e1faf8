"""The ports of a stack."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tock.local.errors import PortTaken
from tock.local.port_reservations import PortReservations
from tock.local.stack.ports import stack_ports
from tock.local.tcp_ports import unused_port


@pytest.fixture
def reservations(tmp_path: Path) -> Iterator[PortReservations]:
    with PortReservations(tmp_path / "reserved") as held:
        yield held


def test_the_preferred_port_is_taken_although_another_is_remembered(
    tmp_path: Path, reservations: PortReservations
) -> None:
    preferred = unused_port()
    before = stack_ports(tmp_path, api_port=None, reservations=reservations)["api"]

    ports = stack_ports(tmp_path, api_port=None, preferred_api_port=preferred, reservations=reservations)

    assert before != preferred
    assert ports["api"] == preferred


def test_a_preferred_port_that_is_in_use_or_reserved_is_left_to_whoever_has_it(
    tmp_path: Path, reservations: PortReservations
) -> None:
    reserved = unused_port()
    reservations.reserve(reserved)
    with socket.create_server(("127.0.0.1", 0)) as listener, PortReservations(tmp_path / "reserved") as others:
        taken = listener.getsockname()[1]
        found = [
            stack_ports(tmp_path / "data", api_port=None, preferred_api_port=port, reservations=others)["api"]
            for port in (taken, reserved)
        ]

    assert not {taken, reserved} & set(found)


def test_the_port_that_is_asked_for_goes_before_the_preferred_one(
    tmp_path: Path, reservations: PortReservations
) -> None:
    asked, preferred = unused_port(), unused_port()

    ports = stack_ports(tmp_path, api_port=asked, preferred_api_port=preferred, reservations=reservations)
    with pytest.raises(PortTaken, match=f"Port {asked} is in use"):
        stack_ports(tmp_path, api_port=asked, preferred_api_port=preferred, reservations=reservations)

    assert ports["api"] == asked

"""Ports that stacks reserve among each other."""

from pathlib import Path

from tock.local.port_reservations import PortReservations
from tock.local.tcp_ports import free_ports


def test_a_reserved_port_is_not_reserved_again_until_it_is_released(tmp_path: Path) -> None:
    with PortReservations(tmp_path) as first, PortReservations(tmp_path) as second:
        assert first.reserve(20_000)
        assert not second.reserve(20_000)
        assert second.reserve(20_001)

    with PortReservations(tmp_path) as third:
        assert third.reserve(20_000)


def test_two_that_remember_the_same_ports_get_different_ones_although_none_listens_yet(tmp_path: Path) -> None:
    names = ("firestore", "cloud_tasks", "api")
    remembered = free_ports(names, memory=tmp_path / "first.json")
    (tmp_path / "second.json").write_text((tmp_path / "first.json").read_text())

    with PortReservations(tmp_path / "locks") as first, PortReservations(tmp_path / "locks") as second:
        ports = free_ports(names, memory=tmp_path / "first.json", reserve=first.reserve)
        others = free_ports(names, memory=tmp_path / "second.json", reserve=second.reserve)

    assert ports == remembered
    assert len({*ports.values(), *others.values()}) == 2 * len(names)


def test_where_nothing_can_be_reserved_every_port_may_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with (
        PortReservations(tmp_path / "file" / "locks") as first,
        PortReservations(tmp_path / "file" / "locks") as second,
    ):
        assert first.reserve(20_000)
        assert second.reserve(20_000)

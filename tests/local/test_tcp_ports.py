"""Free ports that are remembered."""

import json
import socket
from pathlib import Path

from tock.local.tcp_ports import free_ports, is_free


def test_ports_are_different_free_and_the_same_after_a_restart(tmp_path: Path) -> None:
    memory = tmp_path / "state" / "ports.json"
    names = [f"part-{number}" for number in range(20)]

    first = free_ports(names, memory=memory)

    assert len(set(first.values())) == 20
    assert all(is_free(port) for port in first.values())
    assert free_ports(names, memory=memory) == first


def test_an_occupied_port_is_exchanged_for_another_for_good(tmp_path: Path) -> None:
    memory = tmp_path / "ports.json"
    before = free_ports(["api", "tick"], memory=memory)

    with socket.create_server(("127.0.0.1", before["api"])):
        during = free_ports(["api", "tick"], memory=memory)

    assert during["api"] != before["api"]
    assert during["tick"] == before["tick"]
    assert json.loads(memory.read_text()) == during
    assert free_ports(["api", "tick"], memory=memory) == during


def test_a_broken_memory_is_no_memory(tmp_path: Path) -> None:
    memory = tmp_path / "ports.json"
    memory.write_text('{"api": "no port", "tick": 70000, "cut')

    ports = free_ports(["api", "tick"], memory=memory)

    assert json.loads(memory.read_text()) == ports

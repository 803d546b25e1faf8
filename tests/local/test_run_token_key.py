"""The local key of run tokens: made once, kept, and readable by its owner only."""

import stat
from pathlib import Path

import pytest

from tock.core.run.run_token import SHORTEST_KEY
from tock.local.identity.run_token_key import run_token_key


def test_the_key_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    first = run_token_key(tmp_path / "identity")

    assert run_token_key(tmp_path / "identity") == first
    assert run_token_key(tmp_path / "other") != first
    assert len(first) >= SHORTEST_KEY
    [file] = (tmp_path / "identity").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("damaged", [b"", b"short", b"\xff" * 3])
def test_a_damaged_key_is_replaced(tmp_path: Path, damaged: bytes) -> None:
    run_token_key(tmp_path)
    [file] = tmp_path.iterdir()
    file.write_bytes(damaged)

    key = run_token_key(tmp_path)

    assert len(key) >= SHORTEST_KEY
    assert run_token_key(tmp_path) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

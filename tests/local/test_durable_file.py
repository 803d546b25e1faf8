"""Files that are written whole or not at all."""

import os
import stat
from pathlib import Path

import pytest

from small_disk import small_disk
from tock.local.durable_file import create_file, replace_file


def test_a_file_is_created_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "file"

    replace_file(file, text="fïrst")
    assert file.read_text(encoding="utf-8") == "fïrst"
    replace_file(file, text="second")

    assert file.read_text(encoding="utf-8") == "second"
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208 - one name, at once


def test_who_has_the_old_file_open_reads_the_old_content(tmp_path: Path) -> None:
    file = tmp_path / "file"
    replace_file(file, text="before")

    with file.open(encoding="utf-8") as opened:
        replace_file(file, text="after")

        assert opened.read() == "before"
    assert file.read_text(encoding="utf-8") == "after"


def test_what_exists_is_not_created_again(tmp_path: Path) -> None:
    file = tmp_path / "file"

    create_file(file, text="first")
    create_file(file, text="second")

    assert file.read_text(encoding="utf-8") == "first"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["file"]  # noqa: PTH208 - one name, at once


def test_on_a_full_disk_the_file_stays_as_it_was_and_no_draft_is_left(tmp_path: Path) -> None:
    with small_disk(tmp_path, size="256k") as disk:
        file = tmp_path / "file"
        replace_file(file, text="before")
        disk.fill()

        with pytest.raises(OSError, match="No space left on device"):
            replace_file(file, text="after" * 10_000)

        assert file.read_text(encoding="utf-8") == "before"
        assert {path.name for path in tmp_path.iterdir()} == {"file", "filler"}

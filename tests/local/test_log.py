"""The log of the local stack."""

import io
from datetime import UTC, datetime
from pathlib import Path

from small_disk import small_disk
from tock.local.output.log import Log, log_file


def test_each_line_carries_time_and_name() -> None:
    stream = io.StringIO()
    noon = datetime(2027, 1, 1, 12, 0, 5, tzinfo=UTC)

    Log(stream, now=lambda: noon)("api", "ready")

    assert stream.getvalue() == f"{noon.astimezone():%H:%M:%S} api         | ready\n"


def test_colour_is_for_terminals_and_differs_by_name() -> None:
    stream = io.StringIO()
    log = Log(stream, now=lambda: datetime(2027, 1, 1, tzinfo=UTC), colour=True)

    log("tick", "a")
    log("run", "a")

    first, second = stream.getvalue().splitlines()
    assert "\x1b[" in first
    assert first.replace("tick", "run ") != second


class Full(io.StringIO):
    """A file on a disk that is full for a while."""

    name = "log.txt"
    is_full = True

    def flush(self) -> None:
        if self.is_full:
            raise OSError(28, "No space left on device")


def test_a_stream_that_cannot_be_written_is_left_out_and_the_others_say_so_once() -> None:
    terminal, file = io.StringIO(), Full()
    log = Log(file, terminal, now=lambda: datetime(2027, 1, 1, tzinfo=UTC))

    log("api", "first")
    log("api", "second")
    file.is_full = False
    log("api", "third")
    file.is_full = True
    log("api", "fourth")

    assert [line.split(" | ")[1] for line in terminal.getvalue().splitlines()] == [
        "log.txt cannot be written: No space left on device; lines are missing there",
        "first",
        "second",
        "third",
        "log.txt cannot be written: No space left on device; lines are missing there",
        "fourth",
    ]
    assert "cannot be written" not in file.getvalue()


def test_if_no_stream_can_be_written_nothing_breaks() -> None:
    Log(Full(), Full(), now=lambda: datetime(2027, 1, 1, tzinfo=UTC))("api", "lost")


def test_a_log_file_on_a_full_disk_is_closed_without_an_error(tmp_path: Path) -> None:
    terminal = io.StringIO()
    with small_disk(tmp_path, size="256k") as disk, log_file(tmp_path / "log.txt", mode="a") as file:
        log = Log(file, terminal, now=lambda: datetime(2027, 1, 1, tzinfo=UTC))
        log("api", "before")
        disk.fill()
        log("api", "x" * 100_000)

    assert f"{tmp_path}/log.txt cannot be written: No space left on device" in terminal.getvalue()


def test_a_log_file_holds_every_character_whatever_the_terminal_can_show(tmp_path: Path) -> None:
    with log_file(tmp_path / "log.txt", mode="w") as file:
        Log(file, now=lambda: datetime(2027, 1, 1, tzinfo=UTC))("api", "Zürich 東京 🚀")

    assert (tmp_path / "log.txt").read_text(encoding="utf-8").endswith("| Zürich 東京 🚀\n")


def test_several_lines_stay_so_and_each_says_whose_it_is() -> None:
    stream = io.StringIO()
    noon = datetime(2027, 1, 1, 12, 0, 5, tzinfo=UTC)

    log = Log(stream, now=lambda: noon)
    log("run", '{"severity": "ERROR", "message": "broke", "exception": "Traceback\\n  line 1"}')

    assert stream.getvalue().splitlines() == [
        f"{noon.astimezone():%H:%M:%S} run         | ERROR broke",
        "         run         | Traceback",
        "         run         |   line 1",
    ]


def test_a_brief_stream_gets_what_matters_and_the_others_get_all() -> None:
    terminal, file = io.StringIO(), io.StringIO()
    log = Log(terminal, file, now=lambda: datetime(2027, 1, 1, tzinfo=UTC), brief=[terminal])

    log(
        "run",
        '{"message": "hi", "run": "0123456789", "attempt": 1, "agent": "digest", "stream": "log"}',
    )
    log("ticker", '{"message": "ticked"}')

    assert [line.split(" ", 1)[1] for line in terminal.getvalue().splitlines()] == ["digest 01234567 | hi"]
    assert [line.split(" | ")[1].split()[0] for line in file.getvalue().splitlines()] == ["hi", "ticked"]

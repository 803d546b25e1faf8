"""Long work has a bar on a terminal's error output, which is gone while something is printed and in the end."""

import sys

import pytest

from tock.cli.output.pages import found
from tock.cli.output.progress import progress, waiting


@pytest.fixture
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich takes the outputs for a terminal."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")


@pytest.mark.usefixtures("_terminal")
def test_a_bar_counts_what_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    for each in progress(["a", "b", "c"], doing="Applying", total=3):
        sys.stdout.write(f"{each}\n")

    output, errors = capsys.readouterr()
    assert output == "a\nb\nc\n"
    assert [f"{count}/3" in errors for count in range(4)] == [True] * 4
    assert "Applying" in errors


@pytest.mark.usefixtures("_terminal")
def test_what_is_printed_stands_on_a_line_of_its_own(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # Both outputs are one terminal.
    monkeypatch.setattr(sys, "stdout", sys.stderr)

    for each in progress(["a", "b"], doing="Applying", total=2):
        sys.stdout.write(f"{each}\n")

    screen = capsys.readouterr().err
    before_each = screen.split("a\n")[0], screen.split("a\n")[1].split("b\n")[0]
    # The last thing before a line is printed is that the bar's line is erased.
    assert [part.endswith("\x1b[2K") for part in before_each] == [True, True]


@pytest.mark.usefixtures("_terminal")
def test_a_wait_has_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    with waiting("Waiting"):
        pass

    assert "Waiting" in capsys.readouterr().err


@pytest.mark.usefixtures("_terminal")
@pytest.mark.parametrize(("limit", "has_bar"), [(100, False), (150, True)])
def test_a_list_of_more_than_a_page_has_a_bar(limit: int, capsys: pytest.CaptureFixture[str], *, has_bar: bool) -> None:
    listed = found(lambda size, _: {"runs": [{}] * size, "next_page_token": "more"}, name="runs", limit=limit)

    assert len(listed.items) == limit
    assert (f"{limit}/{limit}" in capsys.readouterr().err) is has_bar


def test_a_pipe_gets_no_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress(["a", "b"], doing="Applying", total=2)) == ["a", "b"]
    with waiting("Waiting"):
        pass

    assert capsys.readouterr() == ("", "")

"""Whoever deletes or acts on many is asked before: on the error output, and only where somebody can answer."""

import pytest
import typer

from terminal import Type
from tock.cli.errors import CommandError
from tock.cli.input.confirmation import confirm

CTRL_D = "\x04"


@pytest.mark.parametrize("answer", ["y\n", "YES\n", " y \n"])
def test_a_yes_goes_on(typed: Type, answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    typed(answer)

    confirm("Delete it?", yes=False)

    assert capsys.readouterr() == ("", "Delete it? [y/N]: ")


@pytest.mark.parametrize("answer", ["n\n", "\n", "yess\n", "3\n", CTRL_D])
def test_anything_else_ends_the_command(typed: Type, answer: str) -> None:
    typed(answer)

    with pytest.raises(typer.Exit) as ended:
        confirm("Delete it?", yes=False)

    assert ended.value.exit_code == 1


def test_the_number_that_is_asked_for_goes_on(typed: Type, capsys: pytest.CaptureFixture[str]) -> None:
    typed("3\n")

    confirm("Cancel 3 runs?", yes=False, number=3)

    assert capsys.readouterr() == ("", "Cancel 3 runs? Type their number, 3: ")


@pytest.mark.parametrize("answer", ["y\n", "2\n", "33\n", "\n", CTRL_D])
def test_another_number_does_nothing(typed: Type, answer: str) -> None:
    typed(answer)

    with pytest.raises(CommandError, match=r"is not 3: nothing was done\."):
        confirm("Cancel 3 runs?", yes=False, number=3)


def test_who_said_yes_beforehand_is_not_asked(typed: Type, capsys: pytest.CaptureFixture[str]) -> None:
    typed("n\n")

    confirm("Cancel 3 runs?", yes=True, number=3, as_json=True)

    assert capsys.readouterr() == ("", "")


def test_with_json_nothing_was_shown_that_somebody_could_confirm(typed: Type) -> None:
    typed("3\n")

    with pytest.raises(CommandError) as refused:
        confirm("Cancel 3 runs?", yes=False, number=3, as_json=True, look="--plan")

    assert str(refused.value) == "Cancel 3 runs? With --json nobody is asked."
    assert refused.value.details == ("Say it beforehand: --yes.", "Only look: --plan.")

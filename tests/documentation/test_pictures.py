"""The pictures are what the code says."""

from documentation.pictures import FILE, states_of_a_run
from tock.core.run.status import LEGAL_MOVES, RunStatus


def test_the_picture_of_the_statuses_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == states_of_a_run(), "make pictures"


def test_it_has_every_move() -> None:
    moves = [(status, each) for status, others in LEGAL_MOVES.items() for each in others - {status}]

    drawn = states_of_a_run()

    assert drawn.count('class="m"') == sum(not each.terminal for _, each in moves) + sum(
        any(each.terminal for each in LEGAL_MOVES[status]) for status in RunStatus
    )
    assert drawn.count('class="e"') + drawn.count('class="g"') == sum(each.terminal for _, each in moves)

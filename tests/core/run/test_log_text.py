"""What is kept of a long text of a log event."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tock.core.run.gate import MAX_MESSAGE, log_text_of


def test_a_text_that_fits_stays_as_it_is() -> None:
    assert log_text_of("a\n" * 2_000) == ("a\n" * 2_000, False)


def test_a_long_line_is_cut_at_its_end() -> None:
    assert log_text_of("x" * 5_000) == ("x" * MAX_MESSAGE, True)


def test_of_many_lines_the_middle_is_left_out() -> None:
    text = "\n".join(["Traceback:", *(f"  line {number}" for number in range(1_000)), "ValueError: wrong"])

    kept, cut = log_text_of(text)

    lines = kept.split("\n")
    assert cut
    assert lines[:2] == ["Traceback:", "  line 0"]
    assert lines[-2:] == ["  line 999", "ValueError: wrong"]
    (mark,) = [line for line in lines if line.startswith("…")]
    assert mark == f"… {1_002 - (len(lines) - 1)} lines are left out …"


def test_a_long_line_among_others_is_cut() -> None:
    kept, cut = log_text_of("first\n" + "x" * 10_000 + "\nlast")

    assert (kept, cut) == ("first\n" + "x" * 999 + "…\nlast", True)


@given(st.lists(st.text(st.characters(exclude_characters="\n"), max_size=30), max_size=40), st.integers(1, 200))
@pytest.mark.parametrize("long", [1, 400])
def test_what_is_kept_is_never_longer_than_a_message(long: int, lines: list[str], times: int) -> None:
    text = "\n".join(line * long for line in lines * times)[:100_000]

    kept, cut = log_text_of(text)

    assert len(kept) <= MAX_MESSAGE
    assert cut == (len(text) > MAX_MESSAGE)

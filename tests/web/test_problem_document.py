"""What a problem document leaves out of the texts that it shows."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tock.web.problem_document import without_userinfo

#: What is left out, as plainly as it can be said; it takes the square of the text's length, or its cube.
_PLAIN = re.compile(r"//.*@|\S*:\S*@", re.DOTALL)
_LONG = 1_000_000


@given(st.text(alphabet="a:/@ \n", max_size=40))
def test_user_and_password_are_left_out(text: str) -> None:
    assert without_userinfo(text) == _PLAIN.sub("(withheld)@", text)


@pytest.mark.parametrize(
    "text", ["x" * _LONG, ":" * _LONG, "a@" + "/" * _LONG, "a:" * _LONG, "a@ " * _LONG], ids=lambda t: t[:3]
)
def test_a_long_text_without_any_is_returned(text: str) -> None:
    """With a look at each pair of characters, one of these would take minutes."""
    assert without_userinfo(text) == text

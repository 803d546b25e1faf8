"""A turn of the chat, with the turns before it."""

import tock.testing

from agents import chat


def test_a_turn_knows_what_was_said_before() -> None:
    run = tock.testing.run(chat, message="What did I say?", session=["My name is Ada."])

    assert run.result == "You said 2 things. First: My name is Ada."
    assert run.session == ["My name is Ada.", "What did I say?"]

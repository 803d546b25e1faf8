"""What becomes of a letter, by the decision on it."""

import tock.testing

from agents import send_letter


def test_an_approved_letter_is_sent() -> None:
    run = tock.testing.run(send_letter, message="Hello", answers=[tock.testing.approve("Go ahead", by="user:ada")])

    assert run.result == {"sent": True, "decided_by": "user:ada", "note": "Go ahead"}
    assert [kind for kind, _ in run.emitted] == ["sent"]


def test_a_letter_that_nobody_decides_on_is_not_sent() -> None:
    run = tock.testing.run(send_letter, message="Hello", answers=[tock.testing.no_answer()])

    assert run.result["sent"] is False
    assert run.emitted == ()

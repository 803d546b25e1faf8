"""Runs the agents in this process; `pytest` needs nothing else."""

import tock.testing

from agents import hello


def test_hello_greets_whoever_the_message_names() -> None:
    run = tock.testing.run(hello, message="Ada")

    assert run.result == "Hello, Ada!"

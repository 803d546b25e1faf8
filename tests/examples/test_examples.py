"""Each example does what its README says, on a stack of its own."""

from pathlib import Path

import pytest

from examples.reader import EXAMPLES, reader_of

#: The examples that their own tests run in another way.
ELSEWHERE = {"cloud_run_service", "coding_agent"}
#: What each other example shows, in this order.
SHOWN = {
    "approval": [
        "Send this letter? Your order is on its way.",
        '"note": "Go ahead"',
        "rejected by",
        '"note": "Too blunt"',
    ],
    "callback": ['progress  {"step": "counting"}', '"words": 3'],
    "digest_by_command": ['progress  {"commits": 1}', '"headline": "Digest of the shop: 1 commit"', "Europe/Berlin"],
    "resumed_chat": ["You said 1 thing.", "You said 2 things.", "You said 3 things. First: My name is Ada."],
    "digest_by_model": ["tool  ", "Ada: Begin", "succeeded"],
}


def test_every_example_has_a_test() -> None:
    assert {folder.name for folder in EXAMPLES.iterdir()} == ELSEWHERE | SHOWN.keys()


@pytest.mark.slow
@pytest.mark.parametrize("example", SHOWN)
def test_an_example_shows_what_its_readme_says(example: str, tmp_path: Path) -> None:
    with reader_of(example, folder=tmp_path) as reader:
        reader.read()

    at = 0
    for words in SHOWN[example]:
        at = reader.output.find(words, at)
        assert at >= 0, f"{words!r} does not come next in: {reader.output}"

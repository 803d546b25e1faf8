"""Each example does what its README says, on a stack of its own."""

import re
from pathlib import Path

import pytest

from documentation.pages import codes
from examples.reader import EXAMPLES, reader_of
from tock import packaged_files

#: The examples that their own tests run in another way.
ELSEWHERE = {"cloud_run_service", "coding_agent"}
#: What is on every terminal once the tests of an example have passed.
PASSED = " passed in "
#: What each other example shows, in this order.
SHOWN = {
    "approval": [
        "Send this letter? Your order is on its way.",
        '"note": "Go ahead"',
        "rejected by",
        '"note": "Too blunt"',
        PASSED,
    ],
    "callback": ['progress  {"step": "counting"}', '"words": 3'],
    "digest_by_command": ['progress  {"commits": 1}', '"headline": "Digest of the shop: 1 commit"', "Europe/Berlin"],
    "resumed_chat": ["You said 1 thing.", "You said 2 things.", "You said 3 things. First: My name is Ada.", PASSED],
    "digest_by_model": ["tool  ", "Ada: Begin", "succeeded"],
    "python": ['progress  {"greeting": "Ada"}', "Hello, Ada!", "every-minute", PASSED],
    "http": ['"words": 3'],
    "command": ['progress  {"words": ["three", "little", "words"]}', '"words": 3'],
    "llm": ["succeeded", "Europe/Berlin"],
    "zones": [
        *("report-berlin", "2027-03-26T09:00:00+01:00", "2027-03-29T09:00:00+02:00", "6 orders"),
        *('fallback  {"numbers": "unknown"}', "tokyo", PASSED),
    ],
}


def test_every_example_has_a_test() -> None:
    assert {folder.name for folder in EXAMPLES.iterdir() if folder.is_dir()} == ELSEWHERE | SHOWN.keys()


def test_the_index_names_every_example_and_marks_the_templates() -> None:
    lines = re.findall(r"^\| \[(\w+)\]\(\1\)( \*)? \|", (EXAMPLES / "README.md").read_text(), re.MULTILINE)

    assert {name for name, _ in lines} == ELSEWHERE | SHOWN.keys()
    assert {name for name, star in lines if star} == packaged_files.templates().keys()


@pytest.mark.parametrize("page", ["README.md", "docs/start.md"])
def test_a_start_page_shows_the_agents_that_tock_init_writes(page: str) -> None:
    assert codes(page, "python") == [(EXAMPLES / "python" / "agents.py").read_text(encoding="utf-8")]


@pytest.mark.slow
@pytest.mark.parametrize("example", SHOWN)
def test_an_example_shows_what_its_readme_says(example: str, firestore_emulator: str, tmp_path: Path) -> None:
    with reader_of(example, folder=tmp_path, firestore=firestore_emulator) as reader:
        reader.read()

    at = 0
    for words in SHOWN[example]:
        at = reader.output.find(words, at)
        assert at >= 0, f"{words!r} does not come next in: {reader.output}"

"""A Firestore that has stopped: people are told, and see no empty list instead."""

import os
import signal

from playwright.sync_api import Page, expect

from browser.conftest import Console
from browser.processes import process_of
from end_to_end.running_stack import RunningStack


def test_a_stopped_firestore_is_an_error_and_no_empty_list(stack: RunningStack, console: Console, page: Page) -> None:
    run = console.run(console.agent("works"), settled=False)
    page.goto(console.url("runs"))
    row = page.get_by_role("row", name=run["id"][:8])
    expect(row).to_be_visible()
    another = page.context.new_page()
    emulator = process_of(stack, b"-Duser.language=en")

    os.kill(emulator, signal.SIGSTOP)
    try:
        answer = another.goto(console.url("runs"))

        assert answer is not None
        assert answer.status == 503
        expect(another.get_by_role("alert")).to_contain_text("Firestore")
        expect(another.get_by_text("Nothing has run yet")).to_have_count(0)
        # The list that was open reads itself anew: it stays, and says why it is not up to date.
        expect(page.get_by_role("alert")).to_contain_text("Firestore")
        expect(row).to_be_visible()
    finally:
        os.kill(emulator, signal.SIGCONT)
    another.reload()
    expect(another.get_by_role("row", name=run["id"][:8])).to_be_visible()

"""The event buffer keeps each event as it was when the agent emitted it."""

import threading
from datetime import datetime, timedelta

from core.builders import NOON, a_run
from tock.app.execution.attempt.event_buffer import MAX_PENDING_BYTES, EventBuffer
from tock.core.run.events.event import Event


class StoppedClock:
    def now(self) -> datetime:
        return NOON

    async def sleep(self, length: timedelta) -> None:
        raise AssertionError(f"nobody sleeps here, not even {length}")


def a_log() -> EventBuffer:
    return EventBuffer(run=a_run(), clock=StoppedClock(), retention=timedelta(days=90))


def test_an_agent_may_go_on_changing_what_it_emitted() -> None:
    log, state = a_log(), {"step": 1}

    log.emit("progress", state)
    state["step"] = 2
    log.emit("progress", state)

    chunk = log.next_chunk()
    assert chunk is not None
    assert [event.data for event in chunk.events] == [{"step": 1}, {"step": 2}]


def test_what_is_not_json_is_kept_as_text_and_what_is_long_is_cut_both_marked() -> None:
    log = a_log()

    log.emit("odd", {1})
    log.emit("long", "x" * 100_000)

    chunk = log.next_chunk()
    assert chunk is not None
    odd, long = chunk.events
    assert (odd.data, odd.truncated) == ("{1}", True)
    assert (len(long.data), long.truncated) == (16 * 1024 - 2, True)


def test_what_waits_for_its_write_is_bounded_and_the_rest_is_counted() -> None:
    log = a_log()

    for _ in range(100_000):
        log.emit("line", "x" * 100)

    kept: list[Event] = []
    while (chunk := log.next_chunk()) is not None:
        kept += chunk.events
        log.written(chunk)
    *lines, told = kept
    assert len(lines) * 350 <= MAX_PENDING_BYTES
    assert (told.kind, told.data) == ("run.events_dropped", {"count": 100_000 - len(lines)})
    assert [event.seq for event in kept] == list(range(kept[0].seq, kept[0].seq + len(kept)))


def test_every_thread_may_emit() -> None:
    log = a_log()
    threads = [threading.Thread(target=lambda: [log.emit("line", number) for number in range(500)]) for _ in range(8)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    seen: list[int] = []
    while (chunk := log.next_chunk()) is not None:
        seen += [event.seq for event in chunk.events]
        log.written(chunk)
    assert seen == list(range(seen[0], seen[0] + 4000))


def test_a_chunk_that_was_offered_does_not_grow_until_it_is_written() -> None:
    log = a_log()
    log.emit("first", None)
    offered = log.next_chunk()
    log.emit("second", None)

    again = log.next_chunk()
    assert again is offered
    assert again is not None
    log.written(again)

    following = log.next_chunk()
    assert following is not None
    assert [event.kind for event in following.events] == ["second"]

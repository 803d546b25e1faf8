"""The event buffer keeps each event as it was when the agent emitted it."""

from datetime import datetime, timedelta

from core.builders import NOON, a_run
from tock.app.execution.event_buffer import EventBuffer


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
    assert (len(long.data), long.truncated) == (16 * 1024, True)


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

"""The kinds of the events that Tock itself adds to a run."""

from enum import StrEnum


class EventKind(StrEnum):
    """What an event of Tock's own says.

    The run's document tells most of them (see `history`); its runner writes those that are noted during an attempt.
    """

    #: The run was created: `source`, `scheduled_for`, `agent`, and `by` whom; `trigger`, `retry_of` and `resumed_from`
    #: if it has them.
    CREATED = "run.created"
    #: It waits for an earlier run (`behind`), or in line for a slot of a limit (`in_line`).
    HELD = "run.held"
    #: The earlier run has ended, or a slot is free: `behind` or `in_line`, as before.
    PROMOTED = "run.promoted"
    #: An attempt began; `agent_revision` says with which version of the agent.
    STARTED = "run.started"
    #: An attempt ended: its `status`, its `error` and its `usage`.
    ATTEMPT_ENDED = "run.attempt_ended"
    #: Another attempt follows: its number (`attempt`), how many there may be (`of`), and when it comes (`at`).
    RETRY_SCHEDULED = "run.retry_scheduled"
    #: The agent asked for another leg: its number (`attempt`) and when it comes (`at`).
    CONTINUED = "run.continued"
    #: The run waits: `wait_for`, `question`, `deadline` and what happens then (`on_deadline`).
    WAITING = "run.waiting"
    #: The wait has ended: `by` whom, and what the answer says (`approved`, `note`, `value`).
    ANSWERED = "run.answered"
    #: The run has ended: its `status` with the `result`, the `error` or the `reason`, and how many messages no attempt
    #: took (`untaken_messages`). It is always the last event.
    SETTLED = "run.settled"
    #: An attempt took a message: what the message is, and `by` whom.
    SIGNAL = "run.signal"
    #: The runner heard that somebody asks to stop the run: `by` whom, and the `reason`.
    CANCEL_REQUESTED = "run.cancel_requested"
    #: Something that the run's readers should know, and that fails nothing (`text`).
    WARNING = "run.warning"
    #: Events before this one were dropped, because an attempt had too many: how many (`count`).
    EVENTS_DROPPED = "run.events_dropped"
    #: The agent blocked the event loop that it shares with others: for how many `seconds`, and `where`.
    LOOP_BLOCKED = "run.loop_blocked"
    #: Another agent blocks the event loop that this one shares: for how many `seconds`.
    LOOP_WAITING = "run.loop_waiting"
    #: Work of the attempt goes on although it has ended: what is `alive`.
    WORK_ABANDONED = "run.work_abandoned"

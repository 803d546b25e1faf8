"""The durations and limits of the engine that a deployment can change."""

from dataclasses import dataclass
from datetime import timedelta

#: The most shards: a query over all of them is then four, because one takes 30 (Firestore, "Query limitations").
MAX_SHARDS = 120


@dataclass(frozen=True, slots=True)
class Timing:
    """The durations and limits; the defaults fit a tick each minute and a Cloud Tasks delivery of 30 minutes."""

    #: How far ahead a tick claims: more than the minute between ticks, so that a late tick makes no run late.
    look_ahead: timedelta = timedelta(seconds=90)
    #: How long after its due time a queued run may stay unclaimed before the sweep sends another task.
    grace: timedelta = timedelta(seconds=15)
    #: How long a lease lasts without a heartbeat.
    lease: timedelta = timedelta(seconds=40)
    #: How often a runner extends its lease, and so how soon it notices a request to cancel.
    heartbeat: timedelta = timedelta(seconds=10)
    #: How long after its timeout a running attempt is ended by the sweep.
    backstop: timedelta = timedelta(seconds=30)
    #: How often the sweep looks at a held run; usually the earlier run's settlement has promoted it long before.
    held_recheck: timedelta = timedelta(minutes=5)
    #: How much earlier than its due time a delivery may start its run; an earlier one means that a clock is off.
    early_tolerance: timedelta = timedelta(seconds=2)
    #: How long a tick works. Cloud Scheduler never runs one job twice at once, so a longer tick would delay the next.
    tick_budget: timedelta = timedelta(seconds=50)
    #: The shortest accepted distance between two fire times of a schedule.
    shortest_interval: timedelta = timedelta(seconds=10)
    #: How long a settled run is stored.
    retention: timedelta = timedelta(days=90)
    #: How many lost attempts a run may have; one more fails it.
    max_lost: int = 3
    #: How long a process lives after it was told to end (Cloud Run, "Container runtime contract").
    shutdown_notice: timedelta = timedelta(seconds=10)
    #: How many attempts of a run may be handed back for free; further ones count as lost.
    max_handed_back: int = 10
    #: How far ahead a continuation claims, since it works on a crowd or on a backlog.
    crowd_look_ahead: timedelta = timedelta(minutes=10)
    #: More unclaimed triggers within `crowd_look_ahead` are a crowd. One process claims about twice as many in its
    #: claim budget (`make bench-tick`).
    crowd: int = 10_000
    #: How long one stream of events lasts at most: less than the timeout of the function that sends it.
    longest_stream: timedelta = timedelta(minutes=14)
    #: How many shards spread the writes to growing indexes: each takes 500 a second (Firestore, "Best practices").
    shards: int = 8

    @property
    def claim_budget(self) -> timedelta:
        """How long the minute's tick claims: seven tenths of its budget (35 s of 50 s); the sweep gets the rest."""
        return self.tick_budget * 7 / 10

    @property
    def stop_margin(self) -> timedelta:
        """How long before the end of its lease a runner that cannot extend it stops its agent.

        At most 5 s, and short enough that one failed heartbeat does not stop the agent.
        """
        return min(timedelta(seconds=5), (self.lease - 2 * self.heartbeat) / 2)

"""The engine's times and bounds: how far it looks ahead, how long it waits, how much it takes at once."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Timing:
    """What a deployment may tune; the defaults fit a tick each minute and a Cloud Tasks delivery of 30 minutes."""

    #: A tick claims what falls due within it; longer than the minute between ticks, so a late tick makes nothing late.
    look_ahead: timedelta = timedelta(seconds=90)
    #: How long after its due time a queued run may stay unclaimed before the sweep sends another task.
    grace: timedelta = timedelta(seconds=15)
    #: How long a runner owns its run without a heartbeat.
    lease: timedelta = timedelta(seconds=40)
    #: How often a runner extends its lease, and so how soon it notices a request to cancel.
    heartbeat: timedelta = timedelta(seconds=10)
    #: How long after its timeout a running attempt is ended from outside.
    backstop: timedelta = timedelta(seconds=30)
    #: How often the sweep looks at a held run; its predecessor's settlement promotes it long before.
    held_recheck: timedelta = timedelta(minutes=5)
    #: How much earlier than its due time a delivery may start; more is a clock that is off.
    early_tolerance: timedelta = timedelta(seconds=2)
    #: How long a tick works before it leaves the rest to others: Cloud Scheduler never runs two of a job at once.
    tick_budget: timedelta = timedelta(seconds=50)
    #: The densest schedule that is accepted.
    shortest_interval: timedelta = timedelta(seconds=10)
    #: How long a settled run is kept.
    retention: timedelta = timedelta(days=90)
    #: Attempts whose runner disappeared before the run fails.
    max_lost: int = 3
    #: How long a process that is told to end may go on (Cloud Run, "Container runtime contract").
    shutdown_notice: timedelta = timedelta(seconds=10)
    #: Attempts that may be handed back at no cost; further ones count as lost, whatever keeps ending their processes.
    max_handed_back: int = 10
    #: How many shards spread the ever-growing indexes: each carries 500 writes a second (Firestore, "Best practices").
    shards: int = 8

    @property
    def claim_budget(self) -> timedelta:
        """How long the minute's tick claims: seven tenths of its budget (35 s of 50); the rest is the sweep's."""
        return self.tick_budget * 7 / 10

    @property
    def stop_margin(self) -> timedelta:
        """How long before the end of its lease a runner that cannot extend it stops its agent.

        At most 5 s, and never so long that one failed heartbeat would already be the end.
        """
        return min(timedelta(seconds=5), (self.lease - 2 * self.heartbeat) / 2)

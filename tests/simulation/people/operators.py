"""People who edit agents and triggers, and start, retry and cancel runs, at random and several at once."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from simulation.seeded_random import SeededRandom
from tock.app.execution.cancel import cancel
from tock.app.manage.agents import delete_agent, edit_agent
from tock.app.manage.triggers.create_trigger import create_trigger
from tock.app.manage.triggers.delete_trigger import delete_trigger
from tock.app.manage.triggers.edit_trigger import edit_trigger
from tock.app.services import Services
from tock.app.start.retry import ConfigChoice, RetryOptions, retry
from tock.app.start.run_now import RunOptions, run_agent, run_trigger
from tock.core.policies import CatchUp, CatchUpMode, Overlap, Retry, SessionMode
from tock.core.schedule.schedule import CronSchedule, IntervalSchedule, OnceSchedule, Schedule
from tock.core.trigger.cancel_choice import CancelChoice
from tock.core.trigger.trigger import TriggerSpec

AGENTS = ("careful", "busy")
TRIGGERS = ("t1", "t2", "t3", "t4")
#: The idempotency keys of requests that start or retry runs.
KEYS = ("key1", "key2", "key3", "key4")
_CRONS = ("* * * * *", "*/2 * * * *", "* * * * * */20", "30 2 * * *", "0 * * * *", "*/7 */1 * * *", "15,45 * * * * 30")
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")


@dataclass
class People:
    """The people who use the API. Each call of `request` returns one request by one of them."""

    random: SeededRandom
    projects: tuple[str, ...]
    #: Decides which triggers continue one conversation; None if none does. Apart, so that other draws stay as they are.
    sessions: SeededRandom | None = None
    #: The runs that they know of, by project and id.
    known: list[tuple[str, str]] = field(default_factory=list)
    #: What the last request was about; the next one is often about the same trigger.
    project: str = ""
    trigger: str = ""
    #: Called with the project, key and run of every answer to a request that starts a run.
    launched: Callable[[str, str | None, str], None] = lambda _project, _key, _run: None

    def request(
        self, services: Services, *, now: datetime, about: tuple[str, str] | None
    ) -> tuple[str, Coroutine[Any, Any, Any]]:
        """Return the next request: its name and the call of the use case."""
        self.project, self.trigger = about or (self.random.one_of(self.projects), self.random.one_of(TRIGGERS))
        project = self.project
        ask = self.random.weighted(
            (
                (self._edit, 5.0),
                (self._pause, 3.0),
                (self._resume, 3.0),
                (self._delete, 1.0),
                (self._create, 2.0),
                (self._run_trigger, 3.0),
                (self._run_agent, 2.0),
                (self._retry, 2.0),
                (self._cancel, 3.0),
                (self._edit_agent, 1.0),
                (self._delete_agent, 0.3),
            )
        )
        return ask(services, project, now)

    def spec(self, *, now: datetime) -> TriggerSpec:
        """Return a random specification of a trigger."""
        random = self.random
        start = now + random.time(0, 300) if random.happens(0.1) else None
        agent, schedule, overlap = random.one_of(AGENTS), self.schedule(now=now), random.one_of(tuple(Overlap))
        return TriggerSpec(
            agent=agent,
            schedule=schedule,
            overlap=overlap,
            session=self._session(overlap),
            queue_depth=random.whole(1, 3),
            catch_up=CatchUp(mode=random.one_of(tuple(CatchUpMode)), window=random.time(60, 3600)),
            retry=Retry(
                max_retries=random.whole(0, 2),
                delay=timedelta(seconds=random.whole(1, 40)),
                give_up_at_next=random.happens(0.3),
            ),
            start_deadline=random.time(5, 400) if random.happens(0.2) else None,
            timeout=timedelta(seconds=random.whole(5, 120)),
            start=start,
            end=(start or now) + random.time(60, 900) if random.happens(0.1) else None,
        )

    def _session(self, overlap: Overlap) -> SessionMode:
        if self.sessions is None or overlap is Overlap.PARALLEL or self.sessions.happens(0.4):
            return SessionMode.NEW
        return SessionMode.CONTINUE

    def schedule(self, *, now: datetime) -> Schedule:
        """Return a random schedule, seldom denser than twice a minute."""
        random = self.random
        match random.weighted((("every", 6.0), ("cron", 3.0), ("once", 1.0))):
            case "every":
                seconds = random.weighted(((10, 1.0), (20, 1.0), (45, 2.0), (60, 2.0), (150, 2.0), (300, 1.0)))
                whole = now.replace(microsecond=0)
                return IntervalSchedule(
                    every=timedelta(seconds=seconds), anchor=whole + timedelta(seconds=random.whole(0, 59))
                )
            case "cron":
                return CronSchedule(cron=random.one_of(_CRONS), time_zone=random.one_of(_ZONES))
        return OnceSchedule(at=(now + random.time(1, 600)).replace(microsecond=0).astimezone(UTC))

    def _edit(self, services: Services, project: str, now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        trigger = self.trigger
        field_name = self.random.one_of(
            ("schedule", "schedule", "overlap", "catch_up", "agent", "name", "timeout", "everything")
        )
        wanted = self.spec(now=now)
        changes: dict[str, Any] = {"name": f"n{self.random.whole(1, 9)}"} if field_name == "name" else {}
        if field_name == "everything":
            changes = {
                name: getattr(wanted, name)
                for name in ("schedule", "overlap", "session", "catch_up", "queue_depth", "start", "end")
            }
        elif field_name != "name":
            changes = {field_name: getattr(wanted, field_name)}
        if field_name == "overlap":
            # One of them may not fit the other as it is.
            changes["session"] = wanted.session
        if "overlap" in changes:
            # Only a parallel trigger has a limit, which `limits.py` sets.
            changes["max_parallel"] = None
        asked = edit_trigger(services, project=project, trigger=trigger, changes=changes, by="editor")
        return f"edit {project}/{trigger} {field_name}", asked

    def _pause(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        trigger = self.trigger
        changes, choice = {"enabled": False}, self.random.one_of(tuple(CancelChoice))
        asked = edit_trigger(services, project=project, trigger=trigger, changes=changes, by="pauser", cancel=choice)
        return f"pause {project}/{trigger} cancel {choice}", asked

    def _resume(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        trigger = self.trigger
        asked = edit_trigger(services, project=project, trigger=trigger, changes={"enabled": True}, by="resumer")
        return f"resume {project}/{trigger}", asked

    def _delete(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        trigger, choice = self.trigger, self.random.one_of(tuple(CancelChoice))
        asked = delete_trigger(services, project=project, trigger=trigger, by="deleter", cancel=choice)
        return f"delete {project}/{trigger} cancel {choice}", asked

    def _create(self, services: Services, project: str, now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        trigger = self.trigger
        asked = create_trigger(services, project=project, identifier=trigger, spec=self.spec(now=now), by="author")
        return f"create {project}/{trigger}", asked

    def _run_trigger(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        trigger, key = self.trigger, self._key()
        asked = run_trigger(services, project=project, trigger=trigger, options=RunOptions(), key=key, by="starter")
        return f"run {project}/{trigger} key {key}", self._started(asked, key)

    def _run_agent(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        agent, key = self.random.one_of(AGENTS), self._key()
        options = RunOptions(subject=self.random.one_of((None, "a", "b")), timeout=timedelta(seconds=60))
        asked = run_agent(services, project=project, agent=agent, options=options, key=key, by="starter")
        return f"run agent {project}/{agent} key {key} subject {options.subject}", self._started(asked, key)

    def _retry(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        project, run = self._known(project)
        options = RetryOptions(config=self.random.one_of(tuple(ConfigChoice)))
        key = self._key()
        asked = retry(services, project=project, run=run, options=options, key=key, by="repeater")
        return f"retry {run[:8]} key {key}", self._started(asked, key)

    def _cancel(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        project, run = self._known(project)
        return f"cancel {run[:8]}", cancel(services, project=project, run=run, reason="enough", by="canceller")

    def _edit_agent(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        agent, enabled = self.random.one_of(AGENTS), self.random.happens(0.6)
        asked = edit_agent(services, project=project, agent=agent, changes={"enabled": enabled}, by="owner")
        return f"agent {project}/{agent} enabled {enabled}", asked

    def _delete_agent(self, services: Services, project: str, _now: datetime) -> tuple[str, Coroutine[Any, Any, Any]]:
        agent = self.random.one_of(AGENTS)
        return f"delete agent {project}/{agent}", delete_agent(services, project=project, agent=agent, by="owner")

    def _known(self, project: str) -> tuple[str, str]:
        return self.random.one_of(self.known[-40:]) if self.known else (project, "no-such-run")

    def _key(self) -> str | None:
        return self.random.one_of((None, self.random.one_of(KEYS)))

    async def _started(self, asked: Coroutine[Any, Any, Any], key: str | None) -> Any:
        launched = await asked
        self.launched(launched.run.project, key, launched.run.id)
        self.known.append((launched.run.project, launched.run.id))
        return launched

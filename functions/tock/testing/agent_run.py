"""`tock.testing.run` and `arun`: one run of one agent, through the engine that a deployment has, without any server."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tock.app.execution.execute import Delivery, Receipt, execute
from tock.app.run_events import run_events
from tock.app.services import Services
from tock.app.start.answer import answer
from tock.app.tick.sweep import sweep
from tock.bootstrap.moved_clock import SIZE, MovedClock
from tock.bootstrap.system_clock import SystemClock, SystemRandomSource
from tock.core.agent.agent import AgentSpec
from tock.core.agent.session import part_id
from tock.core.errors import InvalidArgument
from tock.core.fields.types import Identifier
from tock.core.mask import Mask
from tock.core.policies import Retry, Timeout
from tock.core.run.gate import state_of
from tock.core.run.messages.signal import SignalKind
from tock.core.run.run import Run
from tock.core.run.run_token import TOKEN_PATTERN
from tock.core.run.status import RunStatus
from tock.core.schedule.time_zones import instead_of_time_zone, is_time_zone
from tock.core.time.instant import Instant
from tock.core.timing import Timing
from tock.core.trigger.trigger import Input
from tock.definitions.fields import Duration, RetryFields
from tock.definitions.registry import AgentDefinition
from tock.ports.executor import Executor
from tock.ports.host import Previous
from tock.ports.queue import Task, TickContinuation
from tock.testing.answers import GivenByTest
from tock.testing.described_agent import described_agent, executor_of
from tock.testing.given_run import RUN, GivenRun
from tock.testing.one_run_store import OneRunStore
from tock.testing.result import Result

#: More events than a run can have.
_ALL_EVENTS = 1_000_000_000
#: The receipts of a delivery that has done its work.
_DONE = (Receipt.SETTLED, Receipt.NOT_STARTED)


def run(
    agent: Callable[..., Any] | AgentDefinition,
    *,
    payload: Mapping[str, Any] | None = None,
    message: str | None = None,
    model: str | None = None,
    ref: str | None = None,
    project: str = "test",
    trigger: str | None = None,
    scheduled_for: datetime | str | None = None,
    time_zone: str = "UTC",
    attempt: int = 1,
    state: Any = None,
    session: Any = None,
    previous: Previous | None = None,
    messages: Sequence[str] = (),
    follow_ups: Sequence[str] = (),
    answers: Sequence[GivenByTest] = (),
    timeout: Duration | None = None,
    retry: RetryFields | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Result:
    """Run an agent once, and return what its run came to; see `arun`, which does the same in an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        pass
    else:
        raise RuntimeError("An event loop runs already: write `await tock.testing.arun(…)` instead.")
    return asyncio.run(
        arun(
            agent,
            payload=payload,
            message=message,
            model=model,
            ref=ref,
            project=project,
            trigger=trigger,
            scheduled_for=scheduled_for,
            time_zone=time_zone,
            attempt=attempt,
            state=state,
            session=session,
            previous=previous,
            messages=messages,
            follow_ups=follow_ups,
            answers=answers,
            timeout=timeout,
            retry=retry,
            secrets=secrets,
        )
    )


async def arun(
    agent: Callable[..., Any] | AgentDefinition,
    *,
    payload: Mapping[str, Any] | None = None,
    message: str | None = None,
    model: str | None = None,
    ref: str | None = None,
    project: str = "test",
    trigger: str | None = None,
    scheduled_for: datetime | str | None = None,
    time_zone: str = "UTC",
    attempt: int = 1,
    state: Any = None,
    session: Any = None,
    previous: Previous | None = None,
    messages: Sequence[str] = (),
    follow_ups: Sequence[str] = (),
    answers: Sequence[GivenByTest] = (),
    timeout: Duration | None = None,  # noqa: ASYNC109 - the run's policy, which the engine keeps
    retry: RetryFields | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Result:
    """Run an agent once, and return what its run came to: its status, result, events, usage, checkpoints and waits.

    The run goes through the engine of a deployment: its claim, its gate, its judging of what the agent shows, its
    settlement and its next legs. A function is called in this process, with or without `@tock.agent`. An agent of
    another kind works as it does on a local stack, with the TOCK_ variables of the environment.

    Args:
        agent: a function, async or plain, or what `tock.agent` returned.
        payload: the run's input, a JSON object.
        message: a template, as a trigger's: `{{payload.repo}}` becomes that value of the payload.
        model: the model that the run asks for.
        ref: the version or branch that it asks for.
        project: its project's id.
        trigger: its trigger's id; without one it is a run on request.
        scheduled_for: its fire time, as an aware time or RFC 3339 text; by default now. The run's clock begins there.
        time_zone: the IANA name of its schedule's zone.
        attempt: the number of the attempt that begins, from 1. Those before it count as handed back.
        state: what an earlier attempt saved by `checkpoint`.
        session: the conversation that it goes on with, any JSON value; None for a new one.
        previous: how earlier runs of its trigger ended.
        messages: what people tell it while it works (steers).
        follow_ups: what people tell it for after its turn; they come behind the messages.
        answers: what ends its waits, in their order: `approve()`, `reject()`, `reply(value)`, `call_back(value)`,
            `no_answer()`. Without an answer the run stays `waiting`.
        timeout: how long an attempt may take, from 1 s to 29 min of real time; by default the agent's, or 5 min.
        retry: the retry policy; by default a failed attempt is not repeated. Nothing waits for the time in between.
        secrets: the deployment's secrets, by the name that agents give them (`PROJECT/NAME`); masked in all that the
            agent says.

    Raises:
        InvalidArgument: an argument is not valid, or an answer does not fit its wait; answers are left over.
        DefinitionsRefused: the agent's definition is not valid.
    """
    masked = dict(secrets or {})
    described = described_agent(agent)
    given = GivenRun(
        project=_valid(Identifier, project, "project"),
        trigger=None if trigger is None else _valid(Identifier, trigger, "trigger"),
        given=_input(payload=payload, message=message, model=model, ref=ref),
        time_zone=_time_zone(time_zone),
        scheduled_for=SystemClock().now() if scheduled_for is None else _valid(Instant, scheduled_for, "scheduled_for"),
        attempt=_attempt(attempt),
        state=state_of(state),
        has_session=session is not None,
        session=session,
        previous=previous,
        messages=(
            *((SignalKind.STEER, text) for text in messages),
            *((SignalKind.FOLLOW_UP, text) for text in follow_ups),
        ),
        timeout=_valid(Timeout, described.policies.get("timeout", "5m") if timeout is None else timeout, "timeout"),
        retry=_valid(Retry, {"max_retries": 0} if retry is None else retry, "retry"),
    )
    timing = Timing()
    store = OneRunStore(given.documents(agent=described.id, spec=described.spec, timing=timing))
    clock = MovedClock(bytearray(SIZE))
    clock.go_on_from(given.scheduled_for)
    services = Services(
        store=store,
        queue=_NoQueue(),
        clock=clock,
        random=SystemRandomSource(),
        timing=timing,
        executors=_executors(described.spec, executor_of(described, project=project, secrets=masked)),
        mask=Mask(masked.values(), patterns=[TOKEN_PATTERN]),
    )
    ended = await _until_end(services, clock, project=project, answers=list(answers))
    events = await run_events(services, ended, since=-1, limit=_ALL_EVENTS)
    return Result(
        run=ended, events=events.events, checkpoints=tuple(store.checkpoints), session=await _conversation(store, ended)
    )


async def _until_end(services: Services, clock: MovedClock, *, project: str, answers: list[GivenByTest]) -> Run:
    """Deliver the run's attempts and legs, and answer its waits, until it has ended or waits without an answer."""
    while True:
        found = await services.store.run(project, RUN)
        if found is None:
            raise LookupError("the run is gone")
        at = found.value
        if at.status is RunStatus.QUEUED:
            clock.move_to(at.due_at)
            delivery = Delivery(project=project, run=RUN, attempt=at.attempt, dispatch=at.dispatch)
            receipt = await execute(services, delivery)
            if receipt not in _DONE:
                raise RuntimeError(f"The run was not settled: its delivery ended as {receipt}.")
        elif at.status is RunStatus.WAITING and answers:
            await _answer(services, clock, at, answers.pop(0))
        else:
            break
    if answers:
        remedy = f"{len(answers)} of the answers were not asked for: the run is {at.status}; leave them out"
        raise InvalidArgument(field="answers", value=answers, remedy=remedy)
    return at


async def _answer(services: Services, clock: MovedClock, at: Run, given: GivenByTest) -> None:
    if given.wait_for is None:
        clock.move_to(at.check_at or at.scheduled_for)
        await sweep(services, deadline=clock.now() + services.timing.tick_budget)
        return
    value = state_of(given.value, field="answers.value")
    asked = at.attempts[-1].wait
    if asked is None or asked.wait_for is not given.wait_for:
        waits_for = "nothing" if asked is None else asked.wait_for
        remedy = f"the run waits for {waits_for}: give `{_MAKER.get(waits_for, 'no_answer')}()` for that"
        raise InvalidArgument(field="answers", value=given, remedy=remedy)
    by = given.by or f"run:{RUN}"
    await answer(
        services,
        project=at.project,
        run=RUN,
        wait_for=given.wait_for,
        by=by,
        approved=given.approved,
        note=given.note,
        value=value,
    )


#: What makes the answer to each wait.
_MAKER = {"approval": "approve", "input": "reply", "callback": "call_back"}


async def _conversation(store: OneRunStore, at: Run) -> Any:
    """Return the state of the run's session, or None."""
    if at.session is None or (found := await store.session(at.project, at.session)) is None:
        return None
    names = [part_id(found.value.revision, number) for number in range(found.value.parts)]
    parts = [await store.session_part(at.project, at.session, name) for name in names]
    return TypeAdapter(Any).validate_json("".join(part.value.text for part in parts if part is not None))


class _NoQueue:
    """Takes what the engine enqueues: the run that a test looks at is delivered by the test."""

    async def enqueue(self, tasks: Sequence[Task]) -> Mapping[Task, Any]:  # noqa: ARG002 - the port's signature
        """Accept each task."""
        return {}

    async def continue_tick(self, tick: TickContinuation) -> None:
        """Accept the continuation."""


def _executors(spec: AgentSpec, executor: Executor) -> Mapping[str, Executor]:
    return {spec.kind: executor}


def _input(**fields: Any) -> Input:
    given = {name: value for name, value in fields.items() if value is not None}
    valid: Input = _valid(Input, given, "input")
    return valid


def _time_zone(name: str) -> str:
    if not is_time_zone(name):
        raise InvalidArgument(field="time_zone", value=name, remedy=instead_of_time_zone(name))
    return name


def _attempt(number: int) -> int:
    most = 100
    if not 1 <= number <= most:
        raise InvalidArgument(field="attempt", value=number, remedy=f"give a whole number from 1 to {most}")
    return number


def _valid(kind: Any, value: object, field: str) -> Any:
    """Return the value as the API's own field reads it. Raises InvalidArgument."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as exc:
        [first, *_] = exc.errors(include_url=False)
        inner = ".".join(str(part) for part in first["loc"])
        name = f"{field}.{inner}".rstrip(".")
        raise InvalidArgument(field=name, value=first["input"], remedy=str(first["msg"])) from exc

"""`tock.trigger`: defines when an agent runs, with which input and policies."""

import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal

from tock.definitions.fields import CatchUpFields, Duration, EvidenceFields, RetryFields, given
from tock.definitions.place import Place
from tock.definitions.registry import MARK, AgentDefinition, TriggerDefinition, define
from tock.definitions.schedules import Schedule


def trigger(
    identifier: str,
    agent: Callable[..., Any] | AgentDefinition | str,
    schedule: Schedule,
    *,
    message: str | None = None,
    payload: object = None,
    model: str | None = None,
    ref: str | None = None,
    name: str | None = None,
    description: str | None = None,
    overlap: Literal["skip", "queue", "parallel", "replace"] | None = None,
    queue_depth: int | None = None,
    max_parallel: int | None = None,
    session: Literal["new", "continue"] | None = None,
    catch_up: Literal["latest", "all", "none"] | CatchUpFields | None = None,
    start_deadline: Duration | None = None,
    retry: RetryFields | None = None,
    timeout: Duration | None = None,
    evidence: EvidenceFields | None = None,
    progress_every: Duration | None = None,
    start: str | datetime | None = None,
    end: str | datetime | None = None,
    enabled: bool | None = None,
    labels: Mapping[str, str] | None = None,
) -> TriggerDefinition:
    """Define a trigger of an agent: a function with `@tock.agent`, what `tock.agent` returned, or an agent's id.

    `schedule` is a `tock.cron`, `tock.every` or `tock.at`. `message` is a template: `{{payload.repo}}` becomes that
    value of `payload`, which is a JSON object, a pydantic model or a dataclass; `{{scheduled_for}}` the fire time.
    The other arguments are the trigger's fields in the API, with its bounds and defaults: `timeout` 5 min, `retry` two
    retries after 60 s, unless the agent in code has others; `overlap` is `skip`, `catch_up` is `latest` within an hour.
    `start` and `end` are RFC 3339 texts with an offset, or aware datetimes.

    Nothing is checked here: `tock plan` names the file, line, field and value of every mistake, and the remedy.
    """
    known = agent if isinstance(agent, AgentDefinition) else getattr(agent, MARK, None)
    policies = known.policies if isinstance(known, AgentDefinition) else {}
    fields = given(
        agent=known.id if isinstance(known, AgentDefinition) else agent,
        schedule=schedule,
        input=given(message=message, payload=payload, model=model, ref=ref) or None,
        name=name,
        description=description,
        overlap=overlap,
        queue_depth=queue_depth,
        max_parallel=max_parallel,
        session=session,
        catch_up={"mode": catch_up} if isinstance(catch_up, str) else catch_up,
        start_deadline=start_deadline,
        retry=retry,
        timeout=timeout,
        evidence=evidence,
        progress_every=progress_every,
        start=start,
        end=end,
        enabled=enabled,
        labels=labels,
    )
    made = TriggerDefinition(
        id=identifier, place=Place.of_caller(inspect.currentframe()), fields={**policies, **fields}
    )
    define(made)
    return made

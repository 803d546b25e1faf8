"""Routes of an agent that works elsewhere: it calls back, sends events and saves its state with the run's token."""

from typing import Annotated, Any

from fastapi import Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from tock.app.start.answer import answer
from tock.app.start.save_state import save_state
from tock.app.start.send_events import SentEvent
from tock.app.start.send_events import send_events as store_events
from tock.core.mask import Mask
from tock.core.run.gate import state_of
from tock.core.run.outcome import WaitFor
from tock.web.api.routing import RUN, Caller, RunTokenRoute, UseServices, api_router
from tock.web.bearer_token import bearer_token
from tock.web.resources.runs.received import Received

router = api_router(tag="runs", route=RunTokenRoute)
#: The most events of one request.
MOST_EVENTS = 100


CallingAttempt = Annotated[
    int | None,
    Query(
        ge=1,
        description="The attempt whose request this answers, as the callback's URL says. A callback that comes after "
        "the answer to that attempt, or to a later one, is refused. Default: any attempt.",
    ),
]


class SentEvents(BaseModel):
    """Events of an agent, oldest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    events: tuple[SentEvent, ...] = Field(min_length=1, max_length=MOST_EVENTS)


class Checkpoint(BaseModel):
    """What an agent saves for the attempts and legs after this one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Any = Field(description="Any JSON value.")


@router.post(f"{RUN}:callback")
async def callback_run(
    *,
    request: Request,
    project: str,
    run: str,
    caller: Caller,
    services: UseServices,
    attempt: CallingAttempt = None,
    body: Annotated[
        Any,
        Body(description='The result, any JSON value; or `{"error": {"type", "message", "retryable"}}` for a failure.'),
    ] = None,
) -> Received:
    """Give the run that waits for its agent the result or the failure; its next leg ends with it.

    The same body again changes nothing.
    """
    value = _mask(request)(services.mask(state_of(body, field="body")))
    answered = await answer(
        services,
        project=project,
        run=run,
        wait_for=WaitFor.CALLBACK,
        by=caller.author,
        value=value,
        attempt=attempt,
    )
    return Received.of(answered)


@router.post(f"{RUN}/events")
async def send_events(*, request: Request, project: str, run: str, services: UseServices, body: SentEvents) -> Received:
    """Append events to a run whose agent works elsewhere, while no attempt of the run is at work."""
    mask = _mask(request)
    stored = await store_events(
        services,
        project=project,
        run=run,
        events=body.events,
        mask=lambda value: mask(services.mask(value)),
    )
    return Received.of(stored)


@router.post(f"{RUN}:checkpoint")
async def checkpoint_run(
    *, request: Request, project: str, run: str, services: UseServices, body: Checkpoint
) -> Received:
    """Save a JSON value of at most 256 KiB, which the next attempts of the run are given as `state`."""
    state = _mask(request)(services.mask(state_of(body.state)))
    return Received.of(await save_state(services, project=project, run=run, state=state))


def _mask(request: Request) -> Mask:
    """Return what masks the token of this request in what the agent sends."""
    return Mask([bearer_token(request.headers) or ""])

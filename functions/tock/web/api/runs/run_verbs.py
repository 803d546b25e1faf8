"""Routes of what people do with a run: steer it, answer what it waits for, and go on from where it ended."""

from fastapi import Response

from tock.app.start.answer import answer
from tock.app.start.resume import ResumeOptions, resume
from tock.app.start.run_command import CommandOptions, run_command
from tock.app.start.send_signal import send_signal
from tock.core.run.messages.signal import SignalKind
from tock.core.run.outcome import WaitFor
from tock.web.api.launched import REPEATED, answer_launched
from tock.web.api.routing import RUN, Caller, Key, UseServices, api_router
from tock.web.resources.runs.run import RunResource
from tock.web.resources.runs.signal import SignalResource
from tock.web.resources.runs.verb_request import Given, SteerRequest, Verdict

router = api_router(tag="runs")


@router.post(f"{RUN}:steer", status_code=202)
async def steer_run(
    *, project: str, run: str, caller: Caller, services: UseServices, key: Key, body: SteerRequest
) -> SignalResource:
    """Send a message to an active run. The attempt that works takes it within a second, or else the next one does."""
    signal = await send_signal(
        services,
        project=project,
        run=run,
        kind=SignalKind(body.mode),
        message=body.message,
        key=key,
        by=caller.author,
    )
    return SignalResource.of(signal)


@router.post(f"{RUN}:resume", status_code=202, responses=REPEATED)
async def resume_run(
    *,
    project: str,
    run: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    key: Key,
    body: ResumeOptions | None = None,
) -> RunResource:
    """Start a run that goes on with the conversation of a settled one, with feedback as the next turn."""
    options = body or ResumeOptions()
    return answer_launched(
        await resume(services, project=project, run=run, options=options, key=key, by=caller.author), response
    )


@router.post(f"{RUN}:exec", status_code=202, responses=REPEATED)
async def exec_run(
    *,
    project: str,
    run: str,
    response: Response,
    caller: Caller,
    services: UseServices,
    key: Key,
    body: CommandOptions,
) -> RunResource:
    """Start a run of a command of the deployment's configuration in the workspace of a settled run."""
    launched = await run_command(services, project=project, run=run, options=body, key=key, by=caller.author)
    return answer_launched(launched, response)


@router.post(f"{RUN}:approve")
async def approve_run(
    *, project: str, run: str, caller: Caller, services: UseServices, body: Verdict | None = None
) -> RunResource:
    """Approve what a run waits for; its next leg starts. A second request changes nothing."""
    return await _decide(services, project=project, run=run, approved=True, by=caller.author, verdict=body)


@router.post(f"{RUN}:reject")
async def reject_run(
    *, project: str, run: str, caller: Caller, services: UseServices, body: Verdict | None = None
) -> RunResource:
    """Reject what a run waits for; its next leg starts, and finds the rejection. A second request changes nothing."""
    return await _decide(services, project=project, run=run, approved=False, by=caller.author, verdict=body)


@router.post(f"{RUN}:answer")
async def answer_run(*, project: str, run: str, caller: Caller, services: UseServices, body: Given) -> RunResource:
    """Give a run the answer that it waits for; its next leg starts. A second request changes nothing."""
    answered = await answer(
        services,
        project=project,
        run=run,
        wait_for=WaitFor.INPUT,
        by=caller.author,
        note=body.note,
        value=body.value,
        attempt=body.attempt,
    )
    return RunResource.of(answered)


async def _decide(
    services: UseServices, *, project: str, run: str, approved: bool, by: str, verdict: Verdict | None
) -> RunResource:
    given = verdict or Verdict()
    answered = await answer(
        services,
        project=project,
        run=run,
        wait_for=WaitFor.APPROVAL,
        by=by,
        approved=approved,
        note=given.note,
        attempt=given.attempt,
    )
    return RunResource.of(answered)

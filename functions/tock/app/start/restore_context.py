"""What a retry takes over from the run that it repeats besides its input: the conversation, and where it began."""

from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.core.agent.session import Session, session_subject
from tock.core.errors import FailedPrecondition
from tock.core.ids.derived import lock_id
from tock.core.run.run import Run
from tock.ports.executor import Ability


async def restore_context(services: Services, source: Run, again: Run, *, agent: Agent) -> Run:
    """Return the retry with the conversation and the start of the workspace of its source.

    What cannot be as it was is a warning on the retry. Raises FailedPrecondition if nothing is left of the conversation
    that the source was to go on with: its feedback would mean nothing in another one.
    """
    if source.follow_up is not None:
        # A command has no conversation, and works in what there is of its workspace.
        return again
    if source.session not in {None, source.id}:
        again = await _with_conversation(services, source, again)
    if source.resumed_from is not None:
        # Its workspace begins with what that run kept, as the source's did.
        return again
    return _with_start(services, source, again, agent=agent)


async def _with_conversation(services: Services, source: Run, again: Run) -> Run:
    name = source.session or ""
    found = await services.store.session(source.project, name)
    if found is None and source.resumed_from is not None:
        remedy = "the conversation that it went on with has expired: start a new run of the agent instead"
        raise FailedPrecondition(field="run", value=source.id, remedy=remedy)
    subject = session_subject(name)
    restored = again.model_copy(
        update={
            "session": name,
            "resumed_from": source.resumed_from,
            "subject": subject,
            "lock": lock_id(subject=subject),
        }
    )
    return restored if found is None else _warned(restored, _went_on(source, found.value))


def _went_on(source: Run, session: Session) -> str | None:
    """Return a sentence if the conversation is not as the source found it."""
    if source.started is None or session.updated < source.started:
        return None
    return (
        f"The conversation went on since run {source.id} began, last in run {session.last_run}: this run goes on "
        "from there."
    )


def _with_start(services: Services, source: Run, again: Run, *, agent: Agent) -> Run:
    if source.workspace is not None and source.workspace.start_commit is not None:
        return again.model_copy(update={"start_commit": source.workspace.start_commit})
    if source.start_commit is not None:
        return again.model_copy(update={"start_commit": source.start_commit})
    has_workspace = Ability.WORKSPACE in services.executors[agent.kind].abilities(agent.config)
    if source.started is None or not has_workspace:
        return again
    return _warned(again, f"It is not known at which commit run {source.id} began: this run begins at its ref's head.")


def _warned(run: Run, sentence: str | None) -> Run:
    return run if sentence is None else run.model_copy(update={"warnings": (*run.warnings, sentence)})

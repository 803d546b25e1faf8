"""The task that an Agent2Agent server makes of a message, as its updates have told it so far."""

from dataclasses import dataclass, field
from typing import Any

from a2a.types import Artifact, Message, StreamResponse, TaskState

from tock.core.run.gate import usage_of
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, Usage
from tock.executors.a2a.parts import result_of, text_of, usage_in, value_of
from tock.executors.stated_usage import stated_usage
from tock.ports.executor import RunContext

#: In these states nothing more comes of the task by itself.
ENDED = frozenset(
    {
        TaskState.TASK_STATE_COMPLETED,
        TaskState.TASK_STATE_FAILED,
        TaskState.TASK_STATE_CANCELED,
        TaskState.TASK_STATE_REJECTED,
        TaskState.TASK_STATE_INPUT_REQUIRED,
        TaskState.TASK_STATE_AUTH_REQUIRED,
    }
)
#: What the end of a task means for its run, if it has not succeeded: the error's type, and whether to try again.
_FAILURES = {
    TaskState.TASK_STATE_FAILED: ("task_failed", True),
    TaskState.TASK_STATE_CANCELED: ("task_canceled", False),
    TaskState.TASK_STATE_REJECTED: ("task_rejected", False),
    TaskState.TASK_STATE_AUTH_REQUIRED: ("auth_required", False),
}


@dataclass
class FollowedTask:
    """What is known of a task; each news of it becomes an event of the run."""

    context: RunContext
    id: str = ""
    context_id: str = ""
    state: TaskState = TaskState.TASK_STATE_UNSPECIFIED
    said: Message = field(default_factory=Message)
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    #: What the server said last that the task consumed, in `usage` of its metadata.
    usage: Usage = field(default_factory=Usage)
    #: The answer of a server that makes no task of a message.
    answer: Message | None = None

    @property
    def ended(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.answer is not None or self.state in ENDED

    def take(self, news: StreamResponse) -> None:
        """Note what the server sent, and report what is new of it."""
        match news.WhichOneof("payload"):
            case "task":
                self.id, self.context_id = news.task.id, news.task.context_id
                for artifact in news.task.artifacts:
                    self._add(artifact, append=False)
                self._count(news.task.metadata)
                self._note(news.task.status.state, news.task.status.message)
            case "status_update":
                update = news.status_update
                self.id, self.context_id = update.task_id, update.context_id
                self._count(update.metadata)
                self._note(update.status.state, update.status.message)
            case "artifact_update":
                self._add(news.artifact_update.artifact, append=news.artifact_update.append)
            case "message":
                self.answer, self.context_id = news.message, news.message.context_id
                self._count(news.message.metadata)
                self._emit("message", {"role": "agent", "text": text_of(news.message)})

    def outcome(self) -> AgentOutcome:
        """Return what the end of the task means, unless it asks for input."""
        if self.answer is not None:
            return Succeeded(value_of(self.answer.parts))
        if self.state in _FAILURES:
            kind, retryable = _FAILURES[self.state]
            said = text_of(self.said) or "It gave no reason."
            word = _word(self.state)
            return Failed(type=kind, message=f"The agent's task is {word}: {said}", retryable=retryable)
        result = result_of(list(self.artifacts.values()))
        return Succeeded(text_of(self.said) or None if result is None else result)

    def _note(self, state: TaskState, said: Message) -> None:
        if (state, text_of(said)) != (self.state, text_of(self.said)):
            text = text_of(said)
            self._emit("progress", {"state": _word(state), **({"text": text} if text else {})})
        self.state, self.said = state, said

    def _add(self, artifact: Artifact, *, append: bool) -> None:
        known = self.artifacts.get(artifact.artifact_id)
        if not append and known == artifact:
            return
        if append and known is not None:
            known.parts.extend(artifact.parts)
        else:
            self.artifacts[artifact.artifact_id] = artifact
        data = {"id": artifact.artifact_id, "name": artifact.name, "value": value_of(artifact.parts), "append": append}
        self._emit("artifact", data)

    def report_usage(self) -> None:
        """Add what the task has consumed since the leg before, if the server has said that."""
        if self.usage == Usage():
            return
        counted, _ = usage_of(stated_usage((self.context.state or {}).get("usage")) or Usage())
        stated, problem = usage_of(self.usage)
        # The host says what is wrong with usage that is not valid.
        self.context.host.use(self.usage if problem else _since(counted, stated))

    def _count(self, metadata: Any) -> None:
        """Note what the task has consumed so far, if the server says so: the last word counts."""
        self.usage = usage_in(metadata) or self.usage

    def _emit(self, kind: str, data: dict[str, object]) -> None:
        self.context.emit(kind, data)


def _since(before: Usage, now: Usage) -> Usage:
    """Return what was consumed between two counts of one task."""
    return Usage(
        input_tokens=max(0, now.input_tokens - before.input_tokens),
        output_tokens=max(0, now.output_tokens - before.output_tokens),
        cost=max(0.0, now.cost - before.cost),
        model=now.model,
    )


def _word(state: TaskState) -> str:
    """Return the state in the protocol's words, such as `input-required`."""
    return TaskState.Name(state).removeprefix("TASK_STATE_").lower().replace("_", "-")

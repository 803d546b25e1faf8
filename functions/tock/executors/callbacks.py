"""What agents get so that a service can call back, and what happens to a wait for a callback that nobody can make."""

from dataclasses import dataclass, replace

from tock.core.run.gate import INVALID_OUTCOME
from tock.core.run.outcome import AgentOutcome, Failed, WaitFor, Waiting
from tock.core.run.run_token import RunTokens
from tock.ports.executor import Callback, RunContext


@dataclass(frozen=True, slots=True)
class Callbacks:
    """The API's public URL, and what makes the tokens of runs."""

    url: str
    tokens: RunTokens

    def of_attempt(self, *, project: str, run: str, attempt: int) -> Callback:
        """Return what a service that this attempt calls needs to call back."""
        path = self._path(project=project, run=run)
        return Callback(
            url=f"{path}:callback?attempt={attempt}",
            events_url=f"{path}/events",
            checkpoint_url=f"{path}:checkpoint",
            token=self.tokens.token(project=project, run=run),
        )

    def of_triggers(self, *, project: str, run: str) -> dict[str, str]:
        """Return the member `own_triggers` of the request to an agent that may work with its own triggers."""
        path = self._path(project=project, run=run)
        return {"url": f"{path}/triggers", "token": self.tokens.token(project=project, run=run)}

    def _path(self, *, project: str, run: str) -> str:
        return f"{self.url.rstrip('/')}/v1/projects/{project}/runs/{run}"


def with_callback(context: RunContext, callbacks: Callbacks | None) -> RunContext:
    """Return the context with what the agent may pass on, if the deployment takes callbacks."""
    if callbacks is None:
        return context
    return replace(
        context, callback=callbacks.of_attempt(project=context.project, run=context.run, attempt=context.attempt)
    )


def require_callbacks(outcome: AgentOutcome, callbacks: Callbacks | None) -> AgentOutcome:
    """Return the outcome, or a final failure if it waits for a callback and the deployment takes none."""
    if callbacks is not None or not isinstance(outcome, Waiting) or outcome.wait_for is not WaitFor.CALLBACK:
        return outcome
    message = (
        "The agent waits for a callback, and this deployment takes none until TOCK_RUN_TOKEN_KEY and TOCK_API_URL are "
        "set: set them, or wait for an input."
    )
    return Failed(type=INVALID_OUTCOME, message=message, retryable=False, usage=outcome.usage)

"""`tock.agent`: defines an agent, as a decorator of its function or, for other kinds, by its configuration."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar, overload

from tock.definitions.fields import Duration, EvidenceFields, RetryFields, given
from tock.definitions.place import Place
from tock.definitions.registry import ANNOTATION, MARK, AgentDefinition, define

_Function = TypeVar("_Function", bound=Callable[..., Any])


@overload
def agent(function: _Function, /) -> _Function: ...


@overload
def agent(
    identifier: str | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    enabled: bool | None = None,
    concurrency: int | None = None,
    evidence: EvidenceFields | None = None,
    output: object = ANNOTATION,
    progress_every: Duration | None = None,
    labels: Mapping[str, str] | None = None,
    timeout: Duration | None = None,
    retry: RetryFields | None = None,
    isolation: Literal["loop", "process"] | None = None,
) -> Callable[[_Function], _Function]: ...


@overload
def agent(
    identifier: str,
    /,
    *,
    kind: str,
    config: Mapping[str, Any],
    name: str | None = None,
    description: str | None = None,
    enabled: bool | None = None,
    concurrency: int | None = None,
    evidence: EvidenceFields | None = None,
    output: object = None,
    progress_every: Duration | None = None,
    labels: Mapping[str, str] | None = None,
    timeout: Duration | None = None,
    retry: RetryFields | None = None,
) -> AgentDefinition: ...


def agent(
    identifier: Any = None,
    /,
    *,
    kind: str | None = None,
    config: Mapping[str, Any] | None = None,
    name: str | None = None,
    description: str | None = None,
    enabled: bool | None = None,
    concurrency: int | None = None,
    evidence: EvidenceFields | None = None,
    output: object = ANNOTATION,
    progress_every: Duration | None = None,
    labels: Mapping[str, str] | None = None,
    timeout: Duration | None = None,
    retry: RetryFields | None = None,
    isolation: Literal["loop", "process"] | None = None,
) -> Any:
    """Define an agent: `@tock.agent`, `@tock.agent(timeout="5m")` or `@tock.agent("digest", concurrency=2)`.

    The decorated function stays as it is, and can be called as before. It is a public function of a module, takes the
    run as its only argument, and is the agent's callable; its name is the agent's id unless another one is given.

    `tock.agent("hook", kind="http", config={"url": "https://…"})` defines an agent of another kind, without a function.

    `name` (its title), `description`, `enabled`, `concurrency` (1 to 100 runs at once), `evidence`, `progress_every`
    and `labels` are the agent's fields in the API. `timeout` (1 s to 29 min for one attempt) and `retry` are the
    policies of those of its triggers in code that name this function and have none of their own. `output` is the type
    that its results must fit: by default what the function's annotation says, if that names pydantic models or
    dataclasses; None for any result. `isolation` is `process` for an async function that needs a process of its own.

    Nothing is checked here: `tock plan` names the file, line, field and value of every mistake, and the remedy.
    """
    here = Place.of_caller(inspect.currentframe())
    fields = given(
        name=name,
        description=description,
        enabled=enabled,
        concurrency=concurrency,
        evidence=evidence,
        progress_every=progress_every,
        labels=labels,
    )
    policies = given(timeout=timeout, retry=retry)
    if kind is not None or config is not None:
        described = given(kind=kind, config=config) | fields
        wanted = None if output is ANNOTATION else output
        other = AgentDefinition(str(identifier), here, described, policies, output=wanted)
        define(other)
        return other

    def decorate(function: _Function) -> _Function:
        target = f"{function.__module__}:{getattr(function, '__qualname__', type(function).__qualname__)}"
        described = {"kind": "python", "config": given(callable=target, isolation=isolation)} | fields
        made = AgentDefinition(
            identifier or getattr(function, "__name__", type(function).__name__),
            Place.of_function(function, otherwise=here),
            described,
            policies,
            function=function,
            output=output,
        )
        setattr(function, MARK, made)
        define(made)
        return function

    if callable(identifier):
        function, identifier = identifier, None
        return decorate(function)
    return decorate

"""The agent that a test names: its fields as the API has them, and what runs it."""

import os
import secrets as random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tock.core.agent.agent import AgentSpec
from tock.core.errors import InvalidArgument
from tock.core.run.run_token import SHORTEST_KEY, RunTokens
from tock.definitions.place import Place
from tock.definitions.registry import MARK, AgentDefinition
from tock.executors.callbacks import Callbacks
from tock.manifest.code.modules import written
from tock.manifest.entry import checked
from tock.manifest.problem import DefinitionsRefused
from tock.ports.executor import Executor
from tock.testing.in_process import InProcess

#: Where agents call back, if anything passes that on: nothing answers there.
_URL = "http://tock.test/"


@dataclass(frozen=True, slots=True)
class DescribedAgent:
    """An agent, checked as `tock plan` checks it."""

    id: str
    spec: AgentSpec
    #: The policies of the definition: `timeout` and `retry`, as they were written.
    policies: Mapping[str, Any]
    #: What a test calls; None for an agent of another kind.
    function: Callable[..., Any] | None


def described_agent(agent: object) -> DescribedAgent:
    """Return the agent that a definition, a decorated or an undecorated function stands for.

    A function may be defined anywhere, also in a test: nobody imports it by its name. Raises DefinitionsRefused,
    InvalidArgument.
    """
    definition = agent if isinstance(agent, AgentDefinition) else getattr(agent, MARK, None)
    if not isinstance(definition, AgentDefinition):
        definition = _undecorated(agent)
    found, problems = written(definition)
    real = [problem for problem in problems if problem.field != "config.callable"]
    if real:
        raise DefinitionsRefused(real)
    entry = checked(found)
    if isinstance(entry, list):
        raise DefinitionsRefused(entry)
    if not isinstance(entry.spec, AgentSpec):
        raise InvalidArgument(field="agent", value=agent, remedy="give a function, or what tock.agent returned")
    function = definition.function if callable(definition.function) else None
    return DescribedAgent(id=entry.id, spec=entry.spec, policies=definition.policies, function=function)


def _undecorated(agent: object) -> AgentDefinition:
    if not callable(agent):
        remedy = "give a function, or what tock.agent returned"
        raise InvalidArgument(field="agent", value=agent, remedy=remedy)
    module, name = getattr(agent, "__module__", ""), getattr(agent, "__qualname__", type(agent).__qualname__)
    fields = {"kind": "python", "config": {"callable": f"{module}:{name}"}}
    place = Place.of_function(agent, otherwise=Place(module=module, file="", line=0))
    return AgentDefinition("agent", place, fields, {}, function=agent)


def executor_of(described: DescribedAgent, *, project: str, secrets: Mapping[str, str]) -> Executor:
    """Return what runs the agent: its function here, or the executor of its kind as a local stack has it.

    Raises InvalidArgument: no executor of this kind is installed, or it refuses the agent's configuration.
    """
    key = random.token_urlsafe(SHORTEST_KEY)
    if described.function is not None:
        return InProcess(described.function, callbacks=Callbacks(url=_URL, tokens=RunTokens(key)))
    from tock.testing.local_executors import local_executors  # noqa: PLC0415 - Python agents need no Google library

    found = local_executors(secrets=secrets, run_token_key=key, api_url=_URL, environment=os.environ)
    executor = found[described.spec.kind]
    executor.check(described.spec.config, project=project)
    return executor

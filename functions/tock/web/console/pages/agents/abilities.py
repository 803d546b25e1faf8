"""What an agent can do, in words."""

from collections.abc import Iterable

from tock.app.services import Services
from tock.core.agent.agent import Agent
from tock.ports.executor import Ability

_WORDS = {
    Ability.STEER: "takes messages while it works",
    Ability.RESUME: "goes on with a conversation",
    Ability.WAIT: "waits for an answer",
    Ability.WORKSPACE: "works in a git workspace",
    Ability.REF: "takes a branch or a version",
    Ability.LIST_TRIGGERS: "lists its own triggers",
    Ability.MANAGE_TRIGGERS: "creates and deletes triggers of its own",
}
#: The same for a list, where there is room for a word.
_SHORT = {
    Ability.STEER: "messages",
    Ability.RESUME: "conversations",
    Ability.WAIT: "questions",
    Ability.WORKSPACE: "workspace",
    Ability.REF: "versions",
    Ability.LIST_TRIGGERS: "lists triggers",
    Ability.MANAGE_TRIGGERS: "makes triggers",
}


def abilities_of(services: Services, agent: Agent) -> tuple[Ability, ...] | None:
    """Return what the agent can do, or None if this deployment has no executor of its kind."""
    if agent.kind not in services.executors:
        return None
    able = services.executors[agent.kind].abilities(agent.config)
    return tuple(ability for ability in _WORDS if ability in able)


def in_short(abilities: Iterable[Ability]) -> str:
    """Return what these abilities are about: `messages, questions`."""
    return ", ".join(_SHORT[ability] for ability in abilities)


def in_words(abilities: Iterable[Ability]) -> tuple[str, ...]:
    """Return what each of these abilities lets an agent do."""
    return tuple(_WORDS[ability] for ability in abilities)

"""Masks secrets in the outcome of an attempt, and in what it says that it consumed."""

from dataclasses import fields, replace

from tock.core.mask import Mask
from tock.core.run.outcome import AgentOutcome, Failed, Succeeded, Usage, Waiting


def masked_outcome(outcome: AgentOutcome, mask: Mask) -> AgentOutcome:
    """Return the outcome with every secret masked in its texts and its result."""
    outcome = replace(outcome, usage=masked_usage(outcome.usage, mask))
    match outcome:
        case Waiting():
            return replace(outcome, question=mask(outcome.question))
        case Succeeded():
            return replace(outcome, result=mask(outcome.result), warnings=tuple(map(mask, outcome.warnings)))
        case Failed():
            return replace(outcome, type=mask(outcome.type), message=mask(outcome.message))
    return outcome


def masked_usage(usage: Usage, mask: Mask) -> Usage:
    """Return the usage with every secret masked, also where an agent gave a text in the place of a number."""
    given = {each.name: getattr(usage, each.name) for each in fields(usage)}
    return Usage(**{name: mask(value) if isinstance(value, str) else value for name, value in given.items()})

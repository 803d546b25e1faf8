"""What an attempt consumed in all, and what that costs: decided once, when the attempt settles."""

from dataclasses import replace

from tock.app.execution.attempt.leased_attempt import LeasedAttempt
from tock.core.run.consumed import Consumed
from tock.core.run.outcome import Continue, Failed, Outcome, Succeeded, Usage, Waiting
from tock.ports.prices import Prices


async def consumed_by(leased: LeasedAttempt, outcome: Outcome) -> Consumed:
    """Return what the attempt reported while it worked, and what its outcome states, with the cost of each model.

    1. A price that the deployment sets for a model counts, whatever cost the agent states.
    2. An agent that states a cost has stated all of it: nothing is added for its other models.
    3. Otherwise the published price counts. Tokens whose price is not known cost nothing, and are counted as such.
    """
    consumed = leased.consumed
    if isinstance(outcome, Succeeded | Failed | Waiting | Continue):
        consumed = consumed.add(outcome.usage)
    prices = leased.services.prices
    own = [_by_own_price(prices, part) for part in consumed.parts]
    stated = any(part.cost for part, known in zip(consumed.parts, own, strict=True) if known is None)
    return Consumed(
        tuple(
            [
                known or (part if stated else await _by_published_price(prices, part))
                for part, known in zip(consumed.parts, own, strict=True)
            ]
        )
    )


def _by_own_price(prices: Prices, usage: Usage) -> Usage | None:
    if usage.model is None:
        return None
    cost = prices.set_cost(usage.model, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    return None if cost is None else replace(usage, cost=cost)


async def _by_published_price(prices: Prices, usage: Usage) -> Usage:
    if usage.model is None or not usage.tokens:
        return replace(usage, unpriced_tokens=usage.tokens)
    cost = await prices.published_cost(usage.model, input_tokens=usage.input_tokens, output_tokens=usage.output_tokens)
    return replace(usage, unpriced_tokens=usage.tokens) if cost is None else replace(usage, cost=cost)

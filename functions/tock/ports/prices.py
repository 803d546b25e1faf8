"""The contract of the prices of models."""

from typing import Protocol


class Prices(Protocol):
    """Knows what tokens of a model cost, in US dollars."""

    def set_cost(self, model: str, *, input_tokens: int, output_tokens: int) -> float | None:
        """Return the cost by the price that this deployment sets for the model; None if it sets none."""
        ...

    async def published_cost(self, model: str, *, input_tokens: int, output_tokens: int) -> float | None:
        """Return the cost by the price that the model's provider publishes; None if it is not known. Never raises."""
        ...


class NoPrices:
    """Knows no price."""

    def set_cost(self, _model: str, *, input_tokens: int, output_tokens: int) -> float | None:  # noqa: ARG002
        """Return None."""
        return None

    async def published_cost(self, _model: str, *, input_tokens: int, output_tokens: int) -> float | None:  # noqa: ARG002
        """Return None."""
        return None

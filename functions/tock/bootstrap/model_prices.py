"""What models cost: by the deployment's own prices, and by those that genai-prices has collected."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime

import anyio

from tock.core.run.price import Price

_logger = logging.getLogger("tock")


class ModelPrices:
    """Knows the prices that a deployment sets and, where the extra `prices` is installed, the published ones.

    genai-prices brings its prices along as data: nothing is fetched. Price: its import takes two tenths of a second
    and 23 MiB, so the first attempt that needs a published price imports it, in a thread.
    """

    def __init__(self, own: Mapping[str, Price], *, now: Callable[[], datetime]) -> None:
        self._own = own
        self._now = now

    def set_cost(self, model: str, *, input_tokens: int, output_tokens: int) -> float | None:
        """Return the cost by the deployment's price for the model, named with or without its provider; or None."""
        price = self._own.get(model) or self._own.get(model.partition(":")[2])
        return None if price is None else price.of(input_tokens=input_tokens, output_tokens=output_tokens)

    async def published_cost(self, model: str, *, input_tokens: int, output_tokens: int) -> float | None:
        """Return the cost by the published price of the model, as `PROVIDER:NAME` or a name alone; or None."""
        return await anyio.to_thread.run_sync(_published, model, input_tokens, output_tokens, self._now())


def _published(model: str, input_tokens: int, output_tokens: int, at: datetime) -> float | None:
    try:
        from genai_prices import Usage, calc_price  # noqa: PLC0415 an extra, imported by the first who needs a price
    except ImportError:
        return None
    provider, _, name = model.partition(":") if ":" in model else ("", "", model)
    try:
        price = calc_price(
            Usage(input_tokens=input_tokens, output_tokens=output_tokens),
            model_ref=name,
            provider_id=provider or None,
            genai_request_timestamp=at,
        )
    except LookupError:
        # The library does not know the model. A price of a similar one would be a guess.
        return None
    except Exception:
        # Whatever the library stumbles over, the attempt settles.
        _logger.exception("price_not_known", extra={"fields": {"model": model}})
        return None
    return float(price.total_price)

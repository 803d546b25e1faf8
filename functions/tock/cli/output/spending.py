"""Words for what was consumed: tokens and money."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tock.core.run.run import RunUsage
    from tock.core.usage.sums import UsageSum

#: Below this many dollars, a cost is shown to a ten-thousandth of a cent.
_SMALL = 1.0


def tokens(usage: "RunUsage | UsageSum | None") -> str:
    """Return the tokens, input and output together; empty if there are none."""
    total = 0 if usage is None else usage.input_tokens + usage.output_tokens
    return f"{total:,}" if total else ""


def dollars(usage: "RunUsage | UsageSum | None") -> str:
    """Return the cost, and whether there are tokens that it does not cover; empty if nothing was consumed."""
    if usage is None:
        return ""
    if usage.unpriced_tokens and not usage.cost:
        return "unknown"
    if not usage.cost and not tokens(usage):
        return ""
    more = "+" if usage.unpriced_tokens else ""
    return f"${usage.cost:,.2f}{more}" if usage.cost >= _SMALL else f"${usage.cost:.6f}{more}"

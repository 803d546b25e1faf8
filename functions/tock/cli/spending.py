"""Words for what was consumed: tokens and money."""

from collections.abc import Mapping
from typing import Any

#: Below this many dollars, a cost is shown to a ten-thousandth of a cent.
_SMALL = 1.0


def tokens(usage: Mapping[str, Any] | None) -> str:
    """Return the tokens, input and output together; empty if there are none."""
    total = 0 if usage is None else usage["input_tokens"] + usage["output_tokens"]
    return f"{total:,}" if total else ""


def dollars(usage: Mapping[str, Any] | None) -> str:
    """Return the cost, and whether there are tokens that it does not cover; empty if nothing was consumed."""
    if usage is None:
        return ""
    cost, unpriced = usage["cost"], usage.get("unpriced_tokens", 0)
    if unpriced and not cost:
        return "unknown"
    if not cost and not tokens(usage):
        return ""
    return f"${cost:,.2f}" + ("+" if unpriced else "") if cost >= _SMALL else f"${cost:.6f}" + ("+" if unpriced else "")

"""How many entries a list has on all its pages, as one of the pages says it."""

from tock.ports.store import Total


def whole(total: Total, *, last: int, ends: bool) -> str:
    """Return in words how many entries the list has: at least those up to the last one of the page.

    `ends` is whether no page follows.
    """
    if ends and not total.exact:
        return f"{last:,}"
    return f"{'' if total.exact else 'more than '}{max(total.count, last):,}"

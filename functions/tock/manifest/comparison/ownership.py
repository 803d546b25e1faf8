"""Who may delete a resource: the label `managed-by` names the owner, who created it with `tock apply`."""

from collections.abc import Mapping

from tock.core.agent.agent import MANAGED_BY

#: The owner, unless one is named.
OWNER = "tock-apply"


def owned_labels(written: Mapping[str, str], *, current: Mapping[str, str] | None, owner: str) -> dict[str, str]:
    """Return the labels that a resource should have; `current` are those that it has, None if it is to be created.

    What `owner` creates is its own. A resource that exists keeps its owner, or has none, unless its labels say another.
    """
    if MANAGED_BY in written:
        return dict(written)
    has = owner if current is None else current.get(MANAGED_BY)
    return dict(written) if has is None else {**written, MANAGED_BY: has}


def foreign_owner(written: Mapping[str, str], *, current: Mapping[str, str], owner: str) -> str | None:
    """Return the other owner whose resource this is, or None if these definitions may change it."""
    has = current.get(MANAGED_BY)
    return None if has is None or has == owner or written.get(MANAGED_BY) is not None else has

"""List the versions of a trigger, the newest first."""

import re
from dataclasses import dataclass

from tock.app.services import Services
from tock.core.errors import InvalidArgument, NotFound
from tock.core.trigger.version import Version, versions
from tock.core.unreadable import Unreadable

_TOKEN = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A page of the versions of one trigger."""

    #: Those that can be read and those that cannot, in their order.
    found: tuple[Version | Unreadable, ...]
    #: What continues the list; None on the last page.
    next_token: str | None

    @property
    def items(self) -> tuple[Version, ...]:
        """The versions that can be read."""
        return tuple(each for each in self.found if isinstance(each, Version))

    @property
    def unreadable(self) -> tuple[Unreadable, ...]:
        """The versions that cannot be read."""
        return tuple(each for each in self.found if isinstance(each, Unreadable))


async def list_versions(
    services: Services, *, project: str, trigger: str, limit: int, token: str | None
) -> VersionPage:
    """Return the versions that were in force while runs are kept (90 days), of a deleted trigger, too.

    Price: each page reads all of them, as a proof does; people make few.

    Raises NotFound if there never was such a trigger, InvalidArgument if the token is of no page, StoreUnavailable.
    """
    if token is not None and _TOKEN.fullmatch(token) is None:
        remedy = "pass the next_page_token of the previous page, or leave it out"
        raise InvalidArgument(field="page_token", value=token[:1024], remedy=remedy)
    since = services.clock.now() - services.timing.retention
    stored = await services.store.revisions(project, trigger, since=since)
    if not stored:
        raise NotFound("trigger", trigger)
    found = versions(stored)
    rest = found if token is None else [each for each in found if _number(each) < int(token)]
    shown = tuple(rest[:limit])
    return VersionPage(shown, next_token=str(_number(shown[-1])) if len(rest) > limit else None)


def _number(version: Version | Unreadable) -> int:
    return int(version.id) if isinstance(version, Unreadable) else version.revision.number

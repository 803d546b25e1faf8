"""Saves the documents every few seconds and at the end, and says when the disk refuses them and when it takes them."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from tock.local.firestore.snapshots import NotSaved, Snapshots

#: The largest share of the time that snapshots may take, to limit the emulator's load.
_MAX_SHARE = 0.2


class Saver:
    """Saves snapshots; `log` is called with a sentence when that begins to fail, and when it works again."""

    def __init__(self, snapshots: Snapshots, *, log: Callable[[str], None]) -> None:
        self._snapshots = snapshots
        self._log = log
        self._is_failing = False

    async def run(self, *, every: timedelta) -> None:
        """Save for ever, with at least this pause in between."""
        loop = asyncio.get_running_loop()
        pause, warm = every.total_seconds(), False
        while True:
            await asyncio.sleep(pause)
            started = loop.time()
            failure = await self._save()
            if failure is not None and not self._is_failing:
                self._log(
                    f"documents cannot be saved ({failure}): what changed after {self._snapshots.last_time} is lost "
                    "when Tock stops, unless they can be saved again until then"
                )
            self._is_failing = failure is not None
            # The first export takes a second or two longer, because the emulator loads code: do not pause for that.
            pause = max(every.total_seconds(), (loop.time() - started) / _MAX_SHARE if warm else 0.0)
            warm = True

    async def finish(self) -> None:
        """Save a last time, or say what is lost."""
        failure = await self._save()
        if failure is not None:
            lost = f"what changed after {self._snapshots.last_time} is lost"
            self._log(f"documents could not be saved at the end ({failure}): {lost}")

    async def _save(self) -> str | None:
        """Return why saving failed, or None."""
        try:
            await self._snapshots.save()
        except NotSaved as exc:
            return str(exc)
        if self._is_failing:
            self._log("documents are saved again")
        return None

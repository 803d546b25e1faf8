"""Replaces this process when it holds work that nothing can stop."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from tock.app.log import log_event
from tock.ports.abandoned_work import AbandonedWork

#: How long this process refuses deliveries and waits for its other runs before it hands them back.
PATIENCE = timedelta(minutes=1)


class Drain:
    """Whether this process drains: an attempt has ended here, and its work goes on (`abandoned`).

    The run's next attempt must not start beside that work, so the process takes no delivery, and Cloud Tasks delivers
    again, perhaps to another process. It ends itself (`end`) as soon as it has no delivery under way; after a minute it
    hands its other runs back (`hand_back`), as at any end of a process. If the work ends by itself before, the process
    takes deliveries again. All this is decided at deliveries, because Cloud Run gives a process no time between them.
    """

    def __init__(self, *, abandoned: AbandonedWork, hand_back: Callable[[], None], end: Callable[[], None]) -> None:
        self.abandoned = abandoned
        self._hand_back = hand_back
        self._end = end
        self._under_way = 0
        self._since: datetime | None = None
        self._handed_back = False
        self._ended = False

    def refuses(self, *, now: datetime) -> bool:
        """Return whether a delivery must be refused."""
        if self._handed_back or self._ended:
            return True
        if not self.abandoned.any():
            self._since = None
            return False
        if self._since is None:
            self._since = now
            log_event("process_draining", level=logging.WARNING, under_way=self._under_way)
        if self._under_way == 0:
            self._end_process()
        elif now >= self._since + PATIENCE:
            self._handed_back = True
            self._hand_back()
        return True

    @contextmanager
    def delivery_under_way(self) -> Iterator[None]:
        """Count the delivery of the block; at its end, end the process if it drains and has no other one under way."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if self._under_way == 0 and (self._handed_back or self.abandoned.any()):
                self._end_process()

    def _end_process(self) -> None:
        if not self._ended:
            self._ended = True
            log_event("process_replaced", level=logging.WARNING)
            self._end()

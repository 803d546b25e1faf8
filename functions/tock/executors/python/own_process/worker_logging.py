"""Sends what an agent logs to the function, by its level; what it prints goes through pipes."""

import logging

from tock.executors.python.agent_output import level_of
from tock.executors.python.own_process.worker_host import ChannelHost

#: The most characters of a record; what becomes an event is shorter.
_MAX_RECORD = 64 * 1024


class SendingHandler(logging.Handler):
    """Sends each record to the function's process."""

    def __init__(self, host: ChannelHost) -> None:
        super().__init__()
        self._host = host

    def emit(self, record: logging.LogRecord) -> None:
        """Send the record."""
        try:
            text = self.format(record)[:_MAX_RECORD]
        except Exception:  # noqa: BLE001 - as every handler does: the arguments may be objects with code of their own
            self.handleError(record)
        else:
            self._host.log(text, level=level_of(record.levelno))

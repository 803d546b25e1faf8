"""Ends this process, so that the platform starts another one in its place."""

import os
import signal
import threading
import time
from datetime import timedelta

from tock.executors.kept_process.subreaper import end_descendants

#: How long the process may take to answer its requests, as long as Cloud Run gives it.
NOTICE = timedelta(seconds=10)


def end_process(*, within: timedelta = NOTICE) -> None:
    """Kill what this process has started, end it as at SIGTERM, and at the latest after `within`; return at once.

    On Google Cloud gunicorn then starts another process in its place.
    """
    # First: the signal may end this thread before it starts another one.
    threading.Thread(target=_end_at_last, args=[within], name="tock-end-at-last", daemon=True).start()
    threading.Thread(target=_end, name="tock-end", daemon=True).start()


def _end() -> None:
    # Before the signal: a server may end without running what is registered for the end.
    end_descendants()
    os.kill(os.getpid(), signal.SIGTERM)


def _end_at_last(within: timedelta) -> None:
    time.sleep(within.total_seconds())
    os._exit(1)

"""A program that ends itself although a thread of it, a process and its orphan work on; run by test_process_end.py."""

import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

from tock.bootstrap.process_end import end_process
from tock.executors.kept_process.subreaper import become_subreaper

MARK, HINDRANCE = sys.argv[1:]


def _start_slowly(thread: threading.Thread) -> None:
    _start(thread)
    time.sleep(0.5)


become_subreaper()
subprocess.run(["/bin/sh", "-c", f"setsid sleep 600.{MARK} >/dev/null 2>&1 &"], check=True)
subprocess.Popen(["/bin/sleep", f"600.{MARK}"])
if HINDRANCE != "none":
    # The program wants to end, and Python waits for the thread.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Thread(target=threading.Event().wait).start()
if HINDRANCE == "slow start":
    # What the first thread does is done before the next one starts.
    _start = threading.Thread.start
    threading.Thread.start = _start_slowly  # type: ignore[method-assign]  # a busy machine
end_process(within=timedelta(seconds=600 if HINDRANCE == "none" else 1))
threading.Event().wait()

"""A program that ends itself although a thread of it, a process and its orphan work on; run by test_process_end.py."""

import signal
import subprocess
import sys
import threading
from datetime import timedelta

from tock.bootstrap.process_end import end_process
from tock.executors.python.subreaper import become_subreaper

MARK, HINDRANCE = sys.argv[1:]

become_subreaper()
subprocess.run(["/bin/sh", "-c", f"setsid sleep 600.{MARK} >/dev/null 2>&1 &"], check=True)
subprocess.Popen(["/bin/sleep", f"600.{MARK}"])
if HINDRANCE == "thread":
    # The program wants to end, and Python waits for the thread.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    threading.Thread(target=threading.Event().wait).start()
end_process(within=timedelta(seconds=1 if HINDRANCE == "thread" else 600))
threading.Event().wait()

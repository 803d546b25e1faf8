"""Plain agents for the tests of the python executor, in a module that is quick to import."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

from tock.ports.executor import RunContext


def process_environment(_run: RunContext) -> dict[str, Any]:
    return {"path": sys.path, "environment": dict(os.environ), "input": sys.stdin.read()}


def prints(run: RunContext) -> str:
    sys.stdout.write('{"outcome": {"status": "succeeded", "result": "forged", "usage": {}}}\n')
    sys.stderr.write("to stderr\n")
    os.write(1, b"by descriptor\n")
    subprocess.run([sys.executable, "-c", "print('by a child')"], check=True)
    for number in range(200):
        sys.stdout.write(f"{'x' * 1000} {number}\n")
        run.emit("n", number)
    sys.stdout.write("the last words")
    return "done"


def sleeps(run: RunContext) -> None:
    run.emit("process", os.getpid())
    time.sleep(600)


def sleeps_in_c(run: RunContext) -> None:
    """Block inside C with the interpreter's lock held, where no Python signal handler ever runs."""
    run.emit("process", os.getpid())
    mutex = ctypes.create_string_buffer(64)
    for _ in range(2):
        ctypes.PyDLL(None).pthread_mutex_lock(mutex)


def ignores_the_signal(run: RunContext) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    run.emit("process", os.getpid())
    while True:
        time.sleep(600)


def cleans_up(run: RunContext) -> None:
    try:
        run.emit("process", os.getpid())
        time.sleep(600)
    finally:
        Path(run.input["file"]).write_text(f"cleaned, cancelled={run.cancelled}", encoding="utf-8")


def waits_to_be_asked(run: RunContext) -> str:
    run.emit("process", os.getpid())
    while not run.cancelled:
        time.sleep(0.01)
    return "stopped when asked"


def with_a_child(run: RunContext) -> None:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    run.emit("process", child.pid)
    time.sleep(600)


def leaves_a_child(run: RunContext) -> str:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    run.emit("process", child.pid)
    return "done"


def forks_and_dies(run: RunContext) -> None:
    child = os.fork()
    if child == 0:
        time.sleep(600)
        os._exit(0)
    run.emit("process", child)
    os.kill(os.getpid(), signal.SIGSEGV)


def kills_itself(run: RunContext) -> None:
    os.kill(os.getpid(), getattr(signal, run.input["signal"]))
    time.sleep(600)


def exits_hard(_run: RunContext) -> None:
    os._exit(3)


def lingers(run: RunContext) -> str:
    """Return at once, with a thread that would keep the process for ten minutes."""
    run.emit("process", os.getpid())
    threading.Thread(target=time.sleep, args=(600,)).start()
    return "done"


def emits_too_much(run: RunContext) -> None:
    run.emit("big", "x" * 300_000)


def emits_no_json(run: RunContext) -> None:
    run.emit("odd", object())


def writes_to_the_connection(_run: RunContext) -> None:
    """Find the socket among the open files and write what is no message."""
    for descriptor in range(3, 1024):
        with contextlib.suppress(OSError):
            socket.socket(fileno=os.dup(descriptor)).sendall(b'{"outcome": {"status": "well"}}\n')
    time.sleep(60)


def raises(_run: RunContext) -> None:
    raise ValueError("wrong")

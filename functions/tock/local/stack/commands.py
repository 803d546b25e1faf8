"""The command lines of a stack's processes."""

import sys
from datetime import timedelta
from pathlib import Path


def cloud_tasks_command(*, port: int, data: Path, clock: Path | None) -> list[str]:
    """Return the command of the Cloud Tasks emulator, which keeps its tasks in the data folder."""
    return [
        *(sys.executable, "-m", "tock.local.cloud_tasks"),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--data", str(data / "cloud_tasks.sqlite"), "--identity-dir", str(data / "identity")),
        *("--replace-damaged", *_clock_option(clock)),
    ]


def function_command(name: str, *, entry_module: Path, port: int) -> list[str]:
    """Return the command that serves one function of the file."""
    return [
        *(sys.executable, "-m", "functions_framework", "--signature-type", "http"),
        *("--source", str(entry_module), "--target", name),
        *("--host", "127.0.0.1", "--port", str(port)),
    ]


def ticker_command(*, url: str, service_account: str, data: Path, period: timedelta, clock: Path | None) -> list[str]:
    """Return the command of the ticker, which calls the tick function at this URL as the service account."""
    return [
        *(sys.executable, "-m", "tock.local.clock.ticker"),
        *("--url", url, "--audience", url),
        *("--email", service_account, "--identity-dir", str(data / "identity")),
        *("--period", str(period.total_seconds()), *_clock_option(clock)),
    ]


def _clock_option(clock: Path | None) -> tuple[str, ...]:
    return () if clock is None else ("--clock", str(clock))

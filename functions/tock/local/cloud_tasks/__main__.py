"""Runs the Cloud Tasks emulator as a process: `python -m tock.local.cloud_tasks --help`."""

import argparse
import asyncio
import logging
import signal
import sys
from pathlib import Path

from tock.bootstrap.moved_clock import MovedClock
from tock.local.cloud_tasks.clock import timers_on
from tock.local.cloud_tasks.server import CloudTasksEmulator, PortTakenError
from tock.local.cloud_tasks.state.database import DamagedDataError, UnreadableDataError, set_aside
from tock.local.identity.token_issuer import TokenIssuer

_log = logging.getLogger(__name__)


def main() -> None:
    """Serve until SIGTERM or SIGINT; print one line when the emulator is ready, and log to standard error."""
    options = _options()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)
    try:
        _serve_or_replace(options)
    except DamagedDataError as exc:
        sys.exit(f"{exc} Move it away to start without it.")
    except (UnreadableDataError, PortTakenError) as exc:
        sys.exit(str(exc))
    except OSError as exc:
        sys.exit(f"The Cloud Tasks emulator cannot start: {exc}")


def _serve_or_replace(options: argparse.Namespace) -> None:
    """Serve; if that is permitted, set a damaged file aside first."""
    try:
        asyncio.run(_serve(options))
    except DamagedDataError as exc:
        if not options.replace_damaged:
            raise
        aside = set_aside(exc.path)
        _log.error("%s It was set aside as %s, and its queues and tasks are lost.", exc, aside)
        asyncio.run(_serve(options))


async def _serve(options: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    token_issuer = TokenIssuer.load(options.identity_dir) if options.identity_dir else None
    async with CloudTasksEmulator(
        host=options.host,
        port=options.port,
        data=options.data,
        token_issuer=token_issuer,
        clock=None if options.clock is None else timers_on(MovedClock.shared(options.clock)),
    ) as emulator:
        sys.stdout.write(f"INFO Cloud Tasks emulator is ready on {emulator.address}\n")
        sys.stdout.flush()
        await stopped.wait()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tock.local.cloud_tasks", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free port)")
    parser.add_argument("--data", type=Path, help="file that stores queues and tasks (default: memory only)")
    parser.add_argument(
        "--replace-damaged", action="store_true", help="set a damaged file aside and start empty (default: refuse it)"
    )
    parser.add_argument(
        "--identity-dir", type=Path, help="directory of the key that signs OIDC tokens (default: refuse tasks with one)"
    )
    parser.add_argument("--clock", type=Path, help="file of a clock that can be moved (default: the machine's clock)")
    return parser.parse_args()


if __name__ == "__main__":
    main()

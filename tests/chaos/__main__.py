"""`python -m chaos`: the stack under faults, and a verdict in the exit status: 0 held, 1 violated, 2 not performed."""

import argparse
import asyncio
import math
import random
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from chaos.people import Refused
from chaos.performed import NotPerformed
from chaos.play import Interrupted, Script, play
from tock.bootstrap.system import SystemClock
from tock.local.errors import LocalError
from tock.local.log import Log

_HELD, _VIOLATED, _NOT_PERFORMED = 0, 1, 2
#: These say all in their own sentence.
_PLAIN = (Interrupted, LocalError, NotPerformed, Refused)
_TRACEBACK = "traceback.txt"


def main() -> int:
    """Perform one chaos; what a violated or broken-off one leaves is kept, and its place printed."""
    given = _options()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    script = Script(seed=seed, length=timedelta(minutes=given.minutes), triggers=given.triggers)
    data = Path(tempfile.mkdtemp(prefix="tock-chaos-"))
    _tell(f"chaos of {given.minutes:g} minutes, seed {seed}, in {data}")

    def perform() -> bool:
        with (data / "log.txt").open("w") as file:
            log = Log(file, now=SystemClock().now, colour=False)

            def tell(line: str) -> None:
                _tell(line)
                log("chaos", line.strip())

            return asyncio.run(play(script, data=data, tell=tell, log=log))

    status = exit_status(perform, data=data)
    if status == _VIOLATED:
        _tell(f"The log, the diaries and the tasks are in {data}; SEED={seed} gives the same plan again.")
    if status == _HELD:
        shutil.rmtree(data)
    return status


def exit_status(perform: Callable[[], bool], *, data: Path) -> int:
    """Return 0 if it held, 1 if it was violated, 2 if anything broke it off: that is said, its traceback kept."""
    status, reason = _NOT_PERFORMED, ""
    try:
        status = _HELD if perform() else _VIOLATED
    except* (Exception, KeyboardInterrupt) as failures:  # noqa: BLE001 - whatever broke it off, it is no verdict
        reason = sentences(failures)
        (data / _TRACEBACK).write_text("".join(traceback.format_exception(failures)))
    if status == _NOT_PERFORMED:
        _tell(f"not performed: {reason} (what there is of it is in {data})")
    return status


def sentences(failures: BaseExceptionGroup[BaseException]) -> str:
    """Return why a chaos was broken off, in a sentence for each different failure."""
    return "; ".join(dict.fromkeys(_sentence(failure) for failure in _leaves(failures)))


def _sentence(failure: BaseException) -> str:
    if isinstance(failure, _PLAIN):
        return str(failure)
    first = next(iter(str(failure).splitlines()), "")
    return f"{type(failure).__name__}: {first}" if first else f"it broke off with {type(failure).__name__}"


def _leaves(failures: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """Return the failures themselves, out of the groups that parts which run beside each other wrap them in."""
    nested = ([*_leaves(each)] if isinstance(each, BaseExceptionGroup) else [each] for each in failures.exceptions)
    return [failure for leaves in nested for failure in leaves]


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument(
        "--minutes", type=_minutes, default=2.0, help="how long the faults go on (default: %(default)s)"
    )
    parser.add_argument(
        "--triggers", type=_triggers, default=150, help="how many triggers there are (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, help="of the plan and the load (default: drawn and printed)")
    return parser.parse_args()


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 < minutes < math.inf:
        raise argparse.ArgumentTypeError(f"{text} minutes are no time for faults: take 2 or more")
    return minutes


def _triggers(text: str) -> int:
    triggers = int(text)
    if triggers < 1:
        raise argparse.ArgumentTypeError(f"with {text} triggers nothing would be due: take 1 or more")
    return triggers


if __name__ == "__main__":
    sys.exit(main())

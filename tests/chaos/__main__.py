"""`python -m chaos`: the stack under faults. Exit status: 0 if every guarantee held, 1 if not, 2 if inconclusive."""

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

from chaos.checks.conclusive import Inconclusive
from chaos.experiment import Interrupted, Settings, run_experiment
from chaos.load.people import Refused
from tock.bootstrap.system_clock import SystemClock
from tock.local.errors import LocalError
from tock.local.output.log import Log

_HELD, _VIOLATED, _INCONCLUSIVE = 0, 1, 2
#: Errors whose message is a whole sentence.
_PLAIN = (Interrupted, LocalError, Inconclusive, Refused)
_TRACEBACK = "traceback.txt"


def main() -> int:
    """Run one experiment. Unless every guarantee held, its data is kept and the folder is printed."""
    options = _options()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    settings = Settings(seed=seed, length=timedelta(minutes=options.minutes), triggers=options.triggers)
    data = Path(tempfile.mkdtemp(prefix="tock-chaos-"))
    _tell(f"chaos of {options.minutes:g} minutes, seed {seed}, in {data}")

    def run() -> bool:
        with (data / "log.txt").open("w") as file:
            log = Log(file, now=SystemClock().now, colour=False)

            def tell(line: str) -> None:
                _tell(line)
                log("chaos", line.strip())

            return asyncio.run(run_experiment(settings, data=data, tell=tell, log=log))

    status = exit_status(run, data=data)
    if status == _VIOLATED:
        _tell(f"The log, the work logs and the tasks are in {data}; SEED={seed} gives the same plan again.")
    if status == _HELD:
        shutil.rmtree(data)
    return status


def exit_status(run: Callable[[], bool], *, data: Path) -> int:
    """Return 0 if it held, 1 if it was violated, 2 if an error ended it: then print why, and keep the traceback."""
    status, reason = _INCONCLUSIVE, ""
    try:
        status = _HELD if run() else _VIOLATED
    except* (Exception, KeyboardInterrupt) as failures:  # noqa: BLE001 - no error is a verdict
        reason = sentences(failures)
        (data / _TRACEBACK).write_text("".join(traceback.format_exception(failures)))
    if status == _INCONCLUSIVE:
        _tell(f"inconclusive: {reason} (its data so far is in {data})")
    return status


def sentences(failures: BaseExceptionGroup[BaseException]) -> str:
    """Return why an experiment ended early, one sentence for each different failure."""
    return "; ".join(dict.fromkeys(_sentence(failure) for failure in _leaves(failures)))


def _sentence(failure: BaseException) -> str:
    if isinstance(failure, _PLAIN):
        return str(failure)
    first = next(iter(str(failure).splitlines()), "")
    return f"{type(failure).__name__}: {first}" if first else f"it ended with {type(failure).__name__}"


def _leaves(failures: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """Return the failures without the groups that concurrent parts wrap them in."""
    nested = ([*_leaves(each)] if isinstance(each, BaseExceptionGroup) else [each] for each in failures.exceptions)
    return [failure for leaves in nested for failure in leaves]


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument(
        "--minutes", type=_minutes, default=2.0, help="how long faults are injected (default: %(default)s)"
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

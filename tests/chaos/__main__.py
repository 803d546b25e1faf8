"""`python -m chaos`: the stack under faults, and a verdict in the exit status: 0 held, 1 violated, 2 not performed."""

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from chaos.people import Refused
from chaos.play import Interrupted, Script, play
from tock.bootstrap.world import SystemClock
from tock.local.errors import LocalError
from tock.local.log import Log

_NOT_PERFORMED = 2


def main() -> int:
    """Perform one chaos; what a violated or broken-off one leaves is kept, and its place printed."""
    given = _options()
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1_000_000)
    script = Script(seed=seed, length=timedelta(minutes=given.minutes), triggers=given.triggers)
    data = Path(tempfile.mkdtemp(prefix="tock-chaos-"))
    _tell(f"chaos of {given.minutes:g} minutes, seed {seed}, in {data}")
    held, reasons = False, list[str]()
    try:
        with (data / "log.txt").open("w") as file:
            log = Log(file, now=SystemClock().now, colour=False)

            def tell(line: str) -> None:
                _tell(line)
                log("chaos", line.strip())

            held = asyncio.run(play(script, data=data, tell=tell, log=log))
    except* (Interrupted, LocalError, Refused) as failures:
        reasons = [str(failure) for failure in _leaves(failures)]
    if reasons:
        _tell(f"not performed: {'; '.join(reasons)} (what there is of it is in {data})")
        return _NOT_PERFORMED
    if not held:
        _tell(f"The log, the diaries and the tasks are in {data}; SEED={seed} gives the same plan again.")
        return 1
    shutil.rmtree(data)
    return 0


def _leaves(failures: BaseExceptionGroup[Exception]) -> list[BaseException]:
    """Return the failures themselves, out of the groups that parts which run beside each other wrap them in."""
    nested = ([*_leaves(each)] if isinstance(each, BaseExceptionGroup) else [each] for each in failures.exceptions)
    return [failure for leaves in nested for failure in leaves]


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2.0, help="how long the faults go on (default: %(default)s)")
    parser.add_argument("--triggers", type=int, default=150, help="how many triggers there are (default: %(default)s)")
    parser.add_argument("--seed", type=int, help="of the plan and the load (default: drawn and printed)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

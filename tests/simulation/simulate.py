"""Run the simulation of one seed, and report its result."""

import logging
from dataclasses import dataclass

import tock.app.tick.tick
from simulation.invariants.violation import error_text
from simulation.loop import run_virtually
from simulation.world import World


@dataclass(frozen=True)
class Report:
    """The result of one seed."""

    seed: object
    #: The violated invariant or the error; None if every invariant held.
    problem: str | None
    runs: int
    commits: int
    trace: tuple[str, ...] = ()


def simulate(seed: object, *, tracing: bool = False) -> Report:
    """Return the report of a seed, with its trace if `tracing`."""
    world = World(seed, tracing=tracing)
    problem = None
    sizes = tock.app.tick.tick.PAGE, tock.app.tick.tick.GROUP
    # The trace replaces the log.
    logged = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        tock.app.tick.tick.PAGE, tock.app.tick.tick.GROUP = world.page, world.group
        run_virtually(world.run())
    except Exception as error:  # noqa: BLE001 - reported
        problem = error_text(error)
    finally:
        tock.app.tick.tick.PAGE, tock.app.tick.tick.GROUP = sizes
        logging.disable(logged)
    if world.problems:
        problem = world.problems[0]
    return Report(
        seed=seed,
        problem=problem,
        runs=len(world.records.runs),
        commits=world.commits,
        trace=tuple(world.trace),
    )

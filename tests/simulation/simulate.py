"""Live through one seed, and report what came of it."""

import logging
from dataclasses import dataclass

import tock.app.tick.tick
from simulation.breach import told
from simulation.loop import run_virtually
from simulation.world import World


@dataclass(frozen=True)
class Report:
    """What came of one seed."""

    seed: object
    #: The breach or error, or None.
    problem: str | None
    runs: int
    commits: int
    story: tuple[str, ...] = ()


def simulate(seed: object, *, telling: bool = False) -> Report:
    """Return what came of a seed; `telling` keeps the story."""
    world = World(seed, telling=telling)
    problem = None
    sizes = tock.app.tick.tick.PAGE, tock.app.tick.tick.GROUP
    # Its story is told otherwise.
    logged = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        tock.app.tick.tick.PAGE, tock.app.tick.tick.GROUP = world.page, world.group
        run_virtually(world.live())
    except Exception as error:  # noqa: BLE001 - reported
        problem = told(error)
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
        story=tuple(world.story),
    )

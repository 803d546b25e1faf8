"""When runs were claimed and started: counts for each second, their percentiles, and a plot."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from crowd.triggers import DUE

#: The size of the plot in characters.
WIDTH, HEIGHT = 76, 12


@dataclass
class Timeline:
    """Counts of runs by the second, where second 0 is when all of them are due."""

    claims: Counter[int] = field(default_factory=Counter)
    starts: Counter[int] = field(default_factory=Counter)

    def claimed(self, count: int, *, at: datetime) -> None:
        """Note that so many runs were claimed."""
        self.claims[_second(at)] += count

    def started(self, *, at: datetime) -> None:
        """Note that a run started."""
        self.starts[_second(at)] += 1


def part(counts: Mapping[int, int], fraction: float) -> int | None:
    """Return the second at whose end this fraction was done; None if nothing was."""
    total, done = sum(counts.values()), 0
    for second in sorted(counts):
        done += counts[second]
        if done >= fraction * total:
            return second + 1
    return None


def plot(timeline: Timeline, *, count: int) -> list[str]:
    """Return lines of text: how many runs were claimed (c) and started (s) over time, both (*) where they meet."""
    seconds = [*timeline.claims, *timeline.starts]
    first, last = min(seconds, default=0), max(seconds, default=0)
    rows = [[" "] * WIDTH for _ in range(HEIGHT)]
    for mark, counts in (("c", timeline.claims), ("s", timeline.starts)):
        done, at = 0, first
        for column in range(WIDTH):
            until = first + (last - first) * column // (WIDTH - 1)
            while at <= until:
                done += counts[at]
                at += 1
            row = rows[HEIGHT - 1 - min(done * (HEIGHT - 1) // count, HEIGHT - 1)]
            row[column] = mark if row[column] == " " else "*"
    labels = [f"{count:>10,} |", *[" " * 10 + " |"] * (HEIGHT - 2), " " * 9 + "0 |"]
    lines = [label + "".join(row).rstrip() for label, row in zip(labels, rows, strict=True)]
    ends = f"{first:+d} s", f"{last:+d} s from the second in which all are due (c claimed, s started)"
    return [*lines, " " * 11 + "+" + "-" * WIDTH, " " * 12 + f"{ends[0]}  to  {ends[1]}"]


def _second(at: datetime) -> int:
    return int((at - DUE).total_seconds() // 1)

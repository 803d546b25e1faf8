"""The report of a benchmark: figures with targets and with both sides of each ratio, as a table and as JSON."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, computed_field
from rich.console import Console
from rich.table import Table


class Target(BaseModel):
    """A bound for a figure."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["at least", "at most", "below"]
    bound: float

    def met_by(self, value: float) -> bool:
        """Whether the value meets the target."""
        match self.kind:
            case "at least":
                return value >= self.bound
            case "at most":
                return value <= self.bound
            case "below":
                return value < self.bound

    def __str__(self) -> str:
        return f"{ {'at least': '≥', 'at most': '≤', 'below': '<'}[self.kind] } {self.bound:g}"


class Figure(BaseModel):
    """One measured value, with the values that it is computed from and the lowest and highest of its rounds."""

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    unit: str
    target: Target | None = None
    sides: Mapping[str, float] = {}
    spread: tuple[float, float] | None = None
    note: str = ""

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator on top of property
    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        return None if self.target is None else self.target.met_by(self.value)

    @classmethod
    def of_rounds(cls, name: str, values: Sequence[float], *, unit: str, **rest: Any) -> Self:
        """Return the figure of several rounds: their median, with the lowest and highest."""
        return cls(name=name, value=median(values), unit=unit, spread=(min(values), max(values)), **rest)


class Report(BaseModel):
    """The figures of one benchmark; `details` goes into the JSON only."""

    model_config = ConfigDict(frozen=True)

    benchmark: str
    figures: Sequence[Figure]
    details: Mapping[str, Any] = {}
    #: How long the benchmark took, in seconds.
    seconds: float = 0.0

    @property
    def met(self) -> bool:
        """Whether every target is met."""
        return all(figure.met is not False for figure in self.figures)


def show(report: Report, *, console: Console) -> None:
    """Print the figures with their targets, sides, and whether they are met."""
    table = Table(title=f"{report.benchmark} ({report.seconds:.0f} s)", title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("target", no_wrap=True)
    table.add_column("sides")
    for figure in report.figures:
        said = {None: "", True: "[green]met[/green]", False: "[red]missed[/red]"}[figure.met]
        target = "" if figure.target is None else f"{figure.target} {said}"
        sides = [f"{name} {_short(value)}" for name, value in figure.sides.items()]
        if figure.spread is not None:
            sides.append(f"rounds {_short(figure.spread[0])} to {_short(figure.spread[1])}")
        table.add_row(
            figure.name, f"{_short(figure.value)} {figure.unit}", target, "\n".join([*sides, figure.note]).strip()
        )
    console.print(table)


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"

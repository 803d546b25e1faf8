"""Lengths of time as people read them: exact, in two units, or in one."""

from datetime import timedelta

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_YEAR = timedelta(days=365)
#: Each unit, and the length from which on a larger one is used.
_UNITS = (
    ("s", timedelta(seconds=1), _MINUTE),
    ("m", _MINUTE, _HOUR),
    ("h", _HOUR, 2 * _DAY),
    ("d", _DAY, 2 * _YEAR),
    ("y", _YEAR, timedelta.max),
)


def seconds(value: float | None) -> str:
    """Return a duration in seconds with three decimals; empty for None."""
    return "" if value is None else f"{value:.3f} s"


def how_long(length: timedelta) -> str:
    """Return a length of time in its two largest units: `2 h 5 min`, `12.3 s`, `40 ms`."""
    whole = length.total_seconds()
    if whole < 1:
        return f"{round(whole * 1000)} ms"
    if length < _MINUTE:
        return f"{whole:.1f} s"
    minutes, rest = divmod(round(whole), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (rest, "s")]
    first = next(index for index, (amount, _) in enumerate(parts) if amount)
    return " ".join(f"{amount} {unit}" for amount, unit in parts[first : first + 2] if amount)


def roughly(length: timedelta) -> str:
    """Return a length of time in one unit, rounded down: `2h`, `5m`."""
    name, unit = next((name, unit) for name, unit, end in _UNITS if length < end)
    return f"{length // unit}{name}"

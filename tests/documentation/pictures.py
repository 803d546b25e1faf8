"""Draws the statuses of a run and the moves between them, from the transitions of the code: `make pictures`."""

from collections.abc import Iterator
from itertools import pairwise

from documentation.pages import ROOT
from tock.core.run.status import LEGAL_MOVES, RunStatus

FILE = ROOT / "docs" / "states-of-a-run.svg"
_ACTIVE = (RunStatus.HELD, RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING)
_LEFT, _WIDTH, _HEIGHT, _ROW, _TOP = 190, 130, 44, 96, 40
_PILL, _GAP = 104, 10
_STYLE = (
    ".a{fill:#0f766e}.at{fill:#fff;font-weight:600;text-anchor:middle}.e{fill:#f1f5f9;stroke:#94a3b8}"
    ".g{fill:#ccfbf1;stroke:#0f766e}.et{fill:#1f2937;text-anchor:middle;font-size:13px}"
    ".m{stroke:#1f2937;stroke-width:1.5;fill:none;marker-end:url(#h)}.s{fill:#475569;font-size:13px}"
)
_HEAD = (
    '<defs><marker id="h" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path d="M0 0L8 4L0 8z" fill="#1f2937"/></marker></defs>'
)


def states_of_a_run() -> str:
    """Return the picture as SVG: the active statuses in a column, and beside each the statuses it may end as."""
    width = _LEFT + _WIDTH + 70 + 6 * (_PILL + _GAP)
    height = _TOP + len(_ACTIVE) * _ROW
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"',
            'font-family="system-ui, sans-serif" font-size="14" role="img" aria-labelledby="t d">',
            f'<title id="t">The statuses of a run</title><desc id="d">{_described()}</desc>',
            f'<style>{_STYLE}</style>{_HEAD}<rect width="{width}" height="{height}" rx="10" fill="#fff"/>',
            f'<text class="s" x="{_LEFT + _WIDTH + 70}" y="24">ends as</text>',
            *_moves(),
            *(part for row, status in enumerate(_ACTIVE) for part in _drawn(row, status)),
            "</svg>\n",
        )
    )


def _described() -> str:
    return "; ".join(f"{status}: {', '.join(_next(status))}" for status in _ACTIVE)


def _next(status: RunStatus) -> list[RunStatus]:
    return [each for each in RunStatus if each in LEGAL_MOVES[status] - {status}]


def _drawn(row: int, status: RunStatus) -> Iterator[str]:
    top = _TOP + row * _ROW
    middle = top + _HEIGHT / 2 + 5
    yield f'<rect class="a" x="{_LEFT}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>'
    yield f'<text class="at" x="{_LEFT + _WIDTH / 2}" y="{middle}">{status}</text>'
    ends = [each for each in _next(status) if each.terminal]
    start = _LEFT + _WIDTH + 70
    yield f'<path class="m" d="M{_LEFT + _WIDTH} {middle - 5}H{start - 8}"/>'
    for place, end in enumerate(ends):
        left = start + place * (_PILL + _GAP)
        look = "g" if end is RunStatus.SUCCEEDED else "e"
        yield f'<rect class="{look}" x="{left}" y="{top + 6}" width="{_PILL}" height="{_HEIGHT - 12}" rx="16"/>'
        yield f'<text class="et" x="{left + _PILL / 2}" y="{middle}">{end}</text>'


def _moves() -> Iterator[str]:
    """Yield the moves between active statuses: straight to the next one, round the left side back or further on."""
    neighbours = set(pairwise(_ACTIVE))
    bows = 0
    for status in _ACTIVE:
        for other in _next(status):
            if other.terminal:
                continue
            here, there = (_TOP + _ACTIVE.index(each) * _ROW for each in (status, other))
            if (status, other) in neighbours:
                yield f'<path class="m" d="M{_LEFT + _WIDTH / 2} {here + _HEIGHT}V{there - 2}"/>'
            else:
                bows += 1
                bow = _LEFT - 30 - 32 * bows
                start, end = here + _HEIGHT / 2 - 8, there + _HEIGHT / 2 + 8
                yield f'<path class="m" d="M{_LEFT} {start}C{bow} {start} {bow} {end} {_LEFT - 2} {end}"/>'


if __name__ == "__main__":
    FILE.write_text(states_of_a_run(), encoding="utf-8")

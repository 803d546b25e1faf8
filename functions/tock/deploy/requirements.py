"""Merges the requirements of the archive: Tock's own pins, then those of the user's agents.

Google's build installs with one `pip install -r requirements.txt`. As soon as one requirement in that file has a hash,
pip requires a hash for each, and it accepts one version per name. So added requirements must be pinned, have hashes and
agree with Tock's pins.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tock.deploy.errors import RequirementsRefused

_PIN = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?P<extras>\[[^\]]*\])?\s*"
    r"==\s*(?P<version>[A-Za-z0-9.!+_-]+)\s*(?:;\s*(?P<marker>[^\\]*?))?(?P<hashes>(?:\s+--hash=\S+)*)"
)
#: Options for another package index, which are allowed: the hashes are checked whatever the index.
_INDEX = re.compile(r"--(?:extra-)?index-url[ =]\S+")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True, slots=True)
class Pin:
    """One requirement at one version, and the hashes of its files."""

    name: str
    extras: str
    version: str
    marker: str
    hashes: tuple[str, ...]

    @property
    def text(self) -> str:
        """The requirement in pip's syntax."""
        marker = f" ; {self.marker}" if self.marker else ""
        return " \\\n    ".join((f"{self.name}{self.extras}=={self.version}{marker}", *self.hashes)) + "\n"


def with_further(own: Path, *, further: Path | None, extras: Sequence[Path] = ()) -> str:
    """Return Tock's requirements followed by those of its extras and those that the file `further` adds.

    Raises:
        RequirementsRefused: a file cannot be read, or pip could not install all of them together.
    """
    text = own.read_text()
    for file in (*extras, *([] if further is None else [further])):
        text = _with(text, further=file, own=own)
    return text


def _with(text: str, *, further: Path, own: Path) -> str:
    try:
        lines = tuple(_lines(further.read_text()))
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise RequirementsRefused(str(further), reason=reason or str(exc), pins=own) from exc
    known, added = pinned(text), list[Pin]()
    for number, line in lines:
        addition = _addition(line, known=known, added=added, place=f"{further}:{number}", pins=own)
        added += pinned(addition)
        text += addition
    return text


def pinned(text: str) -> tuple[Pin, ...]:
    """Return every pin of a requirements file."""
    return tuple(pin for _, line in _lines(text) if (pin := _pin(line)) is not None)


def canonical(name: str) -> str:
    """Return the normalized name of a distribution (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the logical lines without comments and blanks, each with the number of its first physical line."""
    first, whole = 1, ""
    # The additional empty line ends a last line with a continuation mark.
    for number, line in enumerate((*text.splitlines(), ""), start=1):
        first = first if whole else number
        whole += line.removesuffix("\\") + " "
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            continue
        requirement = _COMMENT.sub("", whole).strip()
        whole = ""
        if requirement:
            yield first, requirement


def _pin(line: str) -> Pin | None:
    match = _PIN.fullmatch(line)
    if match is None:
        return None
    return Pin(
        name=canonical(match["name"]),
        extras="".join((match["extras"] or "").split()),
        version=match["version"],
        marker=" ".join((match["marker"] or "").split()),
        hashes=tuple(match["hashes"].split()),
    )


def _addition(line: str, *, known: Sequence[Pin], added: Sequence[Pin], place: str, pins: Path) -> str:
    if _INDEX.fullmatch(line):
        return f"{line}\n"
    pin = _pin(line)
    if pin is None:
        raise RequirementsRefused(place, reason=f"{line!r} is not pinned as name==version", pins=pins)
    if not pin.hashes:
        raise RequirementsRefused(place, reason=f"{pin.name}=={pin.version} has no --hash", pins=pins)
    # A name that was added before may be pinned again for another platform, with another marker.
    others = (*known, *(other for other in added if other.marker == pin.marker))
    same = tuple(other for other in others if other.name == pin.name)
    for other in same:
        if other.version != pin.version:
            reason = f"{pin.name}=={pin.version} conflicts with the pin {pin.name}=={other.version}"
            raise RequirementsRefused(place, reason=reason, pins=pins)
    # An equal pin is dropped, so Tock's hashes stay; a pin with another marker or extra is added.
    if any((other.extras, other.marker) == (pin.extras, pin.marker) for other in same):
        return ""
    return pin.text

"""The requirements of the archive: Tock's own pins, and those of a person's agents beside them.

Google's build installs with one `pip install -r requirements.txt`. As soon as one requirement there has a hash, pip
demands one of each, and a name may be pinned once only; so what is added is pinned, hashed, and agrees with Tock.
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
#: Where else packages may come from: what a hash names is the same everywhere.
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
        """The requirement as pip reads it."""
        marker = f" ; {self.marker}" if self.marker else ""
        return " \\\n    ".join((f"{self.name}{self.extras}=={self.version}{marker}", *self.hashes)) + "\n"


def with_further(own: Path, *, further: Path | None) -> str:
    """Return Tock's requirements, and after them what `further` adds.

    Raises:
        RequirementsRefused: `further` cannot be read, or pip could not install both together.
    """
    text = own.read_text()
    if further is None:
        return text
    try:
        lines = tuple(_lines(further.read_text()))
    except (OSError, UnicodeDecodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "it is no text in UTF-8"
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
    """Return the one spelling of a distribution's name (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line that says something, those that go on joined, with the number of its first."""
    first, whole = 1, ""
    # The empty line ends one that promised to go on.
    for number, line in enumerate((*text.splitlines(), ""), start=1):
        first = first if whole else number
        whole += line.removesuffix("\\") + " "
        if line.endswith("\\") and not line.lstrip().startswith("#"):
            continue
        said = _COMMENT.sub("", whole).strip()
        whole = ""
        if said:
            yield first, said


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
    # What was added before may be pinned again for another platform.
    others = (*known, *(other for other in added if other.marker == pin.marker))
    same = tuple(other for other in others if other.name == pin.name)
    for other in same:
        if other.version != pin.version:
            reason = f"{pin.name}=={pin.version} is wanted, but {pin.name}=={other.version} is pinned already"
            raise RequirementsRefused(place, reason=reason, pins=pins)
    # Tock's own hashes stand; another marker or extra is a further requirement.
    if any((other.extras, other.marker) == (pin.extras, pin.marker) for other in same):
        return ""
    return pin.text

"""A control of the form: how it shows a field, whether it was changed, and what was typed in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from tock.web.console.forms.local_instant import (
    both_instants,
    fold_text,
    local_text,
    offset_text,
    same_local,
    typed_instant,
)
from tock.web.console.pages.triggers.editor.trigger_form.field_text import as_sent, field_text
from tock.web.console.pages.triggers.editor.trigger_form.kind import Kind
from tock.web.console.pages.triggers.editor.trigger_form.typed_text import read

#: What the controls of a form hold, by name; those that are absent are not part of the form.
Texts = Mapping[str, tuple[str, ...]]
ON = "on"


@dataclass(frozen=True, slots=True)
class Control:
    """A field of a trigger, and its control."""

    #: Where the field is in the resource, such as `retry.delay`; the control's name, too.
    path: str
    label: str
    help: str = ""
    kind: Kind = Kind.LINE
    #: The value of an empty control.
    empty: Any = None
    #: The values of a choice, each with what it means.
    choices: tuple[tuple[str, str], ...] = ()
    placeholder: str = ""

    @property
    def id(self) -> str:
        """The id of the control's element."""
        return self.path.replace(".", "-")

    @property
    def fold(self) -> str:
        """The name of the control that says which of two equal local times is meant."""
        return f"{self.path}.fold"

    def shown(self, value: Any, *, zone: ZoneInfo) -> Texts:
        """Return what the control holds for a value."""
        if self.kind is Kind.TIME and value is not None and value != self.empty:
            return {self.path: (local_text(value, zone=zone),), self.fold: (fold_text(value, zone=zone),)}
        if self.kind is Kind.SWITCH:
            return {self.path: (ON,) if value else ()}
        return {self.path: ("" if value is None or value == self.empty else field_text(value, kind=self.kind),)}

    def is_same(self, shown: Texts, typed: Texts) -> bool:
        """Whether a browser sends this for a control that nobody touched."""
        if self.kind is Kind.SWITCH:
            return bool(shown.get(self.path)) == bool(typed.get(self.path))
        if self.path not in typed:
            return True
        one, other = text(shown, self.path), text(typed, self.path)
        if self.kind is Kind.TIME:
            fold = text(shown, self.fold)
            return same_local(one, other) and text(typed, self.fold, fold) == fold
        has_lines = self.kind in {Kind.LINES, Kind.OBJECT, Kind.PAIRS, Kind.WORDS}
        return as_sent(one, has_lines=has_lines) == as_sent(other, has_lines=has_lines)

    def value(self, typed: Texts, *, zone: ZoneInfo) -> Any:
        """Return what was typed; what the trigger's model checks itself stays a text. Raises ValueError."""
        given = text(typed, self.path)
        if self.kind is Kind.SWITCH:
            return bool(typed.get(self.path))
        if not given.strip():
            return self.empty
        if self.kind is Kind.TIME:
            return typed_instant(given, fold=text(typed, self.fold), zone=zone)
        return read(given, kind=self.kind)

    def folds(self, typed: Texts, *, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
        """Return the two choices of a local time that comes twice; none of any other."""
        try:
            found = both_instants(text(typed, self.path), zone=zone)
        except ValueError:
            return ()
        if len(found) == 1:
            return ()
        words = ("the first", "the second")
        return tuple(
            (str(number), f"{words[number]}, at {offset_text(each, zone=zone)}") for number, each in enumerate(found)
        )


def text(texts: Texts, name: str, default: str = "") -> str:
    """Return what a control holds, or the default if the form has none of this name."""
    held = texts.get(name)
    return held[-1] if held else default

"""What an attempt consumed, model by model: each model has its own price."""

from dataclasses import dataclass, replace

from tock.core.run.outcome import Usage

#: How many models are told apart in one attempt: each costs the settlement a write.
MAX_MODELS = 10
#: The name that all further models share. It has no price.
FURTHER = "further models"


@dataclass(frozen=True, slots=True)
class Consumed:
    """The usage of each model, that of the model named last at the end.

    Usage that names no model is of the model named before it or, if none was, of the first that is named.
    """

    parts: tuple[Usage, ...] = ()

    @property
    def total(self) -> Usage:
        """The sum; its model is the one named last."""
        return sum(self.parts, start=Usage())

    def add(self, usage: Usage) -> "Consumed":
        """Return it with this usage added."""
        if usage == Usage():
            return self
        parts = {part.model: part for part in self.parts}
        model = usage.model or next(reversed(parts), None)
        if model not in parts and len(parts) >= MAX_MODELS:
            model = FURTHER
        before = parts.pop(model, Usage()) + parts.pop(None, Usage())
        return Consumed((*parts.values(), replace(before + usage, model=model)))

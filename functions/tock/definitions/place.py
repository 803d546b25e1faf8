"""Where something is defined: its module, file and line, for errors."""

from dataclasses import dataclass
from types import CodeType, FrameType


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a module."""

    module: str
    file: str
    line: int

    @classmethod
    def of_caller(cls, frame: FrameType | None) -> "Place":
        """Return the line that called the function whose frame this is (`inspect.currentframe()`)."""
        caller = frame.f_back if frame is not None else None
        if caller is None:
            return cls(module="", file="", line=0)
        return cls(
            module=str(caller.f_globals.get("__name__", "")), file=caller.f_code.co_filename, line=caller.f_lineno
        )

    @classmethod
    def of_function(cls, function: object, *, otherwise: "Place") -> "Place":
        """Return the first line of a function, its decorators included; `otherwise` if it has no code of its own."""
        code = getattr(function, "__code__", None)
        if not isinstance(code, CodeType):
            return otherwise
        return cls(module=otherwise.module, file=code.co_filename, line=code.co_firstlineno)

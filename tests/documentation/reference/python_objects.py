"""Classes and functions as Markdown: their signatures and docstrings."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from documentation.reference.markdown import fenced, joined, prose

#: The packages in front of names in annotations.
_PACKAGES = re.compile(r"\b(?:[a-z_]\w*\.)+(?=[A-Z])")
_WIDTH = 100


@dataclass(frozen=True)
class Member:
    """A method or a property: how it is written, and the first sentence of its docstring."""

    text: str
    summary: str
    said: str


def described(owner: type, *, heading: str = "###") -> str:
    """Return the docstring of a class and its public methods and properties, each with a heading."""
    members = [(name, signature_of(owner, name)) for name in method_names(owner)]
    return joined(
        prose(owner.__doc__ or ""),
        *(
            joined(f"{heading} {owner.__name__}.{name}", fenced(member.text, "python"), prose(member.said))
            for name, member in members
        ),
    )


def function(name: str, called: Callable[..., Any]) -> str:
    """Return a function with its signature and docstring, under its name as a heading."""
    return joined(f"### {name}", fenced(_written(name, called), "python"), prose(called.__doc__ or ""))


def method_names(owner: type) -> list[str]:
    """Return the public methods and properties of a class in the order of their source, inherited ones last."""
    own = [name for name, value in vars(owner).items() if _is_public(name, value)]
    inherited = [
        name
        for base in owner.__mro__[1:]
        if base.__module__.startswith("tock.")
        for name, value in vars(base).items()
        if _is_public(name, value)
    ]
    return list(dict.fromkeys([*own, *inherited]))


def signature_of(owner: type, name: str) -> Member:
    """Return a method or a property as it is written in a program."""
    value = inspect.getattr_static(owner, name)
    if isinstance(value, property):
        said, text = value.__doc__ or "", f"{name}: {annotation(inspect.signature(value.fget).return_annotation)}"
    else:
        called = getattr(owner, name)
        said, text = called.__doc__ or "", _written(name, called)
    return Member(text=text, summary=inspect.cleandoc(said).split("\n\n")[0], said=said)


def _is_public(name: str, value: object) -> bool:
    return not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property | classmethod))


def annotation(kind: object) -> str:
    """Return a type as it is written, without the packages of names."""
    return _short(kind if isinstance(kind, str) else inspect.formatannotation(kind))


def _written(name: str, called: Callable[..., Any]) -> str:
    signature = inspect.signature(called)
    without_self = [each for each in signature.parameters.values() if each.name != "self"]
    prefix = "async " if inspect.iscoroutinefunction(called) else ""
    written = _short(str(signature.replace(parameters=without_self)))
    one_line = f"{prefix}{name}{written}"
    if len(one_line) <= _WIDTH:
        return one_line
    parameters = [_short(str(each)) for each in without_self]
    if (
        first := next((at for at, each in enumerate(without_self) if each.kind is each.KEYWORD_ONLY), None)
    ) is not None:
        parameters.insert(first, "*")
    returned = written.rpartition(")")[2]
    return "\n".join([f"{prefix}{name}(", *(f"    {each}," for each in parameters), f"){returned}"])


def _short(text: str) -> str:
    return _PACKAGES.sub("", text).replace("~", "")

"""What the source says of a class's members: the comments that start with `#:`."""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from types import ModuleType

_COMMENT = re.compile(r"\s*#: ?(.*)")


def comments_of(owner: type) -> dict[str, str]:
    """Return what stands before each member of a class, on one line; members without a comment are left out."""
    source = textwrap.dedent(inspect.getsource(owner))
    lines = source.splitlines()
    [body] = ast.parse(source).body
    assert isinstance(body, ast.ClassDef)
    found = {}
    for statement in body.body:
        names = _names(statement)
        said = " ".join(reversed(list(_above(lines, statement.lineno - 1))))
        found |= dict.fromkeys(names, said) if said else {}
    return found


def calls(module: ModuleType, *, names: frozenset[str]) -> Iterator[ast.Call]:
    """Yield the calls in a module of what has one of these names."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            yield node


def _names(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
    return []


def _above(lines: list[str], end: int) -> Iterator[str]:
    for line in reversed(lines[:end]):
        found = _COMMENT.fullmatch(line)
        if found is None:
            return
        yield found[1]

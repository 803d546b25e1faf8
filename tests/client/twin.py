"""Makes the blocking client from the asynchronous one: `make client`.

Every token stays as it is, except that `async` and `await` go, names lose their `Async`, and a few names of libraries
become those of their blocking counterparts. Ruff then orders the imports and lays out the lines.
"""

import io
import subprocess
import sys
import tokenize
from pathlib import Path

import tock

CLIENT = Path(tock.__file__).parent / "client"
SOURCE, TARGET = CLIENT / "_async", CLIENT / "_sync"
_HEAD = "# Made from the file of this name in `_async` by `make client`: change that one.\n"
_DROPPED = frozenset({"async", "await"})
_RENAMED = {
    "_async": "_sync",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "aclose": "close",
    "aiter_lines": "iter_lines",
    "anyio": "time",
    "aread": "read",
    "asynccontextmanager": "contextmanager",
}
#: Docstrings that speak of the difference.
_DOCSTRINGS = {
    '"""The client for an event loop; `make client` makes the blocking one, `_sync`, from it."""': (
        '"""The blocking client, made from `_async` by `make client`."""'
    )
}


def twins() -> dict[str, str]:
    """The text of each file of the blocking client, by its name."""
    return {path.name: _laid_out(blocking(path.read_text(encoding="utf-8"))) for path in sorted(SOURCE.glob("*.py"))}


def blocking(text: str) -> str:
    """Return the blocking counterpart of an asynchronous module."""
    parts, line, column, dropped = [_HEAD], 1, 0, False
    lines = text.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in {tokenize.DEDENT, tokenize.ENDMARKER}:
            continue
        between = lines[line - 1][column : token.start[1]] if token.start[0] == line else ""
        if token.start[0] > line:
            between = lines[line - 1][column:] + "".join(lines[line : token.start[0] - 1])
            between += lines[token.start[0] - 1][: token.start[1]]
        parts.append("" if dropped else between)
        (line, column), dropped = token.end, token.type == tokenize.NAME and token.string in _DROPPED
        parts.append("" if dropped else _counterpart(token))
    return "".join(parts)


def write() -> None:
    """Write the blocking client."""
    TARGET.mkdir(exist_ok=True)
    made = twins()
    for path in TARGET.glob("*.py"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (TARGET / name).write_text(text, encoding="utf-8")


def _counterpart(token: tokenize.TokenInfo) -> str:
    if token.type == tokenize.STRING:
        # A type in quotation marks is a name, too.
        quoted = token.string.removeprefix('"').removesuffix('"')
        return f'"{_name(quoted)}"' if quoted.isidentifier() else _DOCSTRINGS.get(token.string, token.string)
    return _name(token.string) if token.type == tokenize.NAME else token.string


def _name(name: str) -> str:
    return _RENAMED.get(name, name.removeprefix("Async"))


def _laid_out(text: str) -> str:
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    name = ["--stdin-filename", str(TARGET / "module.py"), "-"]
    ours = ["--config", 'lint.isort.known-first-party=["tock"]']
    for command in (["check", "--quiet", "--fix-only", "--select", "I", *ours, *name], ["format", *name]):
        text = subprocess.run([*ruff, *command], input=text, capture_output=True, text=True, check=True).stdout
    return text


if __name__ == "__main__":
    write()

"""The tools of `mcp_program.py` without the SDK, which takes half a second to import: `python notes_program.py`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def drop(name: str) -> str:
    """Delete a note."""
    return f"dropped {name}"


def seen_environment(name: str) -> str:
    """Say what a variable of this process holds."""
    return os.environ.get(name, "nothing")


def fail(reason: str) -> str:
    """Fail."""
    raise RuntimeError(reason)


def complain(text: str) -> str:
    """Write to standard error."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
    return "done"


def hang(file: str) -> str:
    """Write the ids of this process and of a child to a file, and do not end."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(file).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(600)
    return "never"


Tools = Mapping[str, Callable[..., Any]]
TOOLS: Tools = {tool.__name__: tool for tool in (add, drop, seen_environment, fail, complain, hang)}
_TYPES = {int: "integer", str: "string"}


def serve(tools: Tools) -> None:
    """Answer each request on standard input with a line on standard output, until the input ends."""
    for line in sys.stdin:
        request = json.loads(line)
        if "id" not in request:
            continue
        result = _answer(request["method"], request.get("params", {}), tools)
        said = {"error": {"code": -32601, "message": "Method not found"}} if result is None else {"result": result}
        print(json.dumps({"jsonrpc": "2.0", "id": request["id"], **said}), flush=True)  # noqa: T201 - the protocol


def _answer(method: str, given: dict[str, Any], tools: Tools) -> dict[str, Any] | None:
    """Return the result of a request of the Model Context Protocol; None if this server does not know the method."""
    match method:
        case "initialize":
            info = {"name": "notes", "version": "1"}
            return {"protocolVersion": given["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": info}
        case "tools/list":
            return {"tools": [_described(name, tool) for name, tool in tools.items()]}
        case "tools/call":
            return _called(tools[given["name"]], given["arguments"])
        case _:
            return None


def _described(name: str, tool: Callable[..., Any]) -> dict[str, Any]:
    types = {key: {"type": _TYPES[kind]} for key, kind in tool.__annotations__.items() if key != "return"}
    schema = {"type": "object", "properties": types, "required": list(types)}
    return {"name": name, "description": tool.__doc__, "inputSchema": schema}


def _called(tool: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        result = tool(**arguments)
    except RuntimeError as exc:
        return {"content": [{"type": "text", "text": str(exc)}], "isError": True}
    content = [{"type": "text", "text": str(result)}]
    return {"content": content, "structuredContent": {"result": result}, "isError": False}


if __name__ == "__main__":
    # Only a kill ends it, or the end of its input.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve(TOOLS)

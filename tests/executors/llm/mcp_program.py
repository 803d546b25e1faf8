"""An MCP server made with its SDK: `python mcp_program.py` speaks it on standard input and output."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mcp.server.mcpserver import MCPServer

server = MCPServer("notes")


@server.tool()
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def drop(name: str) -> str:
    """Delete a note."""
    return f"dropped {name}"


@server.tool()
def hang(file: str) -> str:
    """Write the ids of this process and of a child to a file, and do not end."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    Path(file).write_text(f"{os.getpid()} {child.pid}")
    time.sleep(600)
    return "never"


if __name__ == "__main__":
    # Only a kill ends it.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server.run()

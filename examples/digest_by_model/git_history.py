"""An MCP server with one tool: the newest commits of the repository that its argument names."""

import subprocess
import sys

from mcp.server.mcpserver import MCPServer

NEWEST = 30
server = MCPServer("git")


@server.tool()
def history() -> str:
    """Return the newest commits, one a line: day, author and subject."""
    command = ["git", "-C", sys.argv[1], "log", f"--max-count={NEWEST}", "--date=short", "--format=%ad %an: %s"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


server.run()

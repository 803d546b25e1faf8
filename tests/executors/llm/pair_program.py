"""An MCP server without tools that ends only once another one is to end: `python pair_program.py FOLDER NAME OTHER`."""

import signal
import sys
import time
from pathlib import Path

from notes_program import serve

folder, name, other = Path(sys.argv[1]), sys.argv[2], sys.argv[3]

if __name__ == "__main__":
    # Only a kill ends it before.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve({})
    (folder / name).write_text("is to end")
    while not (folder / other).exists():
        time.sleep(0.01)
    (folder / f"{name} ended").write_text("by itself")

"""A PostgreSQL server with a new cluster, from the installation of this machine."""

import asyncio
import functools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from tock.local.process import Process
from tock.local.stack.probe import listens
from tock.local.tcp_ports import unused_port
from waiting import TIMEOUT

_USER = "bench"
#: Where Debian keeps the server's programs, one directory for each release.
_DEBIAN = Path("/usr/lib/postgresql")


def program(name: str) -> str | None:
    """Return the path of a program of the newest installed release, or None."""
    installed = sorted(_DEBIAN.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    return str(installed[-1]) if installed else shutil.which(name)


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    """Give the host:port of a server with default settings, fsync included; its user `bench` needs no password.

    initdb refuses to run as root. Root therefore starts the server as the user `postgres`, which the package creates.
    """
    initdb, server = program("initdb"), program("postgres")
    if initdb is None or server is None:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    port = unused_port()
    with tempfile.TemporaryDirectory(prefix="tock-postgres-") as temporary:
        data = Path(temporary) / "data"
        account = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if account is not None:
            os.chown(temporary, account.pw_uid, account.pw_gid)
        command = [initdb, "--pgdata", str(data), "--username", _USER, "--auth", "trust", "--encoding", "UTF8"]
        await asyncio.to_thread(
            functools.partial(subprocess.run, _as_server(command), cwd=temporary, check=True, capture_output=True)
        )
        process = Process(
            "postgres",
            command=_as_server([server, "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-k", ""]),
            environment=dict(os.environ),
            log=lambda _name, _text: None,
        )
        await process.start()
        try:
            await process.answers(functools.partial(listens, port), timeout=timedelta(seconds=TIMEOUT))
            yield f"127.0.0.1:{port}"
        finally:
            await asyncio.shield(process.stop())


def _as_server(command: Sequence[str]) -> list[str]:
    if os.getuid() != 0:
        return list(command)
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]

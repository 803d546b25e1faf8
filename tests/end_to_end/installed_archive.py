"""Functions as Google runs them: from an unpacked archive, in a virtual environment with its requirements only."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from waiting import TIMEOUT, result_of

INSTALLS_WITHIN = 900


@dataclass(frozen=True, slots=True)
class InstalledArchive:
    """An unpacked archive, and a virtual environment with its requirements and without Tock."""

    source: Path
    environment: Path

    @classmethod
    def of(cls, archive: Path, *, folder: Path) -> "InstalledArchive":
        """Unpack and install, as Google's build does: one hashed `pip install`, then `pip check`."""
        installed = cls(source=folder / "source", environment=folder / "environment")
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(installed.source)
        _succeed(sys.executable, "-m", "venv", str(installed.environment))
        pip = (str(installed.program("python")), "-m", "pip", "--quiet", "--disable-pip-version-check")
        requirements = str(installed.source / "requirements.txt")
        _succeed(*pip, "install", "--require-hashes", "--no-compile", "--requirement", requirements)
        _succeed(*pip, "check")
        return installed

    def program(self, name: str) -> Path:
        return self.environment / "bin" / name

    def python(self, code: str, *, variables: Mapping[str, str]) -> str:
        """Run the code in the environment of the functions; return what it prints."""
        return _succeed(str(self.program("python")), "-c", code, cwd=self.source, variables=variables)

    @contextmanager
    def started(self, function: str, *, port: int, variables: Mapping[str, str]) -> Iterator[None]:
        """Run a function on 127.0.0.1 until the block ends."""
        log = self.environment / f"{function}.log"
        variables = {
            **variables,
            "FUNCTION_TARGET": function,
            "FUNCTION_SIGNATURE_TYPE": "http",
            "HOST": "127.0.0.1",
            "PORT": str(port),
        }
        with log.open("wb") as output:
            process = subprocess.Popen(
                [self.program("functions-framework")],
                cwd=self.source,
                env=_bare(self.environment) | variables,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            result_of(lambda: _answers(port) or process.poll() is not None)
            assert process.poll() is None, log.read_text()
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(TIMEOUT)


def _succeed(*command: str, cwd: Path | None = None, variables: Mapping[str, str] | None = None) -> str:
    environment = os.environ if variables is None else {**_bare(Path(command[0]).parents[1]), **variables}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=INSTALLS_WITHIN, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _bare(environment: Path) -> dict[str, str]:
    """Return an environment whose PATH has the virtual environment and the system's programs only."""
    return {"PATH": f"{environment / 'bin'}:/usr/bin:/bin", "HOME": str(environment), "PYTHONUNBUFFERED": "1"}


def _answers(port: int) -> bool:
    """Whether the function serves. The Functions Framework answers this path itself."""
    try:
        httpx.get(f"http://127.0.0.1:{port}/robots.txt", timeout=TIMEOUT, trust_env=False)
    except httpx.HTTPError:
        return False
    return True

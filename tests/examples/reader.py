"""A reader of an example: does what its README says, in the order in which it says it."""

import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tock import packaged_files
from tock.local.tcp_ports import unused_port
from waiting import TIMEOUT, result_of

EXAMPLES = Path(__file__).parents[2] / "examples"
SHELL = (shutil.which("bash") or "bash", "-c")
#: The folder for temporary files in the examples, which the tests replace by one of their own.
TEMPORARY = "/tmp/"  # noqa: S108 - nothing is written there
#: The port in the examples, which the tests replace by an unused one.
PORT = "9000"
#: Commands that are not repeated: the test has done what they do.
DONE_BEFORE = ("pip install ", "cd examples/")
#: Commands that go on until they are stopped, and what they or their port say when they are ready: `tock dev` once it
#: has applied what it was given.
LASTING = re.compile(
    r"""(\w+=("(\\.|[^"\\])*"|'[^']*'|[^\s"'])+ )*(tock dev|python (service|receiver)\.py)\b""",
)
#: What people do with a run that waits; a reader first sees that it does.
ON_A_WAITING_RUN = re.compile(r"tock runs (approve|reject|answer) ")
#: What stands between the commands of a line that are entered one by one.
_SEPARATE = re.compile(r" && (?=cd |tock )")
_REPOSITORY = "git init --quiet && git add . && git -c user.name=Ada -c user.email=a@example.com commit --message Begin"


@dataclass
class Reader:
    """A copy of the example's folder, the environment of its terminals, and what they printed so far."""

    folder: Path
    environment: dict[str, str]
    stack: ExitStack
    port: int = field(default_factory=unused_port)
    #: The id of the last run that a command named.
    run: str = ""
    #: What each command printed.
    printed: list[str] = field(default_factory=list)
    #: The commands that go on, each with the file that it prints into. None is started twice.
    lasting: dict[str, Path] = field(default_factory=dict)

    @property
    def output(self) -> str:
        """What the commands printed that have ended."""
        return "\n".join(self.printed)

    @property
    def screens(self) -> str:
        """What all commands printed so far."""
        return "\n".join([self.output, *(file.read_text(errors="replace") for file in self.lasting.values())])

    def read(self) -> None:
        """Do what every block of the README says that is no file."""
        text = (self.folder / "README.md").read_text(encoding="utf-8")
        for block in re.findall(r"^```(?:shell)?\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            self.enter(block)

    def enter(self, block: str) -> None:
        """Do what a block says, line by line: it is a terminal, which begins in the example's folder."""
        for command in _SEPARATE.sub("\n", block.replace("\\\n", " ")).splitlines():
            if command and not command.startswith(("#", *DONE_BEFORE)):
                self._type(command)

    def _type(self, command: str) -> None:
        command = re.sub(r"\bRUN\b", self.run, self._own(command))
        if command.startswith("export "):
            name = command.split()[1].partition("=")[0]
            self.environment[name] = self._printed(f'{command}\nprintf %s "${name}"')
        elif command.startswith("cd "):
            self.folder /= command.removeprefix("cd ")
        elif LASTING.search(command):
            if command not in self.lasting:
                self.lasting[command] = self.stack.enter_context(self._lasting(command))
        else:
            if ON_A_WAITING_RUN.match(command):
                result_of(lambda: "waiting" in self._printed(f"tock runs show {self.run}"))
            said = self._printed(command)
            self.printed.append(said)
            named = re.findall(r"[Rr]un\s+([0-9a-f]{24})\b", said)
            # A command in a run's workspace is a run too, but no other that people then speak of.
            self.run = named[-1] if named and not command.startswith("tock runs exec ") else self.run

    def _own(self, text: str) -> str:
        """Return the text with a port and a folder for temporary files that nobody else uses."""
        return text.replace(TEMPORARY, f"{self.folder.parent}/").replace(PORT, str(self.port))

    def _printed(self, command: str) -> str:
        done = subprocess.run(
            [*SHELL, command],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    @contextmanager
    def _lasting(self, command: str) -> Iterator[Path]:
        """Run the command until the reader is done; when it is ready, yield the file that it prints into."""
        is_stack = "tock dev" in command
        file = self.folder / f"{'tock' if is_stack else 'service'}.txt"
        with file.open("wb") as output:
            process = subprocess.Popen(
                [*SHELL, command],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            result_of(lambda: self._is_ready(file, is_stack=is_stack) or process.poll() is not None)
            assert process.poll() is None, file.read_text(errors="replace")
            yield file
        finally:
            os.killpg(process.pid, signal.SIGINT)
            process.wait(TIMEOUT)

    def _is_ready(self, file: Path, *, is_stack: bool) -> bool:
        if is_stack:
            return "Tock is running." in file.read_text(errors="replace")
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def reader_of(example: str, *, folder: Path, firestore: str) -> Iterator[Reader]:
    """Give a reader of a copy of this example, in a git repository of its own; end what it started afterwards.

    The copy of a template is what `tock init` writes.
    """
    copy = folder / example
    if example in packaged_files.templates():
        made = [sys.executable, "-m", "tock.cli.main", "init", str(copy), "--template", example]
        subprocess.run(made, capture_output=True, check=True)
    else:
        shutil.copytree(EXAMPLES / example, copy)
    with reader_in(copy, firestore=firestore) as reader:
        yield reader


@contextmanager
def reader_in(copy: Path, *, firestore: str) -> Iterator[Reader]:
    """Give a reader in this folder, which becomes a git repository; end what it started afterwards.

    The stacks of all readers use one Firestore emulator, at the host:port `firestore`; each reader has a Google Cloud
    project of its own there.
    """
    programs = str(Path(sys.executable).parent)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("TOCK_")}
    environment = {
        **variables,
        "PATH": f"{programs}{os.pathsep}{variables['PATH']}",
        "FIRESTORE_EMULATOR_HOST": firestore,
        "GOOGLE_CLOUD_PROJECT": f"reader-{secrets.token_hex(8)}",
    }
    with ExitStack() as stack:
        reader = Reader(folder=copy, environment=environment, stack=stack)
        environment["PORT"] = str(reader.port)
        for file in (*copy.glob("*.json"), *copy.glob("*.py")):
            file.write_text(reader._own(file.read_text(encoding="utf-8")), encoding="utf-8")
        subprocess.run([*SHELL, _REPOSITORY], cwd=copy, env=environment, capture_output=True, check=True)
        yield reader

"""The wheel is the product: installed into a clean environment, in an empty folder, every command works from it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from end_to_end.deployer import Deployer
from waiting import TIMEOUT, result_of

# One worker builds and installs, once; the stacks of two workers would be in each other's way.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
INSTALLS_WITHIN = 900
STARTS_WITHIN = 120
STOPS_WITHIN = 30


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with the wheel and what it requires, and nothing of this checkout."""

    wheel: Path
    bin: Path

    def tock(self, *arguments: str, folder: Path, code: int = 0, **variables: str) -> str:
        """Return what `tock` prints, called in this folder."""
        done = subprocess.run(
            [str(self.bin / "tock"), *arguments],
            cwd=folder,
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=STARTS_WITHIN * 2,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return kept | {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=INSTALLS_WITHIN)
    [wheel] = folder.glob("*.whl")
    environment = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True, timeout=INSTALLS_WITHIN)
    pip = [str(environment / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "install", str(wheel)], check=True, timeout=INSTALLS_WITHIN)
    subprocess.run([*pip, "check"], check=True, timeout=INSTALLS_WITHIN)
    return Installed(wheel=wheel, bin=environment / "bin")


def test_the_wheel_holds_the_package_and_the_files_it_needs_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as opened:
        names = {name for name in opened.namelist() if ".dist-info/" not in name}

    functions = ROOT / "functions"
    package = {file.relative_to(functions).as_posix() for file in (functions / "tock").rglob("*.py")} | {
        "tock/py.typed"
    }
    pages = functions / "tock" / "web" / "console"
    package |= {
        file.relative_to(functions).as_posix()
        for folder in ("templates", "assets")
        for file in (pages / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }
    infra = {f"tock/_files/infra/{file.name}" for file in (ROOT / "infra").glob("*.tf")}
    requirements = {file.name for file in functions.glob("requirements*.txt")}
    templates = {
        f"templates/{file.parent.name}/{file.name}"
        for project in (ROOT / "examples").glob("*/tock.toml")
        for file in project.parent.iterdir()
        if file.is_file()
    }
    beside = {"main.py", "infra/README.md", "infra/terraform.tfvars.example"} | requirements | templates
    assert names == package | infra | {f"tock/_files/{name}" for name in beside}


def test_it_tells_its_version_and_its_commands(installed: Installed, tmp_path: Path) -> None:
    assert re.fullmatch(r"tock \d+\.\d+\.\d+\S*", installed.tock("--version", folder=tmp_path).strip())
    assert "dev" in installed.tock("-h", folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_builds_the_archive_that_a_checkout_builds(installed: Installed, tmp_path: Path) -> None:
    installed.tock("archive", folder=tmp_path)

    checkout = subprocess.run(
        [sys.executable, "-m", "tock.cli.main", "archive", "--output", str(tmp_path / "checkout.zip")],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    assert checkout.returncode == 0, checkout.stderr
    assert (tmp_path / "tock.zip").read_bytes() == (tmp_path / "checkout.zip").read_bytes()


def test_it_plans_a_deployment_with_its_own_terraform(installed: Installed, tmp_path: Path) -> None:
    deployer = Deployer.create(tmp_path, url="")
    (tmp_path / "infra" / "main.tf").unlink()
    (tmp_path / "infra").rmdir()
    (tmp_path / "terraform.tfvars").write_text('region = "us-west1"\n')
    deployer.cloud(buckets={"gs://my-project-tock-terraform": ["123456789012", "True"]})

    path = f"{tmp_path / 'bin'}{os.pathsep}{installed.environment['PATH']}"
    installed.tock("deploy", "--plan", "--project", "my-project", folder=tmp_path, PATH=path)

    variables = deployer.variables("plan")
    assert variables["region"] == "us-west1"
    assert variables["source_archive"] == "../tock.zip"
    copied = {file.name for file in (tmp_path / ".tock" / "infra").glob("*.tf")}
    assert copied == {file.name for file in (ROOT / "infra").glob("*.tf")}


@contextmanager
def _dev(installed: Installed, folder: Path, *arguments: str) -> Iterator[Path]:
    """`tock dev` in this folder until the end of the context; yield the file of its output."""
    output = folder / "output.txt"
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [str(installed.bin / "tock"), "dev", *arguments],
            cwd=folder,
            env=installed.environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + STARTS_WITHIN
        while "Tock is running." not in output.read_text():
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.2)
        yield output
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(STOPS_WITHIN)


def test_a_project_of_tock_init_runs_on_time_and_its_next_run_takes_up_an_edit(
    installed: Installed, tmp_path: Path
) -> None:
    assert "Next: tock dev" in installed.tock("init", folder=tmp_path)
    agents = tmp_path / "agents.py"

    with _dev(installed, tmp_path) as output:
        _scheduled_run(installed, tmp_path, result="Hello, World!")
        agents.write_text(agents.read_text().replace("Hello, ", "Good morning, "))
        ran = installed.tock("agents", "run", "hello", "--message", "Ada", "--wait", folder=tmp_path)
        (tmp_path / "below").mkdir()
        preview = installed.tock("triggers", "preview", "every-minute", folder=tmp_path / "below")
        # The trigger fires each minute.
        _scheduled_run(installed, tmp_path, result="Good morning, World!")
        banner = output.read_text()
        _require_console(tmp_path)

    assert "Good morning, Ada!" in ran
    assert "progress" in ran
    assert re.search(r"\d\d:\d\d:00", preview)
    assert re.search(
        r"^  API +http://127\.0\.0\.1:\d+/v1/projects/demo( +\(port 8625 is in use\))?$", banner, re.MULTILINE
    )
    assert re.search(r"^  Log +\.tock/log\.txt$", banner, re.MULTILINE)
    assert "Tock answers at" in (tmp_path / ".tock" / "log.txt").read_text()


def _require_console(folder: Path) -> None:
    """Raise AssertionError unless the console's first page is there, with the files that it loads."""
    site = json.loads((folder / ".tock" / "stack.json").read_text())["api"]
    page = httpx.get(site, follow_redirects=True, headers={"Accept": "text/html"}, timeout=TIMEOUT, trust_env=False)
    files = re.findall(r'(?:href|src)="(/assets/[^"]+)"', page.text)
    answers = [httpx.get(f"{site}{file}", timeout=TIMEOUT, trust_env=False).status_code for file in files]
    assert page.url.path == "/projects/demo"
    assert "<h1" in page.text
    assert len(files) > 2
    assert set(answers) == {200}


def _scheduled_run(installed: Installed, folder: Path, *, result: str) -> None:
    """Return once a run that the trigger started has this result."""

    def look() -> bool:
        listed = json.loads(installed.tock("runs", "list", "--trigger", "every-minute", "--json", folder=folder))
        return any(run["source"] == "schedule" and run["result"] == result for run in listed["runs"])

    result_of(look, after=60)


def test_a_module_that_cannot_be_imported_ends_the_start_with_its_name(installed: Installed, tmp_path: Path) -> None:
    said = installed.tock("dev", "acme.agents", folder=tmp_path, code=1)

    assert "acme.agents: there is no such module in" in said
    assert "Traceback" not in said


def test_the_demo_runs_in_an_empty_folder(installed: Installed, tmp_path: Path) -> None:
    said = installed.tock("demo", folder=tmp_path)

    assert "Greet whoever reads this" in said
    assert re.search(r"expected (\d+), fired \1, in flight 0, skipped 0, missed 0, lost 0, doubled 0", said)

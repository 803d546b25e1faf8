"""Further requirements in the archive: they must fit to Tock's own pins."""

from pathlib import Path

import pytest

from tock import packaged_files
from tock.deploy.errors import RequirementsRefused
from tock.deploy.requirements import pinned, with_further

FUNCTIONS = Path(__file__).parents[2] / "functions"
A = f"--hash=sha256:{'a' * 64}"
B = f"--hash=sha256:{'b' * 64}"
OWN = f"""# Tock's own
httpx==0.28.1 \\
    {A} \\
    {B}
    # via tock (pyproject.toml)
colorama==0.4.6 ; sys_platform == 'win32' \\
    {A}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.txt"
    path.write_text(OWN)
    return path


def _merged(own: Path, text: str) -> str:
    further = own.with_name("acme.txt")
    further.write_text(text)
    return with_further(own, further=further)


def test_without_more_the_file_stays_as_it_is(own: Path) -> None:
    assert with_further(own, further=None) == OWN


def test_pins_with_hashes_come_after_tocks_own(own: Path) -> None:
    merged = _merged(
        own, f"# mine\n\nLang_Chain[all] == 1.2.3 ; python_version >= '3.11' \\\n  {A} \\\n  {B}  # via me\n"
    )

    assert merged == OWN + f"lang-chain[all]==1.2.3 ; python_version >= '3.11' \\\n    {A} \\\n    {B}\n"


def test_what_tock_pins_already_is_not_said_twice(own: Path) -> None:
    assert _merged(own, f"HTTPX==0.28.1 {A}\nsolo==1 {A}\n") == OWN + f"solo==1 \\\n    {A}\n"


def test_the_same_version_elsewhere_or_with_extras_is_a_further_requirement(own: Path) -> None:
    merged = _merged(own, f"colorama==0.4.6 {A}\nhttpx[http2]==0.28.1 {B}\n")

    assert merged == OWN + f"colorama==0.4.6 \\\n    {A}\nhttpx[http2]==0.28.1 \\\n    {B}\n"


def test_another_index_may_be_named(own: Path) -> None:
    line = "--extra-index-url https://packages.example.com/\n"

    assert _merged(own, line) == OWN + line


REFUSED = {
    "without a hash": ("\nsolo==1.0\n", "acme.txt:2: solo==1.0 has no --hash"),
    "not pinned": (f"solo>=1 {A}", "acme.txt:1: 'solo>=1 --hash=sha256:aaa"),
    "a wildcard": (f"solo==1.* {A}", "is not pinned as name==version"),
    "no version": ("solo", "'solo' is not pinned as name==version"),
    "another version": (f"httpx==0.27.0 {A}", "httpx==0.27.0 conflicts with the pin httpx==0.28.1"),
    "two versions": (f"solo==1 {A}\nsolo==2 {A}", "acme.txt:2: solo==2 conflicts with the pin solo==1"),
    "another file": ("-r more.txt", "'-r more.txt' is not pinned as name==version"),
    "a folder": ("-e ./acme", "'-e ./acme' is not pinned as name==version"),
    "an address": ("solo @ https://example.com/solo.whl", "is not pinned as name==version"),
    "goes on over lines": (f"a==1 {A}\n\nsolo==1 \\\n\nb==1 {A}", "acme.txt:3: solo==1 has no --hash"),
}


@pytest.mark.parametrize(("text", "words"), REFUSED.values(), ids=REFUSED)
def test_what_pip_could_not_install_beside_them_is_refused(own: Path, text: str, words: str) -> None:
    with pytest.raises(RequirementsRefused) as raised:
        _merged(own, text)

    assert str(raised.value).startswith(f"--requirements {own.with_name('acme.txt')}")
    assert words in str(raised.value)
    assert f"-c {own} --generate-hashes" in " ".join(raised.value.remedies)


def test_a_file_that_is_not_there_is_named(own: Path) -> None:
    with pytest.raises(RequirementsRefused, match=r"nowhere\.txt: No such file"):
        with_further(own, further=own.with_name("nowhere.txt"))


def test_a_file_that_is_no_text_is_named(own: Path) -> None:
    own.with_name("binary.txt").write_bytes(b"\xff\xfe")

    with pytest.raises(RequirementsRefused, match=r"binary\.txt: it is not UTF-8 text"):
        with_further(own, further=own.with_name("binary.txt"))


def test_every_pin_of_tocks_own_file_is_understood() -> None:
    text = (FUNCTIONS / "requirements.txt").read_text()

    pins = pinned(text)

    assert len(pins) == sum("==" in line and not line.lstrip().startswith("#") for line in text.splitlines())
    assert sum(len(pin.hashes) for pin in pins) == text.count("--hash=")


def test_an_extra_adds_what_the_functions_do_not_have_and_no_second_pin_of_what_they_have() -> None:
    own = packaged_files.pinned_requirements()

    merged = pinned(with_further(own, further=None, extras=[packaged_files.extra_requirements("llm")]))

    names = [pin.name for pin in merged]
    assert {"pydantic-ai-slim", "mcp"} <= set(names) - {pin.name for pin in pinned(own.read_text())}
    assert names.count("pydantic") == 1

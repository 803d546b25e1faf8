"""Where the client finds its server, project and key."""

from pathlib import Path

import pytest

import tock
from tock import Client
from tock.client.connection import Connection

NOTHING = {"server": None, "project": None, "key": None, "identity_token": None}
ENVIRONMENT = {
    "TOCK_SERVER": "https://tock.example/",
    "TOCK_PROJECT": "acme",
    "TOCK_KEY": "k",
    "TOCK_IDENTITY_TOKEN": "t",
}


@pytest.fixture
def stack(tmp_path: Path) -> Path:
    """A folder with a local stack."""
    (tmp_path / ".tock").mkdir()
    (tmp_path / ".tock" / "stack.json").write_text('{"api": "http://127.0.0.1:1/", "project": "demo"}')
    return tmp_path


def test_arguments_come_before_the_environment_and_that_before_the_local_stack(
    stack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {"server": "https://given.example", "project": "own", "key": "g", "identity_token": "i"}
    (stack / "below").mkdir()
    monkeypatch.chdir(stack / "below")

    found = [
        Connection.found(**given, environment=ENVIRONMENT),
        Connection.found(**NOTHING, environment=ENVIRONMENT),
        Connection.found(**NOTHING, environment={}),
        Connection.found(**(NOTHING | {"project": "own"}), environment={}),
        Connection.found(**NOTHING, environment={"TOCK_SERVER": "https://tock.example"}),
        Connection.found(**dict.fromkeys(NOTHING, ""), environment=ENVIRONMENT),
    ]

    assert found == [
        Connection("https://given.example", "own", "g", "i"),
        Connection("https://tock.example", "acme", "k", "t"),
        Connection("http://127.0.0.1:1", "demo", "", ""),
        Connection("http://127.0.0.1:1", "own", "", ""),
        Connection("https://tock.example", "", "", ""),
        Connection("https://tock.example", "acme", "", ""),
    ]


def test_without_a_server_it_says_how_to_get_one() -> None:
    with pytest.raises(tock.NotConfigured, match=r"No server is known\. Start a local one with `tock dev`"):
        Client()


def test_without_a_project_only_what_needs_one_is_refused() -> None:
    with Client("https://tock.example") as client, pytest.raises(tock.NotConfigured, match="TOCK_PROJECT=ID"):
        client.agents.list()


def test_a_damaged_address_of_a_local_stack_is_named(stack: Path) -> None:
    (stack / ".tock" / "stack.json").write_text("{")

    with pytest.raises(
        tock.NotConfigured, match=r"stack\.json, which holds the address of the local stack, is damaged"
    ):
        Client()


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("localhost:8080", "Write http://localhost:8080 or https://localhost:8080."),
        ("ftp://tock.example", "is not the URL of a web server"),
        ("http://[::", "The server is not a URL"),
        ("http://a:99999", "has a port that is not from 1 to 65535"),
        ("http://tock.example?x=1", "has a query or a fragment"),
        ("https://u:hunter2@tock.example", "holds a user name or password"),
        ("https://u:hunter2@[::/", "The server is not a URL"),
    ],
)
def test_a_url_that_cannot_be_used_is_named_without_its_password(server: str, said: str) -> None:
    with pytest.raises(tock.NotConfigured) as raised:
        Client(server)

    assert said in str(raised.value)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("field", ["key", "identity_token"])
def test_a_key_that_no_header_can_carry_is_refused_unseen(field: str) -> None:
    with pytest.raises(tock.InvalidArgument, match="characters other than visible ASCII") as raised:
        Client("https://tock.example", **{field: "schlüssel"})

    assert (raised.value.field, raised.value.value) == (field, "(withheld)")
    assert "schlüssel" not in str(raised.value)

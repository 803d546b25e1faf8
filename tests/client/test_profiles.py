"""Profiles: where they are stored, who may read them, and when they say where Tock is."""

import json
from pathlib import Path

import pytest

import tock
from tock.client.connection import Connection
from tock.client.profiles import Profile, Profiles, profiles_file, store_profiles, stored_profiles

NOTHING = {"server": None, "project": None, "key": None, "identity_token": None}
WORK = Profile("https://work.example", "acme", "tock.acme/ci/hunter2")
HOME = Profile("https://home.example", "own", "")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment whose user has stored two profiles, of which `work` is in use."""
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "configuration")}
    store_profiles(Profiles().with_profile("home", HOME).with_profile("work", WORK), environment)
    return environment


def _stack(folder: Path) -> None:
    (folder / ".tock").mkdir()
    (folder / ".tock" / "stack.json").write_text('{"api": "http://127.0.0.1:1", "project": "demo"}')


def test_what_is_stored_is_read_again_and_is_its_owners_alone(environment: dict[str, str]) -> None:
    file = profiles_file(environment)

    assert stored_profiles(environment) == Profiles({"home": HOME, "work": WORK}, in_use="work")
    assert file is not None
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [each.name for each in file.parent.iterdir()] == ["profiles.json"]


def test_a_file_that_others_may_read_is_refused_with_the_command_that_mends_it(environment: dict[str, str]) -> None:
    file = profiles_file(environment)
    assert file is not None
    file.chmod(0o640)

    with pytest.raises(tock.NotConfigured) as raised:
        stored_profiles(environment)

    assert raised.value.remedy == f"Run: chmod 600 {file}"


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"in_use": null, "profiles": {"a": {"server": "hunter2"}}}'])
def test_a_damaged_file_is_named_and_not_quoted(environment: dict[str, str], text: str) -> None:
    file = profiles_file(environment)
    assert file is not None
    file.write_text(text)

    with pytest.raises(tock.NotConfigured, match="is damaged") as raised:
        stored_profiles(environment)

    assert "hunter2" not in str(raised.value)


def test_the_folder_is_that_of_the_user(tmp_path: Path) -> None:
    assert profiles_file({"HOME": str(tmp_path)}) == tmp_path / ".config" / "tock" / "profiles.json"
    assert profiles_file({}) is None
    assert stored_profiles({}) == Profiles()
    with pytest.raises(tock.NotConfigured, match="Set HOME or XDG_CONFIG_HOME"):
        store_profiles(Profiles(), {})


def test_a_profile_is_used_or_removed_by_its_name() -> None:
    both = Profiles({"home": HOME, "work": WORK}, in_use="work")

    assert both.using("home").in_use == "home"
    assert both.without("work") == Profiles({"home": HOME}, in_use=None)
    assert both.without("home") == Profiles({"work": WORK}, in_use="work")
    for change in (both.using, both.without, both.named):
        with pytest.raises(tock.NotConfigured, match=r"no profile 'wrok'.*Did you mean work\?.*Stored: home, work\."):
            change("wrok")
    with pytest.raises(tock.InvalidArgument, match="letters, digits"):
        both.with_profile("../work", WORK)


def test_no_text_of_a_profile_shows_its_key() -> None:
    assert "hunter2" not in repr(Profiles({"work": WORK}))


def test_the_order_of_what_says_where_tock_is(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = environment | {"TOCK_SERVER": "https://variable.example", "TOCK_KEY": "v"}
    monkeypatch.chdir(tmp_path)

    assert Connection.found(**NOTHING, environment=environment) == Connection(WORK.server, "acme", WORK.key, "")
    by_variable = environment | {"TOCK_PROFILE": "home"}
    assert Connection.found(**NOTHING, environment=by_variable) == Connection(HOME.server, "own", "", "")
    _stack(tmp_path)
    local = Connection.found(**NOTHING, environment=environment)
    assert (local, local.sources) == (
        Connection("http://127.0.0.1:1", "demo", "", ""),
        {"server": "the local stack of this folder", "project": "the local stack of this folder"},
    )
    assert Connection.found(**NOTHING, environment=by_variable).server == HOME.server
    assert Connection.found(**NOTHING, environment=variables) == Connection("https://variable.example", "", "v", "")
    named = Connection.found(**NOTHING | {"project": "other"}, profile="work", environment=variables)
    assert (named, named.sources) == (
        Connection(WORK.server, "other", WORK.key, ""),
        {"server": "profile work", "project": "argument", "key": "profile work"},
    )


def test_a_stored_key_goes_to_no_other_server(environment: dict[str, str]) -> None:
    elsewhere = NOTHING | {"server": "https://elsewhere.example"}

    assert Connection.found(**elsewhere, environment=environment).key == ""
    assert Connection.found(**elsewhere, environment=environment | {"TOCK_PROFILE": "work"}).key == ""
    with pytest.raises(tock.InvalidArgument, match="names a server of its own"):
        Connection.found(**elsewhere, profile="work", environment=environment)


def test_a_profile_that_is_not_stored_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(tock.NotConfigured, match=r"no profile 'none'"):
        Connection.found(**NOTHING, profile="none", environment=environment)


def test_what_is_in_use_but_not_stored_any_more_is_not_in_use(environment: dict[str, str]) -> None:
    file = profiles_file(environment)
    assert file is not None
    file.write_text(json.dumps({"in_use": "gone", "profiles": {}}))

    assert stored_profiles(environment) == Profiles()

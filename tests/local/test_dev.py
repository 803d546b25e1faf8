"""`tock dev`: which variables of its terminal its functions get."""

from tock.local.dev import passed_on

_TERMINAL = {"TOCK_LEASE": "PT6S", "HOME": "/home/ada", "GOOGLE_CLOUD_PROJECT": "my-project"}


def test_the_functions_get_tocks_own_variables() -> None:
    assert passed_on(_TERMINAL) == {"TOCK_LEASE": "PT6S"}


def test_in_an_emulator_that_others_use_the_project_of_the_terminal_keeps_documents_apart() -> None:
    shared = {**_TERMINAL, "FIRESTORE_EMULATOR_HOST": "127.0.0.1:8080"}

    assert passed_on(shared) == {"TOCK_LEASE": "PT6S", "GOOGLE_CLOUD_PROJECT": "my-project"}

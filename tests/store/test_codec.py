"""Properties of the codec: a document is read back equal, and a difference of two turns the one into the other."""

from typing import Any

import pytest
from google.cloud.firestore_v1 import types
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from ports.documents import a_chunk, a_lock, a_project, a_run, a_trigger, an_agent, an_api_key
from store.drawn_documents import AGENTS, CHUNKS, INSTANTS, NUMBERS, RUNS, TRIGGERS, optional
from tock.core.health.scheduler_state import SchedulerState, TickCounters
from tock.store.documents.codec import CODECS, SCHEDULER_STATE, DocumentCodec
from tock.store.documents.paths import path_of
from tock.store.documents.values import write_fields

_Document = types.Document.pb()


@pytest.mark.parametrize(
    "document",
    [a_project(name="Acme"), an_agent(), a_trigger(), a_run(), a_lock(), an_api_key(), a_chunk(1, 2)],
    ids=lambda document: type(document).__name__,
)
def test_each_kind_of_document_comes_back(document: Any) -> None:
    form = CODECS[type(document)]

    assert _read(form, path_of(document), _message(form.stored(document))) == document


@given(TRIGGERS | RUNS | AGENTS | CHUNKS)
def test_an_equal_document_comes_back(document: Any) -> None:
    form = CODECS[type(document)]

    assert _exact(_read(form, path_of(document), _message(form.stored(document)))) == _exact(document)


@given(st.tuples(TRIGGERS, TRIGGERS) | st.tuples(RUNS, RUNS) | st.tuples(AGENTS, AGENTS) | st.tuples(CHUNKS, CHUNKS))
def test_a_difference_turns_what_is_stored_into_the_other(documents: tuple[Any, Any]) -> None:
    before, after = documents
    form = CODECS[type(before)]
    message = _message(form.stored(before))

    difference = form.difference(before, after)
    for name in difference:
        message.fields.pop(name, None)
    write_fields(message.fields, form.present(difference))

    assert _exact(_read(form, path_of(after), message)) == _exact(after)


@given(TRIGGERS | RUNS | AGENTS | CHUNKS)
def test_equal_documents_do_not_differ(document: Any) -> None:
    form = CODECS[type(document)]

    assert form.difference(document, document.model_copy(deep=True)) == {}


@given(
    st.builds(
        SchedulerState,
        last_tick=INSTANTS,
        last_success=optional(INSTANTS),
        counters=st.builds(TickCounters, due=NUMBERS, lag=st.floats(0, 1e9)),
    )
)
def test_the_state_of_the_scheduler_comes_back(state: SchedulerState) -> None:
    assert _read(SCHEDULER_STATE, "system/scheduler", _message(SCHEDULER_STATE.stored(state))) == state


def _message(values: dict[str, Any]) -> Any:
    message = _Document()
    write_fields(message.fields, values)
    return _Document.FromString(message.SerializeToString())


def _read(form: DocumentCodec[Any], path: str, message: Any) -> Any:
    return form.parsed(path, message.fields)


def _exact(document: BaseModel) -> tuple[BaseModel, str]:
    # In Python 1 == True == 1.0; as JSON they differ.
    return document, document.model_dump_json()

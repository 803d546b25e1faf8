"""An API that streams what a test gives it, while the test runs."""

from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest

from client.streaming_api import Answer, Api
from tock.client._sync import event_stream


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, settled_run: dict[str, Any]) -> Iterator[Api]:
    monkeypatch.setattr(event_stream, "PAUSE", 0)
    with Api(("127.0.0.1", 0), Answer) as api:
        api.answers, api.streams, api.resumed_after, api.posted = {"/runs/r": settled_run}, [], [], []
        thread = Thread(target=api.serve_forever, args=(0.01,))
        thread.start()
        yield api
        api.shutdown()
        thread.join()

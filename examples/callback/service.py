"""Answers 202, works for a second, and calls back with the run's token."""

import json
import os
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

WEBHOOK = Webhook(os.environ["AGENT_SECRET"])


def work(run: dict[str, Any]) -> None:
    # Tock takes events as soon as it has read the 202.
    time.sleep(1)
    callback = run["callback"]
    send(callback["events_url"], callback["token"], {"events": [{"kind": "progress", "data": {"step": "counting"}}]})
    send(callback["url"], callback["token"], {"words": len(run["message"].split())})


def send(url: str, token: str, body: dict[str, Any]) -> None:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    for wait in (0, 1, 2, 4, 8):
        time.sleep(wait)
        try:
            urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=30).close()
        except urllib.error.HTTPError as error:
            if error.code < 500:
                raise
        else:
            return


class Service(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            run = WEBHOOK.verify(body, dict(self.headers))
        except (WebhookVerificationError, ValueError):
            self.answer(401)
            return
        threading.Thread(target=work, args=[run]).start()
        self.answer(202)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Service).serve_forever()

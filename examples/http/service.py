"""The agent: a web service that gets each run as JSON, and answers with its result."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Service(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        run = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        content = json.dumps({"read": run["message"], "words": len(run["message"].split())}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "9000"))), Service).serve_forever()

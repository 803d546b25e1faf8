"""A service for Cloud Run behind IAM: Cloud Run has checked who calls before a request comes here."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Review(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        run = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        message = run["message"] or ""
        content = json.dumps({"reviewed": message, "words": len(message.split())}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


# Cloud Run connects from outside the container and says at which port.
ThreadingHTTPServer((os.environ.get("HOST", "0.0.0.0"), int(os.environ.get("PORT", "8080"))), Review).serve_forever()

"""What runs here, for whoever wants to know: one page over HTTP."""

import json
import os
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from acme import __version__


def identity() -> Mapping[str, str]:
    """Version, and the commit that whoever started it has named."""
    return {"status": "ok", "version": __version__, "commit": os.environ.get("ACME_COMMIT", "unknown")}


class HealthPage(ThreadingHTTPServer):
    """Answers GET /healthz beside a server that has no HTTP of its own; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)

    def begin(self) -> None:
        """Answer from now on, until the process ends."""
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        found = self.path == "/healthz"
        body = json.dumps(identity() if found else {"error": "no such page"}).encode()
        self.send_response(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Nobody reads who asked how it is."""

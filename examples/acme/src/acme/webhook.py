"""A webhook service: checks GitHub's signature and remembers each delivery once."""

import argparse
import hashlib
import hmac
import json
import os
import signal
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from acme import __version__
from acme.health import identity
from acme.store import Store

LARGEST = 1_000_000


def signature(secret: str, body: bytes) -> str:
    """What stands in X-Hub-Signature-256 when a sender who knows the secret sends this body."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Service(ThreadingHTTPServer):
    """Listens; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], store: Store, secret: str) -> None:
        super().__init__(address, Handler)
        self.store = store
        self.secret = secret


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_GET(self) -> None:
        if self.path == "/healthz":
            events = self.server.store.count_events()
            self._answer(HTTPStatus.OK, {**identity(), "events": events})
        else:
            self._answer(HTTPStatus.NOT_FOUND, {"error": "no such page"})

    def do_POST(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        if self.path != "/webhook":
            self._answer(HTTPStatus.NOT_FOUND, {"error": "no such page"})
        elif size > LARGEST:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, {"error": f"more than {LARGEST} bytes"})
        else:
            self._answer(*self._receive(self.rfile.read(size)))

    def _receive(self, body: bytes) -> tuple[HTTPStatus, dict[str, object]]:
        claimed = self.headers.get("X-Hub-Signature-256", "")
        if not hmac.compare_digest(claimed.encode(), signature(self.server.secret, body).encode()):
            return HTTPStatus.UNAUTHORIZED, {"error": "the signature does not match"}
        kind, delivery = self.headers.get("X-GitHub-Event"), self.headers.get("X-GitHub-Delivery")
        if not kind or not delivery:
            return HTTPStatus.BAD_REQUEST, {"error": "X-GitHub-Event and X-GitHub-Delivery are needed"}
        try:
            payload = json.dumps(json.loads(body))
        except ValueError:
            return HTTPStatus.BAD_REQUEST, {"error": "the body is not JSON"}
        new = self.server.store.add_event(delivery, kind, payload)
        return HTTPStatus.ACCEPTED, {"delivery": delivery, "new": new}

    def _answer(self, status: HTTPStatus, content: dict[str, object]) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        sys.stderr.write(f"{self.address_string()} {format % args}\n")


def main() -> None:
    """Listen until interrupted."""
    parser = argparse.ArgumentParser(prog="acme-webhook", description="receives signed webhooks")
    parser.add_argument("--database", type=Path, default=os.environ.get("ACME_DATABASE", "acme.sqlite3"))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--version", action="version", version=f"acme-webhook {__version__}")
    options = parser.parse_args()
    secret = os.environ.get("ACME_WEBHOOK_SECRET", "")
    if not secret:
        parser.error("ACME_WEBHOOK_SECRET is not set")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever starts services ends them so
    with Service((options.host, options.port), Store(Path(options.database)), secret) as service:
        try:
            service.serve_forever()
        except KeyboardInterrupt:
            parser.exit(130)


if __name__ == "__main__":
    main()

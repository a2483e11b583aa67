"""A stand-in of the npm registry, as npm audit asks it."""

import gzip
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GHSA = "GHSA-made-upup-0002"


class Registry:
    """Which packages have an advisory, with its severity; `body` is what it answers instead."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known
        self.body: bytes | None = None
        self.asked: list[dict[str, list[str]]] = []
        self.url = ""

    def answer(self, question: bytes) -> bytes:
        asked = json.loads(question)
        self.asked.append(asked)
        if self.body is not None:
            return self.body
        return json.dumps({name: [self._advisory(name)] for name in asked if name in self.known}).encode()

    def _advisory(self, name: str) -> dict[str, object]:
        return {
            "id": 1,
            "url": f"https://github.com/advisories/{GHSA}",
            "title": f"{name} believes too much",
            "severity": self.known[name],
            "vulnerable_versions": "<9.0.0",
        }


@contextmanager
def served(known: Mapping[str, str]) -> Iterator[Registry]:
    """Serve advisories on a free port of this machine; packages themselves are not there."""
    registry = Registry(known)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            packed = self.headers.get("Content-Encoding") == "gzip"
            self._send(200, registry.answer(gzip.decompress(raw) if packed else raw))

        def do_GET(self) -> None:
            self._send(404, b"{}")

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is named there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    registry.url = f"http://127.0.0.1:{server.server_port}/"
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A stand-in of the advisory service OSV, as pip-audit asks it; and the ways in which it can be of no use."""

import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CVE, GHSA = "CVE-1900-0001", "GHSA-made-upup-0001"


def advisory(package: str, fixed: str = "1.2.5") -> dict[str, object]:
    """One advisory in OSV's own words."""
    events = [{"introduced": "0"}, {"fixed": fixed}]
    affected = {
        "package": {"name": package, "ecosystem": "PyPI"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
    }
    return {"id": GHSA, "aliases": [CVE], "summary": f"{package} believes too much", "affected": [affected]}


class Advisories:
    """What is known, by package; `body` is what it answers instead, `delay` how long it takes, in seconds."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = known
        self.body: bytes | None = None
        self.status = 200
        self.delay = 0.0
        self.asked: list[tuple[str, str]] = []
        self.url = ""

    def answer(self, question: bytes) -> bytes:
        asked = json.loads(question)
        name = asked["package"]["name"]
        self.asked.append((name, asked["version"]))
        if self.body is not None:
            return self.body
        found = {"vulns": [advisory(name, self.known[name])]} if name in self.known else {}
        return json.dumps(found).encode()


@contextmanager
def served(known: Mapping[str, str]) -> Iterator[Advisories]:
    """Serve advisories on a free port of this machine."""
    advisories = Advisories(known)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = advisories.answer(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(advisories.delay)
            self.send_response(advisories.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as it is named there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    advisories.url = f"http://127.0.0.1:{server.server_port}/v1/query"
    try:
        yield advisories
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""Smoke checks against real sockets: what answers, and whether that proves that the new version is live."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from shipit.adapters.http.browser import Browser
from shipit.config.tables.deployments import Smoke, SmokeCheck
from shipit.deploy.smoke import SmokeChecks
from shipit.errors import ExternalError
from shipit.model import Revision

OLD = Revision("1.0.0", "0" * 40)
NEW = Revision("1.1.0", "1" * 40)
Reply = tuple[int, bytes, Mapping[str, str]]
Replies = Callable[[str, int], Reply | None]
"""From the path and the number of the question to the answer; None closes the connection without one."""


def identity(revision: Revision, status: int = 200) -> Reply:
    body = {"status": "ok", "version": revision.version, "commit": revision.commit}
    return status, json.dumps(body).encode(), {"Content-Type": "application/json"}


NOT_FOUND: Reply = (404, b"{}", {})


@contextmanager
def serving(replies: Replies, port: int = 0) -> Iterator[str]:
    """A server whose answers are `replies`; gives its address."""
    asked = 0

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            nonlocal asked
            if self.path != "/no-such-page":
                asked += 1
            reply = replies(self.path, asked)
            if reply is None:
                self.close_connection = True
                return
            status, body, headers = reply
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Seconds:
    """Plays deploy.ports.Clock on the real clock."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def checks(address: str, *, timeout: int = 1, control: bool = True, proof: bool = True) -> SmokeChecks:
    wanted = {"version": "{version}", "commit": "{commit}"} if proof else {}
    options = Smoke(
        checks=(SmokeCheck(get=f"http://{address}/healthz", json=wanted),),
        control=f"http://{address}/no-such-page" if control else None,
        timeout=timeout,
    )
    return SmokeChecks(options=options, web=Browser(), clock=Seconds())


def plain(path: str, reply: Reply) -> Reply:
    return reply if path == "/healthz" else NOT_FOUND


def failure(address: str, said: list[str] | None = None, **options: Any) -> str:
    with pytest.raises(ExternalError) as caught:
        checks(address, **options).check(NEW, (said if said is not None else []).append)
    return "\n".join([caught.value.what, caught.value.where or "", *caught.value.evidence])


def test_the_new_version_answers_several_times_in_a_row() -> None:
    counted = []

    def replies(path: str, number: int) -> Reply:
        counted.append(path)
        return plain(path, identity(NEW))

    with serving(replies) as address:
        seen = checks(address).check(NEW, lambda _: None)
    assert seen == f"http://{address}/healthz: version 1.1.0, commit {'1' * 40}, 3 times in a row"
    assert counted == ["/healthz"] * 3 + ["/no-such-page"]


def test_the_old_version_is_waited_for_and_then_a_failure() -> None:
    said: list[str] = []
    with serving(lambda path, _: plain(path, identity(OLD))) as address:
        told = failure(address, said)
    assert "1.1.0 (1111111111) does not answer as it should" in told
    assert "version is 1.0.0, not 1.1.0" in told
    assert len(said) == 1  # the same words are said once


def test_the_old_version_first_and_then_the_new_one_is_no_failure() -> None:
    with serving(lambda path, number: plain(path, identity(OLD if number < 4 else NEW))) as address:
        assert "3 times in a row" in checks(address, timeout=5).check(NEW, lambda _: None)


def test_versions_that_take_turns_never_count() -> None:
    with serving(lambda path, number: plain(path, identity(OLD if number % 3 == 0 else NEW))) as address:
        told = failure(address)
    assert "times: version 1.1.0" in told
    assert "times: version is 1.0.0, not 1.1.0" in told


def test_a_redirect_to_a_login_page_is_named() -> None:
    login: Reply = (302, b"", {"Location": "https://login.example/authorize?next=/healthz"})
    with serving(lambda path, _: plain(path, login)) as address:
        told = failure(address)
    assert "a login page stands in front of it: 302 to https://login.example/authorize" in told


def test_a_page_that_asks_for_a_password_is_named_too() -> None:
    page = b"<html><form><input name=user><input type='password' name=p></form></html>"
    with serving(lambda path, _: plain(path, (200, page, {}))) as address:
        assert "a login page stands in front of it: 200 with a field for a password" in failure(address)


def test_an_error_that_comes_with_200_does_not_pass() -> None:
    with serving(lambda path, _: plain(path, (200, b'{"status": "error"}', {}))) as address:
        told = failure(address)
    assert "the answer has no version; the answer has no commit" in told


def test_a_slow_start_is_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    found: list[str] = []
    waiting = threading.Thread(
        target=lambda: found.append(checks(f"127.0.0.1:{port}", timeout=20).check(NEW, lambda _: None))
    )
    waiting.start()
    time.sleep(0.5)
    with serving(lambda path, _: plain(path, identity(NEW)), port):
        waiting.join()
    assert "3 times in a row" in found[0]


def test_a_page_that_answers_everything_is_no_json() -> None:
    with serving(lambda *_: (200, b"<html>the app</html>", {})) as address:
        assert "answered 200 with something that is no JSON: <html>the app</html>" in failure(address)


def test_where_the_control_answers_200_the_checks_could_not_fail() -> None:
    with serving(lambda *_: identity(NEW)) as address:
        told = failure(address)
        assert "the control answers 200, so the smoke checks cannot fail" in told
        assert "3 times" in checks(address, control=False).check(NEW, lambda _: None)


def test_another_host_is_named() -> None:
    elsewhere: Reply = (301, b"", {"Location": "https://parked.example/"})
    with serving(lambda path, _: plain(path, elsewhere)) as address:
        assert "another host answers: 301 to https://parked.example/" in failure(address)


def test_the_right_version_with_a_wrong_status_does_not_pass() -> None:
    with serving(lambda path, _: plain(path, identity(NEW, 503))) as address:
        assert "answered 503, not 200" in failure(address)


def test_a_server_that_hangs_up_is_no_answer() -> None:
    with serving(lambda *_: None) as address:
        assert "no answer: " in failure(address)


def test_a_server_that_says_nothing_is_not_waited_for_longer_than_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host, port = silent.getsockname()
        began = time.monotonic()
        answer = Browser().get(f"http://{host}:{port}/healthz", 0.3)
    assert answer.error == "nothing within 0.3 s"
    assert time.monotonic() - began < 5


def test_a_body_that_never_ends_is_not_read_for_ever() -> None:
    over = threading.Event()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(10_000)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            while not over.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        began = time.monotonic()
        answer = Browser().get("http://{}:{}/".format(*listener.getsockname()), 0.3)
        over.set()
        thread.join()
    assert answer.error == "the answer was not at its end after 0.3 s"
    assert time.monotonic() - began < 5


def test_a_candidate_is_asked_at_its_own_address_for_the_public_host() -> None:
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.headers['Host']} {self.path}")
            body = identity(NEW)[1]
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the standard library's name
            pass

    options = Smoke(
        checks=(SmokeCheck(get="https://acme.example/healthz", json={"commit": "{commit}"}),), answers=1
    )
    asking = SmokeChecks(options=options, web=Browser(), clock=Seconds())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        seen = asking.check(NEW, lambda _: None, f"127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert seen == f"https://acme.example/healthz: commit {'1' * 40}, 1 times in a row"
    assert heard == ["acme.example /healthz"]


def test_an_address_that_is_none_is_no_answer() -> None:
    assert Browser().get("http://[", 1).error
    assert Browser().get("http://no-such-host.invalid/", 1).error

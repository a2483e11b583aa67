"""No request is lost while versions are switched, at whatever moment it comes.

By default 1,500 requests at 300 a second; SHIPIT_DRILL=1 asks for the 5,000 at 50 a second that are promised.
"""

import http.client
import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.support.served import ONE, TWO, Service, silent

DRILL = int(os.environ.get("SHIPIT_DRILL", "0"))
REQUESTS, RATE = (5_000, 50) if DRILL else (1_500, 300)
THREADS = 5
SWITCHES = 10


@dataclass
class Seen:
    """What the clients of one run saw; `answers` are (begin, seconds, version)."""

    answers: list[tuple[float, float, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class Client(threading.Thread):
    """Asks at a steady rate, with one connection for all requests or a new one for each."""

    def __init__(self, service: Service, seen: Seen, *, offset: float, keeps: bool) -> None:
        super().__init__()
        self._seen, self._offset, self._keeps = seen, offset, keeps
        host, _, port = service.address.partition(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=15)

    def run(self) -> None:
        began = time.monotonic() + self._offset
        for number in range(REQUESTS // THREADS):
            time.sleep(max(0.0, began + number * THREADS / RATE - time.monotonic()))
            self._ask()
        self._connection.close()

    def _ask(self) -> None:
        began = time.monotonic()
        try:
            self._connection.request("GET", "/")
            response = self._connection.getresponse()
            version = json.loads(response.read())["version"]
            if response.status != 200:
                raise ConnectionError(response.status)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self._seen.failures.append(repr(error))
            self._connection.close()
        else:
            self._seen.answers.append((began, time.monotonic() - began, version))
        if not self._keeps:
            self._connection.close()


def ask_while(service: Service, act: Callable[[], None]) -> Seen:
    """What clients saw that asked while `act` was done; half of them keep their connections."""
    seen = Seen()
    clients = [Client(service, seen, offset=number / RATE, keeps=number % 2 == 0) for number in range(THREADS)]
    for client in clients:
        client.start()
    act()
    for client in clients:
        client.join()
    return seen


@pytest.mark.timeout(300)
def test_every_request_is_answered_by_the_old_or_the_new_version(service: Service) -> None:
    target = service.target()
    for revision in (TWO, ONE):
        target.start(revision, silent)
    target.switch(ONE.reference, silent)
    switched: list[tuple[float, str]] = []

    def switch() -> None:
        for number in range(SWITCHES):
            time.sleep(REQUESTS / RATE / (SWITCHES + 1))
            revision = (TWO, ONE)[number % 2]
            target.switch(revision.reference, silent)
            switched.append((time.monotonic(), revision.version))

    seen = ask_while(service, switch)
    slowest = sorted(seconds for _, seconds, _ in seen.answers)
    print(
        f"{len(seen.answers)} answers, {len(seen.failures)} failures, {SWITCHES} switches;"
        f" median {slowest[len(slowest) // 2] * 1000:.1f} ms, slowest {slowest[-1] * 1000:.1f} ms"
    )
    assert (seen.failures, len(seen.answers)) == ([], REQUESTS)
    assert {version for _, _, version in seen.answers} == {ONE.version, TWO.version}
    for (moment, version), (end, _) in zip(switched, [*switched[1:], (float("inf"), "")], strict=True):
        late = [found for began, spent, found in seen.answers if moment + 1 < began and began + spent < end]
        assert set(late) <= {version}


def test_no_request_is_lost_when_a_whole_deployment_replaces_the_version(service: Service) -> None:
    """Start, switch, and the one before is ended at once: it has its connections to the end."""
    target = service.target()
    target.start(ONE, silent)
    target.switch(ONE.reference, silent)

    def deploy() -> None:
        time.sleep(0.5)
        target.start(TWO, silent)
        target.switch(TWO.reference, silent)
        target.stop(ONE.reference, silent)

    seen = ask_while(service, deploy)
    assert (seen.failures, len(seen.answers)) == ([], REQUESTS)
    assert len(service.processes()) == 1

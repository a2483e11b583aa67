"""GitHub's code scanning, and the fake that unit tests use in its place."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from shipit.adapters.github.client import GitHubClient
from shipit.adapters.github.code_scanning import PAUSES, CodeScanning
from shipit.adapters.http.limits import Limits, Patience
from shipit.errors import Denied, Unavailable
from shipit.gates.ports import CodeScanning as Port
from shipit.scans.publication import Processing, Upload
from tests.fakes_publishing import FakeScanning
from tests.support.github import GitHubServer
from tests.support.github_scene import DONE_ANYWAY, SENTINEL
from tests.support.github_security_state import Security
from tests.support.misbehaviour import Kind

OFF = "Code Security must be enabled for this repository to use code scanning."
FORK = "the token of a fork may only read"


def run(category: str = "shipit/bandit/", *, looked: bool = True) -> dict[str, Any]:
    return {
        "tool": {"driver": {"name": "bandit"}},
        "automationDetails": {"id": category},
        "invocations": [{"executionSuccessful": looked}],
    }


def upload(*runs: Mapping[str, Any]) -> Upload:
    return Upload(
        commit="1" * 40,
        ref="refs/heads/main",
        data=json.dumps({"version": "2.1.0", "runs": runs or [run()]}).encode(),
        checkout_uri="file:///work/acme",
        started_at="2026-12-01T10:00:00+00:00",
    )


@pytest.fixture(params=["github", "fake"])
def port(request: pytest.FixtureRequest) -> Iterator[Port]:
    if request.param == "fake":
        yield FakeScanning(states=[Processing("pending")])
        return
    with GitHubServer() as server:
        server.add_repository("acme/widget")
        client = GitHubClient(server.api, "acme/widget", server.add_token("write"))
        yield CodeScanning(client)
        client.http.close()


def test_an_upload_is_pending_and_then_complete_and_an_unknown_one_is_pending(port: Port) -> None:
    receipt = port.send(upload())
    assert (bool(receipt.id), receipt.declined, receipt.is_too_large) == (True, "", False)
    assert [port.processing(receipt.id).state for _ in range(2)] == ["pending", "complete"]
    assert port.processing("another") == Processing("pending")


@dataclass
class Place:
    server: GitHubServer
    security: Security
    pauses: list[float]
    client: GitHubClient

    def scanning(self, read_only: str = "") -> CodeScanning:
        return CodeScanning(self.client, read_only, pause=self.pauses.append)

    def posts(self) -> int:
        return sum(one.method == "POST" for one in self.server.requests)


@pytest.fixture
def place() -> Iterator[Place]:
    with GitHubServer() as server:
        repository = server.add_repository("acme/widget")
        client = GitHubClient(
            server.api,
            "acme/widget",
            server.add_token(text=SENTINEL),
            pause=lambda _: None,
            limits=Limits(seconds=1),
            patience=Patience(connect=1, answer=0.3, tries=2),
        )
        yield Place(server, repository.security, [], client)
        client.http.close()


def test_what_is_sent_is_the_file_in_gzip_and_base64_with_commit_ref_and_time(place: Place) -> None:
    place.scanning().send(upload())
    [made] = place.security.uploads
    assert made.asked == {
        "commit_sha": "1" * 40,
        "ref": "refs/heads/main",
        "sarif": "",
        "checkout_uri": "file:///work/acme",
        "started_at": "2026-12-01T10:00:00+00:00",
        "tool_name": "shipit",
        "validate": True,
    }
    assert (made.tools, made.categories) == (["bandit"], ["shipit/bandit/"])


@pytest.mark.parametrize(
    ("runs", "error"),
    [
        ([run(looked=False)], "unsuccessful execution"),
        ([run(), run()], "multiple runs with the same category"),
    ],
)
def test_what_github_finds_out_later_is_failed_with_its_errors(
    place: Place, runs: list[dict[str, Any]], error: str
) -> None:
    place.security.pending = 0
    receipt = place.scanning().send(upload(*runs))
    assert place.scanning().processing(receipt.id) == Processing("failed", (error,))


@pytest.mark.parametrize("message", [OFF, OFF.replace("Code", "GitHub Code Security or GitHub Advanced", 1)])
def test_a_repository_without_code_scanning_declines_and_that_is_no_error(place: Place, message: str) -> None:
    place.security.refusals.append((403, message))
    assert place.scanning().send(upload()).declined == f"GitHub refused: {message}"


def test_a_token_that_may_not_write_is_declined_in_a_fork_and_an_error_elsewhere(place: Place) -> None:
    place.security.refusals.extend([(403, "Resource not accessible by integration")] * 2)
    assert place.scanning(FORK).send(upload()).declined == FORK
    with pytest.raises(Denied) as raised:
        place.scanning().send(upload())
    assert "`security-events: write`" in str(raised.value.hint)


@pytest.mark.parametrize(
    ("kind", "hint"),
    [(Kind.UNAUTHORIZED, "expired"), (Kind.NOT_FOUND, "security-events: write"), (Kind.INVALID, "")],
)
def test_other_refusals_are_errors_also_in_a_fork(place: Place, kind: Kind, hint: str) -> None:
    place.server.misbehave("POST", "/sarifs$", kind)
    with pytest.raises(Denied) as raised:
        place.scanning(FORK).send(upload())
    assert hint in (raised.value.hint or "")
    assert place.posts() == 1


@pytest.mark.parametrize("refusal", [(403, "Repository was archived so is read-only."), (404, OFF)])
def test_only_a_403_with_these_words_is_no_error_in_a_fork(place: Place, refusal: tuple[int, str]) -> None:
    place.security.refusals.append(refusal)
    with pytest.raises(Denied):
        place.scanning(FORK).send(upload())


def test_a_file_that_is_too_large_is_said_and_not_sent_again(place: Place) -> None:
    place.security.largest = 10
    assert place.scanning().send(upload()).is_too_large
    assert place.posts() == 1


def test_a_503_is_tried_again_after_growing_pauses_and_then_is_an_error(place: Place) -> None:
    place.server.misbehave("POST", "/sarifs$", Kind.ERROR_BEFORE, times=3)
    assert place.scanning().send(upload()).id
    assert (place.pauses, place.posts()) == ([*PAUSES], 4)
    place.server.misbehave("POST", "/sarifs$", Kind.ERROR_BEFORE, times=4)
    with pytest.raises(Unavailable, match="503"):
        place.scanning().send(upload())


@pytest.mark.parametrize("kind", [*DONE_ANYWAY, Kind.DROP_BEFORE, Kind.NO_JSON, Kind.TOO_MANY])
def test_an_upload_without_an_answer_is_repeated_once(place: Place, kind: Kind) -> None:
    place.server.misbehave("POST", "/sarifs$", kind)
    assert place.scanning().send(upload()).id == place.security.uploads[-1].id
    place.server.misbehave("POST", "/sarifs$", kind, times=2)
    with pytest.raises(Unavailable):
        place.scanning().send(upload())
    assert place.posts() == 4


@pytest.mark.parametrize("kind", [Kind.FORBIDDEN, Kind.UNAUTHORIZED])
def test_a_refused_look_is_an_error(place: Place, kind: Kind) -> None:
    place.server.misbehave("GET", "/sarifs/", kind)
    with pytest.raises(Denied):
        place.scanning().processing("x")


def answering(body: object) -> CodeScanning:
    """Code scanning of a server that answers everything with this."""
    client = GitHubClient("http://127.0.0.1:9", "acme/widget", "t")
    client.http._http = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body)))
    return CodeScanning(client, pause=lambda _: None)


@pytest.mark.parametrize("body", [[], None, {}, {"id": 7}, {"id": ""}, {"id": "../../user"}])
def test_an_answer_without_an_id_is_an_ordinary_error(body: object) -> None:
    ask: Callable[[], object] = lambda: answering(body).send(upload())  # noqa: E731
    with pytest.raises(Unavailable):
        ask()


@pytest.mark.parametrize(
    "body", [[], 7, {"processing_status": "x" * 9999}, {"processing_status": None}, {"processing_status": []}]
)
def test_an_answer_without_a_state_is_an_ordinary_error(body: object) -> None:
    with pytest.raises(Unavailable, match="how far") as raised:
        answering(body).processing("x")
    assert len(str(raised.value.evidence)) < 200


def test_errors_of_another_shape_are_left_out() -> None:
    assert answering({"processing_status": "failed", "errors": "x"}).processing("x") == Processing("failed")

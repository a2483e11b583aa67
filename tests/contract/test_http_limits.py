"""An answer without end is cut off in time, wherever HTTP is read: index, GitHub, downloads, health checks."""

import gzip
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from shipit.adapters.github import client as github
from shipit.adapters.github.client import GitHubClient
from shipit.adapters.http import download
from shipit.adapters.http.browser import Browser
from shipit.adapters.http.client import Client, Dialect, Request
from shipit.adapters.http.limits import Limits
from shipit.adapters.pypi.index import TwineIndex
from shipit.errors import Unavailable
from tests.support.drip import HEAD, dripping, page
from tests.support.pages import Pages, Said

SECONDS = 0.3
LIMITS = Limits(SECONDS, 100_000)
HTML, JSON = "text/html", "application/vnd.pypi.simple.v1+json"
STARTS = {
    "a page of HTML": page(HTML),
    "a page of JSON": (*page(JSON), b'{"files": ['),
    "a page of known length": (HEAD % b"text/html", b"Content-Length: 900000000\r\n\r\n"),
    "a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /x/\r\nContent-Length: 900000000\r\n\r\n",),
    "a refusal": (b"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n",),
}


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    """A limit is kept, with some room for a busy machine."""
    began = time.monotonic()
    yield
    assert time.monotonic() - began < SECONDS + 5


def index(root: str, pauses: list[float], limits: Limits = LIMITS) -> TwineIndex:
    return TwineIndex(
        upload_url=f"{root}/",
        simple_url=f"{root}/simple/",
        username="me",
        password="sentinel-4711",
        pause=pauses.append,
        limits=limits,
    )


def cut_off(ask: Callable[[], object], address: str, why: str = f"not at its end after {SECONDS:g} s") -> None:
    with pytest.raises(Unavailable, match="has no end") as caught:
        ask()
    assert caught.value.where == address
    assert caught.value.evidence[0].endswith(f" {address}: {why}")
    assert caught.value.hint


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_an_index_that_drips_is_left_after_the_limit_and_not_asked_again(start: tuple[bytes, ...]) -> None:
    pauses: list[float] = []
    with dripping(*start) as drip:
        cut_off(lambda: index(drip.root, pauses).hashes("acme", "1.0.0"), f"{drip.root}/simple/acme/")
    assert len(drip.asked) == 1
    assert pauses == []


def test_headers_that_drip_are_left_as_well() -> None:
    with dripping(b"HTTP/1.1 200 OK\r\n", drop=b"X: y\r\n") as drip:
        cut_off(lambda: index(drip.root, []).versions("acme"), f"{drip.root}/simple/acme/")


def test_pre_flight_names_it_among_the_other_problems() -> None:
    with dripping(*page(HTML)) as drip:
        [problem] = index(drip.root, []).problems("acme")
    assert "has no end" in problem.what
    assert f"not at its end after {SECONDS:g} s" in problem.evidence


@pytest.mark.parametrize("packed", [False, True])
def test_a_page_that_is_too_large_is_left_however_it_is_packed(packed: bool) -> None:
    data, headers = b" " * 2_000_000, {"Content-Type": HTML}
    said = Said(gzip.compress(data), 200, headers | {"Content-Encoding": "gzip"}) if packed else Said(data)
    with Pages({"/simple/acme/": said}) as pages:
        asking = index(pages.root, [], Limits(60, 100_000))
        address = f"{pages.root}/simple/acme/"
        cut_off(lambda: asking.versions("acme"), address, "longer than 100,000 bytes")


@pytest.mark.parametrize("start", [page("application/json"), (b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n",)])
def test_github_that_drips_is_left(start: tuple[bytes, ...]) -> None:
    with dripping(*start, drop=b" ") as drip:
        client = GitHubClient(drip.root, "acme/acme", "token-4711-abcdef", limits=LIMITS)
        cut_off(lambda: client.get("~/releases"), f"{drip.root}/repos/acme/acme/releases")


@pytest.mark.parametrize("start", [page("application/json"), (b"HTTP/1.1 200 OK\r\n",)], ids=["body", "headers"])
def test_the_answer_to_a_write_has_a_limit_too(start: tuple[bytes, ...]) -> None:
    with dripping(*start, drop=b"X: y\r\n") as drip:
        client = GitHubClient(drip.root, "acme/acme", "token-4711-abcdef", limits=LIMITS)
        cut_off(lambda: client.write("POST", "~/releases", {}), f"{drip.root}/repos/acme/acme/releases")


def test_a_list_that_always_has_one_more_page_comes_to_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(github, "MOST_PAGES", 3)
    more = {"Content-Type": "application/json", "Link": '<http://x.invalid/?page=2>; rel="next"'}
    with Pages({"/repos/acme/acme/releases": Said(b"[1]", all_headers=more)}) as pages:
        client = GitHubClient(pages.root, "acme/acme", "token-4711-abcdef")
        with pytest.raises(Unavailable, match="has no end"):
            list(client.pages("~/releases"))
    assert len(pages.asked) == 3


def test_a_download_that_drips_is_left() -> None:
    with dripping(*page("application/octet-stream")) as drip:
        client, request = Client(drip.root, Dialect(name="I")), Request(method="GET", path="/f")
        cut_off(lambda: download.sha256(client, request, patience=SECONDS), f"{drip.root}/f")


@pytest.mark.parametrize(
    ("start", "why"),
    [
        (page(HTML), f"the answer was not at its end after {SECONDS:g} s"),
        ((b"HTTP/1.1 200 OK\r\n",), f"nothing within {SECONDS:g} s"),
    ],
    ids=["body", "headers"],
)
def test_a_health_check_that_drips_is_left(start: tuple[bytes, ...], why: str) -> None:
    with dripping(*start, drop=b"X: y\r\n") as drip:
        assert Browser().get(f"{drip.root}/healthz", SECONDS).error == why


def test_a_connection_that_was_cut_is_not_used_again() -> None:
    with dripping(*page("application/json")) as drip, Pages({"/fine": Said(b"{}")}) as pages:
        client = Client(pages.root, Dialect(name="I"), limits=LIMITS)
        cut_off(lambda: client.ask(Request(method="GET", path=f"{drip.root}/x")), f"{drip.root}/x")
        assert client.json(Request(method="GET", path="/fine")) == {}
        assert client.json(Request(method="GET", path="/fine")) == {}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.DecodingError("bad"), "answered with something that cannot be unpacked"),
        (httpx.RemoteProtocolError("odd"), "did not answer as HTTP asks, or broke off"),
        (httpx.ConnectError("refused"), "I did not answer$"),
        (httpx.ReadTimeout("late"), "I did not answer in time"),
    ],
)
def test_what_went_wrong_is_told_as_far_as_it_is_known(error: Exception, words: str) -> None:
    def fail(_: httpx.Request) -> httpx.Response:
        raise error

    client = Client(
        "http://i.invalid", Dialect(name="I"), transport=httpx.MockTransport(fail), pause=lambda _: None
    )
    with pytest.raises(Unavailable, match=words):
        client.ask(Request(method="GET", path="/"))


@pytest.mark.parametrize("location", ["ftp://elsewhere.invalid/", "http://[/", "mailto:a@b.invalid"])
def test_a_redirect_to_what_is_no_address_is_not_blamed_on_the_configuration(location: str) -> None:
    with Pages({"/simple/acme/": Said(b"", 302, {"Location": location})}) as pages:
        with pytest.raises(Unavailable) as caught:
            index(pages.root, []).versions("acme")
        assert "configuration" not in str(caught.value.hint)


def test_the_usual_limits_let_through_what_is_large_and_slow() -> None:
    assert Limits().seconds >= 60
    assert Limits().size >= 20_000_000

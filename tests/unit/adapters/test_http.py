"""The door to HTTP, without a socket: what is tried again, and how failures are told."""

import ssl
import time
from email.utils import formatdate

import httpx
import pytest

from shipit.adapters.http.client import LONGEST_WAIT, Client, Dialect, Request
from shipit.adapters.http.limits import TRIES
from shipit.errors import Denied, Unavailable, UsageError
from tests.unit.adapters.http_bench import OK, ROOT, Bench, answer


def test_an_answer_of_2xx_is_returned() -> None:
    bench = Bench(OK)
    assert bench.client.json(Request(method="GET", path="/thing", params={"page": 2})) == {"fine": True}
    (sent,) = bench.sent
    assert str(sent.url) == f"{ROOT}/thing?page=2"
    assert sent.headers["user-agent"].startswith("shipit/")
    assert sent.headers["authorization"] == "Bearer token"


def test_a_whole_address_is_taken_as_it_is() -> None:
    bench = Bench(OK)
    bench.get("https://uploads.invalid/x?y=1")
    assert str(bench.sent[0].url) == "https://uploads.invalid/x?y=1"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_read_is_tried_again_when_the_server_says_later(status: int) -> None:
    bench = Bench(answer(status), answer(status), OK)
    assert bench.get().is_success
    assert len(bench.pauses) == 2


def test_a_read_is_tried_again_when_the_connection_breaks() -> None:
    bench = Bench(httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), OK)
    assert bench.get().is_success


def test_the_pauses_grow_and_come_to_an_end() -> None:
    bench = Bench(answer(503))
    with pytest.raises(Unavailable):
        bench.get()
    assert len(bench.sent) == TRIES
    assert bench.pauses == sorted(bench.pauses)
    assert sum(bench.pauses) < 10


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("trouble", [answer(503), answer(429, retry_after="1"), httpx.ReadError("reset")])
def test_a_write_is_never_tried_again(method: str, trouble: httpx.Response | Exception) -> None:
    bench = Bench(trouble, OK)
    with pytest.raises(Unavailable):
        bench.client.ask(Request(method=method, path="/thing"))
    assert len(bench.sent) == 1
    assert bench.pauses == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 422])
def test_a_refusal_is_told_at_once_with_what_was_asked_and_what_was_said(status: int) -> None:
    bench = Bench(answer(status))
    with pytest.raises(Denied, match=f"Forge refused: said {status}") as refusal:
        bench.get()
    assert len(bench.sent) == 1
    assert refusal.value.where == f"{ROOT}/thing"
    assert refusal.value.evidence[0].startswith(f"GET {ROOT}/thing → {status}")


def test_an_accepted_status_is_the_callers_business() -> None:
    assert Bench(answer(404)).client.ask(Request(method="GET", path="/thing"), accept=[404]).status_code == 404


def test_the_dialect_says_what_a_person_can_do() -> None:
    dialect = Dialect(name="Forge", hint=lambda answer: f"look at {answer.status_code}")
    with pytest.raises(Denied) as refusal:
        Bench(answer(403), dialect=dialect).get()
    assert refusal.value.hint == "look at 403"


def test_the_dialect_tells_a_rate_limit_from_a_refusal() -> None:
    bench = Bench(answer(403), OK, dialect=Dialect(name="Forge", limited=lambda answer: answer.status_code == 403))
    assert bench.get().is_success


def test_the_server_may_ask_for_seconds() -> None:
    bench = Bench(answer(429, retry_after="7"), OK)
    bench.get()
    assert bench.pauses == [7.0]


def test_the_server_may_name_a_moment() -> None:
    bench = Bench(answer(503, retry_after=formatdate(time.time() + 30, usegmt=True)), OK)
    bench.get()
    assert 25 < bench.pauses[0] <= 30


def test_the_server_may_name_the_end_of_the_rate_limit() -> None:
    limit = answer(429, x_ratelimit_remaining="0", x_ratelimit_reset=str(int(time.time()) + 20))
    bench = Bench(limit, OK)
    bench.get()
    assert 15 < bench.pauses[0] <= 20


@pytest.mark.parametrize("told", ["soon", "", "Wed, 99 Foo 2026", "Mon, 01 Jan 99999 00:00:00 GMT"])
def test_a_pause_that_nobody_understands_is_our_own(told: str) -> None:
    bench = Bench(answer(503, retry_after=told), OK)
    bench.get()
    assert 0.5 <= bench.pauses[0] <= 1


def test_a_pause_that_is_too_long_ends_the_run() -> None:
    bench = Bench(answer(429, retry_after=str(int(LONGEST_WAIT) + 1)))
    with pytest.raises(Unavailable, match="is rate-limiting us") as failure:
        bench.get()
    assert failure.value.hint == "run the same command again in 61 s"
    assert bench.pauses == []


def test_no_answer_names_the_address_and_the_reason() -> None:
    with pytest.raises(Unavailable, match="Forge did not answer") as failure:
        Bench(httpx.ConnectError("name not known")).get()
    assert failure.value.evidence == (f"GET {ROOT}/thing: name not known",)
    assert failure.value.hint is not None


def test_a_timeout_is_told_as_one() -> None:
    with pytest.raises(Unavailable, match="Forge did not answer in time"):
        Bench(httpx.ReadTimeout("")).get()


def test_a_body_that_is_no_json_is_shown_in_part() -> None:
    with pytest.raises(Unavailable, match="something that is no JSON") as failure:
        Bench(httpx.Response(200, text="<html>log in")).client.json(Request(method="GET", path="/thing"))
    assert failure.value.evidence[1] == "<html>log in"


def test_a_body_that_is_json_but_no_object_is_no_message() -> None:
    with pytest.raises(Denied, match="Forge refused: 404 Not Found"):
        Bench(httpx.Response(404, json=["nothing"])).get()


def test_the_errors_in_a_body_are_evidence() -> None:
    refused = httpx.Response(422, json={"message": "Validation Failed", "errors": [{"code": "already_exists"}]})
    with pytest.raises(Denied) as refusal:
        Bench(refused).post()
    assert refusal.value.evidence[1:] == ("Validation Failed", "{'code': 'already_exists'}")


def test_a_read_follows_a_redirect_and_leaves_the_token_behind() -> None:
    bench = Bench(httpx.Response(302, headers={"Location": "https://files.invalid/x"}), OK)
    bench.get()
    assert "authorization" not in bench.sent[1].headers


def test_a_write_follows_no_redirect() -> None:
    bench = Bench(httpx.Response(301, headers={"Location": f"{ROOT}/moved"}), OK)
    with pytest.raises(Denied):
        bench.post()
    assert len(bench.sent) == 1


def test_a_circle_of_redirects_is_no_answer() -> None:
    with pytest.raises(Unavailable):
        Bench(httpx.Response(302, headers={"Location": f"{ROOT}/thing"})).get()


@pytest.mark.parametrize("root", ["forge.invalid", "ftp://forge.invalid", "https://forge.invalid:x", ""])
def test_an_address_that_is_none_is_a_mistake_in_the_configuration(root: str) -> None:
    client = Client(root, Dialect(name="Forge"))
    with pytest.raises(UsageError, match="is no HTTP address"):
        client.ask(Request(method="GET", path="/thing"))
    client.close()


def test_proxy_settings_that_cannot_be_used_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "gopher://proxy.invalid")
    with pytest.raises(UsageError, match="proxy settings") as mistake:
        Client(ROOT, Dialect(name="Forge"))
    assert "HTTPS_PROXY" in str(mistake.value.hint)


def test_the_certificate_authorities_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[ssl.SSLContext] = []
    honest = httpx.create_ssl_context
    monkeypatch.setattr(httpx, "create_ssl_context", lambda: made.append(honest()) or made[-1])  # type: ignore[func-returns-value]
    Bench(OK)
    Bench(OK)
    assert len(made) <= 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_half_a_character_in_an_answer_is_replaced_since_no_text_can_be_written_with_it(encoding: str) -> None:
    odd = r'{"\uD800k": ["a\udfffb", "\ud83d\ude00", 7], "more": {"x": "\\ud800"}}'
    found = Bench(httpx.Response(200, content=odd.encode(encoding))).client.json(Request(method="GET", path="/x"))
    assert found == {"?k": ["a?b", "\N{GRINNING FACE}", 7], "more": {"x": r"\ud800"}}
    with pytest.raises(Denied, match=r"no \?"):
        Bench(httpx.Response(422, content=rb'{"message": "no \ud800"}')).get()

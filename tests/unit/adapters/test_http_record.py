"""What the door to HTTP writes down about its requests, and what it hides."""

import httpx
import pytest

from shipit import masking
from shipit.errors import Denied, Unavailable
from tests.unit.adapters.http_bench import OK, Bench, answer


def test_every_request_stands_in_the_record_with_its_end() -> None:
    bench = Bench(answer(503), OK)
    bench.get("https://user:password@forge.invalid/thing")
    told = [(one.method, one.url, one.status) for one in bench.client.exchanges]
    assert told == [("GET", "https://forge.invalid/thing", 503), ("GET", "https://forge.invalid/thing", 200)]


def test_a_request_without_an_answer_stands_in_the_record_too() -> None:
    bench = Bench(httpx.ConnectError("refused"))
    with pytest.raises(Unavailable):
        bench.post()
    assert [(one.method, one.status) for one in bench.client.exchanges] == [("POST", None)]


def test_a_secret_that_the_server_repeats_is_masked() -> None:
    masking.register("s3cr3t/value")
    bench = Bench(httpx.Response(422, json={"message": "bad s3cr3t/value", "errors": ["s3cr3t%2Fvalue"]}))
    with pytest.raises(Denied) as refusal:
        bench.get("/s3cr3t/value")
    error = refusal.value
    assert "s3cr3t" not in f"{error} {error.where} {error.evidence} {bench.client.exchanges}"


def test_a_secret_in_a_network_error_is_masked() -> None:
    masking.register("s3cr3t-value")
    with pytest.raises(Unavailable) as failure:
        Bench(httpx.ConnectError("no route to s3cr3t-value")).get()
    assert "s3cr3t" not in f"{failure.value.evidence}"

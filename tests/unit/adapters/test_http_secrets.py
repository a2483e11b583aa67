"""What errors of requests hide."""

import httpx
import pytest

from shipit import masking
from shipit.errors import Denied, Unavailable
from tests.unit.adapters.http_bench import Bench


def test_a_secret_that_the_server_repeats_is_masked() -> None:
    masking.register("s3cr3t/value")
    bench = Bench(httpx.Response(422, json={"message": "bad s3cr3t/value", "errors": ["s3cr3t%2Fvalue"]}))
    with pytest.raises(Denied) as refusal:
        bench.get("/s3cr3t/value")
    error = refusal.value
    assert "s3cr3t" not in f"{error} {error.where} {error.evidence}"


def test_a_secret_in_a_network_error_is_masked() -> None:
    masking.register("s3cr3t-value")
    with pytest.raises(Unavailable) as failure:
        Bench(httpx.ConnectError("no route to s3cr3t-value")).get()
    assert "s3cr3t" not in f"{failure.value.evidence}"

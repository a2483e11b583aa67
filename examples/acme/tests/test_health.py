import json
from http.client import HTTPConnection

import pytest

import acme
from acme import health


def ask(port: int, path: str) -> tuple[int, dict[str, str]]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, json.load(answer)


def test_version_and_commit_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_COMMIT", "abc1234")
    with health.HealthPage(0) as page:
        page.begin()
        expected = {"status": "ok", "version": acme.__version__, "commit": "abc1234"}
        assert ask(page.server_port, "/healthz") == (200, expected)
        assert ask(page.server_port, "/anything") == (404, {"error": "no such page"})
        page.shutdown()


def test_without_a_name_for_the_commit_it_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACME_COMMIT", raising=False)
    assert health.identity()["commit"] == "unknown"

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

import acme
from acme import webhook
from acme.store import Store

SECRET = "s3cret"  # noqa: S105 - the tests' own


@pytest.fixture
def service(tmp_path: Path) -> Iterator[webhook.Service]:
    with webhook.Service(("127.0.0.1", 0), Store(tmp_path / "acme.sqlite3"), SECRET) as service:
        threading.Thread(target=service.serve_forever, args=(0.01,), daemon=True).start()
        yield service
        service.shutdown()


def ask(
    service: webhook.Service, path: str, body: bytes | None = None, **headers: str
) -> tuple[int, dict[str, Any]]:
    connection = HTTPConnection("127.0.0.1", service.server_address[1], timeout=5)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET" if body is None else "POST", path, body, named)
    answer = connection.getresponse()
    return answer.status, json.load(answer)


def send(service: webhook.Service, body: bytes = b"{}", **headers: str) -> tuple[int, dict[str, Any]]:
    usual = {
        "X_GitHub_Event": "push",
        "X_GitHub_Delivery": "d-1",
        "X_Hub_Signature_256": webhook.signature(SECRET, body),
    }
    return ask(service, "/webhook", body, **(usual | headers))


def test_the_health_page_tells_the_version(service: webhook.Service) -> None:
    seen = {"status": "ok", "version": acme.__version__, "commit": "unknown", "events": 0}
    assert ask(service, "/healthz") == (200, seen)


def test_a_signed_event_is_remembered_once(service: webhook.Service) -> None:
    assert send(service) == (202, {"delivery": "d-1", "new": True})
    assert send(service) == (202, {"delivery": "d-1", "new": False})
    assert ask(service, "/healthz")[1]["events"] == 1


def test_the_signature_is_the_one_of_githubs_documentation() -> None:
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert webhook.signature("It's a Secret to Everybody", b"Hello, World!") == expected


@pytest.mark.parametrize("signature", ["", "sha256=00", webhook.signature("other", b"{}")])
def test_a_wrong_signature_is_refused(service: webhook.Service, signature: str) -> None:
    assert send(service, X_Hub_Signature_256=signature)[0] == 401
    assert ask(service, "/healthz")[1]["events"] == 0


def test_an_event_without_a_delivery_or_without_json_is_refused(service: webhook.Service) -> None:
    assert send(service, X_GitHub_Delivery="")[0] == 400
    assert send(service, b"no json")[0] == 400


def test_what_is_too_large_or_nowhere_is_refused(service: webhook.Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "LARGEST", 1)

    assert send(service)[0] == 413
    assert ask(service, "/nowhere")[0] == 404
    assert ask(service, "/nowhere", b"{}")[0] == 404


def test_without_a_secret_the_service_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["acme-webhook"])
    monkeypatch.delenv("ACME_WEBHOOK_SECRET", raising=False)

    with pytest.raises(SystemExit) as stopped:
        webhook.main()
    assert stopped.value.code == 2


def test_an_interrupt_ends_the_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: webhook.Service) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("sys.argv", ["acme-webhook", "--port=0", f"--database={tmp_path / 'acme.sqlite3'}"])
    monkeypatch.setenv("ACME_WEBHOOK_SECRET", SECRET)
    monkeypatch.setattr(webhook.Service, "serve_forever", interrupt)

    with pytest.raises(SystemExit) as stopped:
        webhook.main()
    assert stopped.value.code == 130

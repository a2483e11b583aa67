"""What is sent to a registry that is asked over https, without a socket."""

import httpx
import pytest

from shipit.adapters.http.client import Client, Dialect, Request
from shipit.adapters.oci.authorization import Authorization
from shipit.adapters.oci.login import Login
from shipit.errors import Denied

ROOT = "https://registry.invalid"


def ask(realm: str) -> list[str]:
    """Ask a registry that names this token service; returns where the password was sent."""
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if "Authorization" in request.headers:
            sent.append(str(request.url.copy_with(query=None)))
            return httpx.Response(200, json={"access_token": "token-4711"})
        return httpx.Response(401, headers={"WWW-Authenticate": f'Bearer realm="{realm}"'})

    http = Client(ROOT, Dialect(name="the registry"), transport=httpx.MockTransport(answer))
    made = Authorization(
        "registry.invalid", http, lambda: Login(username="me", password="sentinel-4711"), may_be_plain=False
    )
    refused = http.ask(Request(method="GET", path="/v2/a/tags/list"), accept=[401])
    assert made.renewed(refused, "a", "pull") == "Bearer token-4711" == made.header("a", "pull")
    return sent


def test_a_token_service_over_https_gets_the_password() -> None:
    assert ask("https://tokens.invalid/token") == ["https://tokens.invalid/token"]


def test_a_token_service_without_encryption_gets_no_password() -> None:
    with pytest.raises(Denied, match="names a token service that is not asked") as denied:
        ask("http://tokens.invalid/token")
    assert denied.value.evidence == ("realm 'http://tokens.invalid/token': not an address with https",)

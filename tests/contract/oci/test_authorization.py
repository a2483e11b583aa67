"""Who asks: tokens for each repository as GitHub's registry has them, passwords, and nobody at all."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from shipit import masking
from shipit.adapters.oci.login import Login, nobody
from shipit.adapters.oci.registry import Registry
from shipit.errors import Denied, ExternalError, Unavailable
from tests.contract.oci.conftest import login
from tests.support import registry_images as images
from tests.support.registry import PASSWORD, USER, docker_registry, front
from tests.support.registry_images import Pusher
from tests.support.registry_stand_in import Kind, StandIn

NAME = "acme/acme-mcp"
MADE = images.image()


@pytest.fixture
def filled(stand_in: StandIn) -> StandIn:
    for name in (NAME, "acme/acme-webhook"):
        Pusher(stand_in.root, stand_in.everything).push(name, MADE, "v1.0.0")
    return stand_in


@pytest.fixture
def asking() -> Iterator[Callable[..., Registry]]:
    made: list[Registry] = []

    def registry(server: StandIn, source: Callable[[], Login | None] = login) -> Registry:
        made.append(Registry(server.host, source, pause=lambda _: None))
        return made[-1]

    yield registry
    for one in made:
        one.close()


def statuses(server: StandIn, method: str) -> list[int]:
    return [
        one.status for one in server.rules.requests if one.method == method and one.path.startswith(f"/v2/{NAME}/m")
    ]


def test_a_token_is_asked_for_each_repository_and_right_and_then_kept(
    filled: StandIn, asking: Callable[..., Registry]
) -> None:
    registry = asking(filled)
    for _ in range(3):
        for name in (NAME, "acme/acme-webhook"):
            found = registry.manifest(name, "v1.0.0")
            assert found is not None
            registry.tag(name, "develop", found)
    assert sorted(filled.token_requests) == [
        "GET repository:acme/acme-mcp:pull",
        "GET repository:acme/acme-mcp:pull,push",
        "GET repository:acme/acme-webhook:pull",
        "GET repository:acme/acme-webhook:pull,push",
    ]


def test_an_expired_token_is_renewed_once(filled: StandIn, asking: Callable[..., Registry]) -> None:
    registry = asking(filled)
    before = len(filled.rules.requests)
    assert registry.digest(NAME, "v1.0.0") == MADE.digest
    filled.misbehave("HEAD", "manifests", Kind.EXPIRED)
    assert registry.digest(NAME, "v1.0.0") == MADE.digest
    assert len(filled.token_requests) == 2
    assert [one.status for one in filled.rules.requests[before:]] == [401, 200, 401, 200]


def test_a_write_with_an_expired_token_is_sent_again(filled: StandIn, asking: Callable[..., Registry]) -> None:
    registry = asking(filled)
    found = registry.manifest(NAME, "v1.0.0")
    assert found is not None
    registry.tag(NAME, "develop", found)
    filled.misbehave("PUT", "manifests", Kind.EXPIRED)
    registry.tag(NAME, "v2.0.0", found)
    assert registry.digest(NAME, "v2.0.0") == MADE.digest


def test_a_token_that_is_refused_at_once_is_not_renewed_for_ever(
    filled: StandIn, asking: Callable[..., Registry]
) -> None:
    filled.misbehave("HEAD", "manifests", Kind.EXPIRED, times=9)
    with pytest.raises(Denied, match="refused: 401 Unauthorized"):
        asking(filled).digest(NAME, "v1.0.0")
    assert len(filled.token_requests) == 1


def test_many_threads_ask_for_one_token(filled: StandIn, asking: Callable[..., Registry]) -> None:
    registry, found = asking(filled), list[str | None]()
    threads = [threading.Thread(target=lambda: found.append(registry.digest(NAME, "v1.0.0"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == [MADE.digest] * 8
    assert len(filled.token_requests) == 1


def test_a_wrong_password_is_denied_and_appears_nowhere(filled: StandIn, asking: Callable[..., Registry]) -> None:
    secret = "wrong/p+ss w&rd-77c1"
    wrong = Login(username=USER, password=secret)
    with pytest.raises(Denied, match="incorrect username or password") as denied:
        asking(filled, lambda: wrong).digest(NAME, "v1.0.0")
    error = denied.value
    words = f"{error} {error.where} {error.evidence} {error.hint} {wrong!r}"
    assert secret not in words
    assert wrong.basic.removeprefix("Basic ")[-12:] not in words  # the service repeats what it was sent
    assert masking.MASK in words
    assert "packages: read" in str(error.hint)


def test_who_may_only_pull_is_denied_to_push_and_told_the_right(
    filled: StandIn, asking: Callable[..., Registry]
) -> None:
    password = filled.add_user("reader", "pull", password="another-one-4711")
    registry = asking(filled, lambda: Login(username="reader", password=password))
    found = registry.manifest(NAME, "v1.0.0")
    assert found is not None
    with pytest.raises(Denied, match="DENIED: permission_denied") as denied:
        registry.tag(NAME, "v2.0.0", found)
    assert "the right to write acme/acme-mcp" in str(denied.value.hint)
    assert "packages: write" in str(denied.value.hint)
    assert denied.value.where == f"{filled.root}/v2/{NAME}/manifests/v2.0.0"


def test_what_is_private_is_denied_to_nobody_and_what_is_not_there_is_none_to_members(
    filled: StandIn, asking: Callable[..., Registry]
) -> None:
    with pytest.raises(Denied, match="access to the resource is denied") as denied:
        asking(filled, nobody).digest(NAME, "v1.0.0")
    assert denied.value.hint == (
        f"log in with docker login {filled.host}, or set registry.username and registry.password"
    )
    assert asking(filled).digest(NAME, "v9.9.9") is None


def test_what_is_public_is_read_without_a_login(filled: StandIn, asking: Callable[..., Registry]) -> None:
    filled.repository(NAME).is_public = True
    assert asking(filled, nobody).digest(NAME, "v1.0.0") == MADE.digest


def test_nobody_looks_for_a_login_that_is_not_needed(asking: Callable[..., Registry]) -> None:
    def never() -> Login:
        raise AssertionError("a helper would have been asked")

    with StandIn() as server:
        Pusher(server.root).push(NAME, MADE, "v1.0.0")
        assert asking(server, never).digest(NAME, "v1.0.0") == MADE.digest


def test_a_login_is_looked_for_once(filled: StandIn, asking: Callable[..., Registry]) -> None:
    asked: list[Login] = []

    def source() -> Login:
        asked.append(login())
        return asked[-1]

    registry = asking(filled, source)
    for name in (NAME, "acme/acme-webhook", NAME):
        registry.tags(name)
    assert len(asked) == 1


def test_a_refresh_token_goes_into_the_body_and_nowhere_else(
    filled: StandIn, asking: Callable[..., Registry]
) -> None:
    filled.identities["refresh-4711-abcdef"] = USER
    registry = asking(filled, lambda: Login(username="<token>", identity="refresh-4711-abcdef"))
    assert registry.digest(NAME, "v1.0.0") == MADE.digest
    assert filled.token_requests == [f"POST repository:{NAME}:pull"]
    wrong = asking(filled, lambda: Login(username="<token>", identity="refresh-other"))
    with pytest.raises(Denied, match="the refresh token is invalid"):
        wrong.digest(NAME, "v1.0.0")


def test_a_token_is_masked(filled: StandIn, asking: Callable[..., Registry]) -> None:
    asking(filled).digest(NAME, "v1.0.0")
    [token] = filled.tokens
    assert masking.mask(f"Authorization: Bearer {token}") == f"Authorization: Bearer {masking.MASK}"


@pytest.mark.parametrize(
    ("kind", "error", "words"),
    [
        (Kind.NO_TOKEN, ExternalError, "sent no token"),
        (Kind.ODD_TOKEN, ExternalError, "sent no token"),
        (Kind.PAGE, ExternalError, "sent no token"),
        (Kind.ERROR, Unavailable, "is failing"),
    ],
)
def test_a_token_service_that_gives_no_token(
    filled: StandIn, asking: Callable[..., Registry], kind: Kind, error: type[Exception], words: str
) -> None:
    filled.misbehave("GET", "/token", kind, times=4)
    with pytest.raises(error, match=words):
        asking(filled).digest(NAME, "v1.0.0")


@pytest.mark.parametrize("realm", ["ftp://tokens.invalid/", "tokens", "/token"])
def test_a_token_service_that_is_no_address_gets_no_login(
    filled: StandIn, asking: Callable[..., Registry], realm: str
) -> None:
    filled.realm = realm
    with pytest.raises(Denied, match="names a token service that is not asked") as denied:
        asking(filled).digest(NAME, "v1.0.0")
    assert realm in denied.value.evidence[0]


def test_what_the_registry_wants_beside_is_asked_for_as_well(
    filled: StandIn, asking: Callable[..., Registry]
) -> None:
    filled.more_scopes = " repository:acme/base:pull"
    asking(filled).digest(NAME, "v1.0.0")
    assert filled.token_requests == [f"GET repository:{NAME}:pull repository:acme/base:pull"]


def test_a_registry_on_this_machine_is_asked_without_a_proxy(
    filled: StandIn, asking: Callable[..., Registry], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    assert asking(filled).digest(NAME, "v1.0.0") == MADE.digest


def test_a_realm_with_a_query_keeps_it(filled: StandIn, asking: Callable[..., Registry]) -> None:
    filled.realm = f"{filled.root}/token?account=x"
    assert asking(filled).digest(NAME, "v1.0.0") == MADE.digest


@pytest.mark.parametrize("ways", [("basic",), ("Negotiate", "basic")])
def test_a_password_is_sent_where_a_registry_takes_one(
    ways: tuple[str, ...], asking: Callable[..., Registry]
) -> None:
    with StandIn(*ways) as server:
        server.add_user(USER, "pull", "push", password=PASSWORD)
        Pusher(server.root, server.everything).push(NAME, MADE, "v1.0.0")
        registry = asking(server)
        assert registry.digest(NAME, "v1.0.0") == MADE.digest
        assert registry.digest(NAME, "v1.0.0") == MADE.digest
        assert statuses(server, "HEAD") == [401, 200, 200]
        assert server.token_requests == []


def test_a_password_that_was_refused_is_not_sent_again(asking: Callable[..., Registry]) -> None:
    with StandIn("basic") as server:
        registry = asking(server)
        for _ in range(2):
            with pytest.raises(Denied, match="UNAUTHORIZED"):
                registry.tags(NAME)
        sent = [one.authorization is not None for one in server.rules.requests]
        assert sent == [False, True, True]


def test_a_refresh_token_is_no_password(asking: Callable[..., Registry]) -> None:
    with StandIn("basic") as server:
        with pytest.raises(Denied, match="UNAUTHORIZED"):
            asking(server, lambda: Login(username="<token>", identity="refresh")).tags(NAME)
        assert [one.authorization for one in server.rules.requests] == [None]


def test_a_way_that_is_not_supported_is_named(asking: Callable[..., Registry]) -> None:
    with StandIn("Negotiate") as server, pytest.raises(Denied, match="a way that is not supported") as denied:
        asking(server).tags(NAME)
    assert "negotiate" in denied.value.evidence


@pytest.mark.parametrize("source", [nobody, lambda: Login(username=USER, password="wrong-4711-x")])
def test_debians_registry_refuses_who_is_not_known(
    real_with_passwords: str, source: Callable[[], Login | None]
) -> None:
    with front(real_with_passwords) as server, closing(Registry(server.host, source)) as registry:
        with pytest.raises(Denied, match="UNAUTHORIZED: authentication required") as denied:
            registry.manifest(NAME, "v1.0.0")
        assert denied.value.where == f"{server.root}/v2/{NAME}/manifests/v1.0.0"
        assert "wrong-4711" not in f"{denied.value.evidence} {denied.value.hint}"


def test_a_registry_that_is_not_there_is_unavailable() -> None:
    with docker_registry() as root:
        host = root.removeprefix("http://")
    registry = Registry(host, pause=lambda _: None)
    with closing(registry), pytest.raises(Unavailable, match=f"the registry {host} did not answer"):
        registry.tags(NAME)

"""A registry that misbehaves: what cannot be true is not believed, and what only takes time is waited for."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from shipit.adapters.oci import registry as registries
from shipit.adapters.oci.login import Login
from shipit.adapters.oci.manifest import Manifest
from shipit.adapters.oci.registry import Registry
from shipit.errors import Denied, ExternalError, Unavailable
from tests.contract.oci.conftest import Place, login
from tests.support import registry_images as images
from tests.support.registry_images import DOCKER, Made, Pusher
from tests.support.registry_rules import Rules
from tests.support.registry_stand_in import SCHEMA_1, Kind, StandIn

NAME = "acme/acme-mcp"
MADE = images.image()
READS = ("digest", "manifest")


@pytest.fixture(autouse=True)
def _carried_out(stand_in: StandIn) -> Iterator[None]:
    """Every order of a test is carried out, or it shows nothing."""
    yield
    assert stand_in.unused_orders() == []


@pytest.fixture
def pusher(stand_in: StandIn) -> Pusher:
    made = Pusher(stand_in.root, stand_in.everything)
    made.push(NAME, MADE, "v1.0.0")
    return made


def found(registry: Registry, at: str = "v1.0.0") -> Manifest:
    manifest = registry.manifest(NAME, at)
    assert manifest is not None
    return manifest


@pytest.mark.parametrize("at", ["v1.0.0", MADE.digest])
def test_a_digest_that_is_not_of_the_bytes_is_not_believed(
    stand_in: StandIn, known: Registry, pusher: Pusher, at: str
) -> None:
    stand_in.misbehave("GET", "manifests", Kind.WRONG_DIGEST, times=2)  # one goes to the 401
    with pytest.raises(ExternalError, match="another digest") as untrue:
        known.manifest(NAME, at)
    assert f"found  {MADE.digest}" in untrue.value.evidence


@pytest.mark.parametrize("kind", [Kind.OTHER_BYTES, Kind.SILENT_OTHER_BYTES])
def test_bytes_that_are_not_of_the_digest_are_not_believed(
    stand_in: StandIn, known: Registry, pusher: Pusher, kind: Kind
) -> None:
    known.digest(NAME, "v1.0.0")
    stand_in.misbehave("GET", "manifests", kind)
    with pytest.raises(ExternalError, match="another digest") as untrue:
        known.manifest(NAME, MADE.digest)
    assert f"wanted {MADE.digest}" in untrue.value.evidence


def test_a_wrong_digest_for_a_digest_is_not_believed(stand_in: StandIn, known: Registry, pusher: Pusher) -> None:
    known.digest(NAME, "v1.0.0")
    stand_in.misbehave("HEAD", "manifests", Kind.WRONG_DIGEST)
    with pytest.raises(ExternalError, match="another digest"):
        known.digest(NAME, MADE.digest)


def test_a_wrong_digest_after_tagging_is_not_believed(stand_in: StandIn, known: Registry, pusher: Pusher) -> None:
    manifest = found(known)
    stand_in.misbehave("PUT", "manifests", Kind.WRONG_DIGEST, times=2)
    with pytest.raises(ExternalError, match="another digest"):
        known.tag(NAME, "v2.0.0", manifest)


def test_a_configuration_of_other_bytes_is_not_believed(stand_in: StandIn, known: Registry, pusher: Pusher) -> None:
    manifest = found(known)
    stand_in.misbehave("GET", "blobs", Kind.OTHER_BYTES)
    with pytest.raises(ExternalError, match="another digest") as untrue:
        known.images(NAME, manifest)
    assert f"wanted {manifest.config}" in untrue.value.evidence


def test_without_the_header_the_digest_is_computed(stand_in: StandIn, known: Registry, pusher: Pusher) -> None:
    known.digest(NAME, "v1.0.0")
    stand_in.misbehave("HEAD", "manifests", Kind.NO_DIGEST)
    stand_in.misbehave("GET", "manifests", Kind.NO_DIGEST)
    assert known.digest(NAME, "v1.0.0") == MADE.digest
    stand_in.misbehave("PUT", "manifests", Kind.NO_DIGEST, times=2)
    known.tag(NAME, "v2.0.0", found(known))


@pytest.mark.parametrize("read", READS)
def test_a_manifest_of_another_kind_is_no_image(
    stand_in: StandIn, known: Registry, pusher: Pusher, read: str
) -> None:
    known.tags(NAME)
    for method in ("GET", *(["HEAD"] if read == "digest" else [])):
        stand_in.misbehave(method, "manifests", Kind.OTHER_TYPE)
    with pytest.raises(ExternalError, match="is no image") as foreign:
        getattr(known, read)(NAME, "v1.0.0")
    assert SCHEMA_1 in foreign.value.evidence[1]


def test_a_stale_tag_shows_that_it_was_not_moved_yet(stand_in: StandIn, known: Registry, pusher: Pusher) -> None:
    later = images.image("later")
    pusher.push(NAME, later)
    known.tag(NAME, "v1.0.0", found(known, later.digest))
    stand_in.misbehave("HEAD", "manifests", Kind.STALE)
    assert known.digest(NAME, "v1.0.0") == MADE.digest
    assert known.digest(NAME, "v1.0.0") == later.digest


def test_a_manifest_deleted_between_two_questions_is_not_there(
    stand_in: StandIn, known: Registry, pusher: Pusher
) -> None:
    known.tags(NAME)
    stand_in.misbehave("HEAD", "manifests", Kind.GONE_AFTER)
    assert known.digest(NAME, "v1.0.0") == MADE.digest
    assert known.manifest(NAME, "v1.0.0") is None


def test_a_manifest_deleted_while_its_digest_is_looked_for_is_not_there(
    stand_in: StandIn, known: Registry, pusher: Pusher
) -> None:
    known.tags(NAME)
    stand_in.misbehave("HEAD", "manifests", Kind.NO_DIGEST)
    honest = known.manifest

    def too_late(repository: str, at: str) -> Manifest | None:
        pusher.delete(NAME, MADE.digest)
        return honest(repository, at)

    known.manifest = too_late  # type: ignore[method-assign]
    assert known.digest(NAME, "v1.0.0") is None


@pytest.mark.parametrize("read", READS)
def test_a_read_waits_as_long_as_the_registry_asks(stand_in: StandIn, pusher: Pusher, read: str) -> None:
    pauses: list[float] = []
    stand_in.misbehave("HEAD" if read == "digest" else "GET", "manifests", Kind.TOO_MANY, times=2, seconds=7)
    with closing(Registry(stand_in.host, login, pause=pauses.append)) as registry:
        assert getattr(registry, read)(NAME, "v1.0.0")
    assert pauses == [7, 7]


def test_a_longer_pause_ends_the_run_and_is_said(stand_in: StandIn, pusher: Pusher) -> None:
    pauses: list[float] = []
    stand_in.misbehave("GET", "tags", Kind.TOO_MANY, seconds=600)
    registry = Registry(stand_in.host, login, pause=pauses.append)
    with closing(registry), pytest.raises(Unavailable, match="rate-limiting") as limited:
        registry.tags(NAME)
    assert limited.value.hint == "run the same command again in 600 s"
    assert pauses == []


def test_the_token_service_may_ask_for_time_as_well(stand_in: StandIn, pusher: Pusher) -> None:
    pauses: list[float] = []
    stand_in.misbehave("GET", "/token", Kind.TOO_MANY, seconds=9)
    with closing(Registry(stand_in.host, login, pause=pauses.append)) as registry:
        assert registry.digest(NAME, "v1.0.0") == MADE.digest
    assert pauses == [9]


@pytest.mark.parametrize("kind", [Kind.TOO_MANY, Kind.ERROR])
def test_a_tag_that_was_refused_for_a_time_is_not_put_again(
    stand_in: StandIn, known: Registry, pusher: Pusher, kind: Kind
) -> None:
    manifest = found(known)
    stand_in.misbehave("PUT", "manifests", kind)
    with pytest.raises(Unavailable):
        known.tag(NAME, "v2.0.0", manifest)
    assert known.digest(NAME, "v2.0.0") is None


@pytest.mark.parametrize("kind", [Kind.DROP_AFTER, Kind.ERROR_AFTER])
def test_a_tag_whose_answer_is_lost_is_looked_for_and_put_once(
    stand_in: StandIn, known: Registry, pusher: Pusher, kind: Kind
) -> None:
    manifest = found(known)
    known.tag(NAME, "before", manifest)  # so that the token is there
    stand_in.misbehave("PUT", "manifests", kind)
    known.tag(NAME, "v2.0.0", manifest)
    assert known.digest(NAME, "v2.0.0") == MADE.digest
    assert [one for one in stand_in.rules.writes() if one.endswith("manifests/v2.0.0")] == [
        f"PUT /v2/{NAME}/manifests/v2.0.0"
    ]


def test_pages_of_tags_are_followed_to_their_end(known: Registry, pusher: Pusher, stand_in: StandIn) -> None:
    tags = [f"v1.0.{number}" for number in range(8)]
    pusher.push(NAME, MADE, *tags)
    assert list(known.tags(NAME)) == tags
    assert sum(one.row == "end-8b" and one.status == 200 for one in stand_in.rules.requests) == 3


def test_the_next_page_is_asked_for_here_wherever_the_link_leads(
    known: Registry, pusher: Pusher, stand_in: StandIn
) -> None:
    pusher.push(NAME, MADE, "a", "b", "c")
    known.digest(NAME, "a")
    stand_in.misbehave("GET", "tags", Kind.LINK_ELSEWHERE)
    assert list(known.tags(NAME)) == ["a", "b", "c", "c", "v1.0.0"]  # and none of another host


def test_a_page_that_is_its_own_next_one_ends_the_list(known: Registry, pusher: Pusher, stand_in: StandIn) -> None:
    known.digest(NAME, "v1.0.0")
    stand_in.misbehave("GET", "tags", Kind.LINK_IN_CIRCLES)
    with pytest.raises(Unavailable, match="has no end"):
        known.tags(NAME)


def test_a_list_that_always_has_one_more_page_comes_to_an_end(
    known: Registry, pusher: Pusher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registries, "MOST_PAGES", 2)
    pusher.push(NAME, MADE, *(f"v1.0.{number}" for number in range(9)))
    with pytest.raises(Unavailable, match="has no end"):
        known.tags(NAME)


def test_a_page_of_a_proxy_is_no_list_of_tags(known: Registry, pusher: Pusher, stand_in: StandIn) -> None:
    known.digest(NAME, "v1.0.0")
    stand_in.misbehave("GET", "tags", Kind.PAGE)
    with pytest.raises(ExternalError, match="no list of tags"):
        known.tags(NAME)


@pytest.mark.parametrize("read", READS)
def test_a_page_of_a_proxy_is_no_image(known: Registry, pusher: Pusher, stand_in: StandIn, read: str) -> None:
    for method in ("GET", *(["HEAD"] if read == "digest" else [])):
        stand_in.misbehave(method, "manifests", Kind.PAGE)
    with pytest.raises(ExternalError, match="is no image"):
        getattr(known, read)(NAME, "v1.0.0")


def test_a_registry_that_fails_for_a_moment_is_asked_again(
    known: Registry, pusher: Pusher, stand_in: StandIn
) -> None:
    stand_in.misbehave("HEAD", "manifests", Kind.ERROR, times=2)
    assert known.digest(NAME, "v1.0.0") == MADE.digest


def test_a_refusal_that_is_no_json_is_still_told_by_its_status(stand_in: StandIn, known: Registry) -> None:
    stand_in.rules.expects_violations = True
    answer = httpx.Response(418, text="short and stout", request=httpx.Request("GET", f"{stand_in.root}/v2/x"))
    known._http.ask = lambda *_, **__: answer  # type: ignore[method-assign]
    with pytest.raises(Denied, match="refused: 418"):
        known.tags(NAME)


def test_a_tag_in_a_repository_that_is_not_there_is_denied(
    stand_in: StandIn, known: Registry, pusher: Pusher
) -> None:
    manifest = found(known)
    stand_in.misbehave("PUT", "manifests", Kind.UNKNOWN_NAME)
    with pytest.raises(Denied, match="NAME_UNKNOWN: repository name not known") as denied:
        known.tag(NAME, "v2.0.0", manifest)
    assert denied.value.hint == "check registry.host, registry.namespace and the name of the image"


def test_an_index_within_an_index_is_not_read(stand_in: StandIn, known: Registry, pusher: Pusher) -> None:
    inner = images.index((MADE, "linux/amd64"))
    pusher.push(NAME, images.index((inner, "linux/amd64")), "v2.0.0")
    with pytest.raises(ExternalError, match="an index within an index"):
        known.images(NAME, found(known, "v2.0.0"))


def test_blobs_on_another_host_come_without_the_login(stand_in: StandIn, known: Registry, pusher: Pusher) -> None:
    stand_in.blobs_lie_elsewhere = True
    manifest = found(known)
    [image] = known.images(NAME, manifest)  # the stand-in fails the test where a login comes along
    assert image.platform == "linux/amd64"


def test_a_host_that_a_redirect_led_to_gets_no_login_if_it_asks_for_one() -> None:
    def never() -> Login:
        raise AssertionError("the login was looked for")

    with StandIn() as server, closing(Registry(server.host, never)) as registry:
        Pusher(server.root).push(NAME, MADE, "v1.0.0")
        server.blobs_lie_elsewhere = server.store_wants_a_login = True
        manifest = found(registry)
        with pytest.raises(Denied, match="refused: 401"):
            registry.images(NAME, manifest)


@pytest.mark.parametrize("made", [images.image(kind=DOCKER), images.image()], ids=["Docker", "OCI"])
def test_without_all_types_in_accept_registries_say_what_is_not_true(place: Place, made: Made) -> None:
    """The control: this is what a HEAD as other clients send it would have seen."""
    place.pusher.push(place.name, made, "v1.0.0")
    place.rules.expects_violations = True
    address = f"{place.pusher.root}/v2/{place.name}/manifests/v1.0.0"
    careless = httpx.head(address, headers={**place.pusher.headers(), "Accept": "*/*"}, verify=False)
    assert careless.headers.get("Docker-Content-Digest") != made.digest
    assert place.registry.digest(place.name, "v1.0.0") == made.digest
    assert any("does not accept" in line for line in place.rules.violations)


def test_what_goes_beyond_the_specification_fails_the_test() -> None:
    rules = Rules()

    def careless_test() -> None:
        with StandIn() as server, rules:
            rules.violations.append("PUT /v2/x: there is no such endpoint")
            assert server.root

    with pytest.raises(AssertionError, match="not as the specification has it"):
        careless_test()

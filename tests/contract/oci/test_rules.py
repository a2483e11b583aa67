"""The table of the specification refuses what is not in it: a request that shipit must never send is seen."""

import pytest

from tests.contract.oci.endpoints import ENDPOINTS, MANIFEST_TYPES
from tests.support.description import Asked
from tests.support.http_listener import Drop
from tests.support.registry_rules import Reply, Rules

ACCEPT = {"Accept": ", ".join(sorted(MANIFEST_TYPES))}
MANIFEST = {"Content-Type": "application/vnd.oci.image.manifest.v1+json", "Content-Length": "2"}
DIGEST = f"sha256:{'0' * 64}"
GOOD = {
    "end-1": ("GET", "/v2/", {}, Reply(401)),
    "end-2": ("GET", f"/v2/a/b/blobs/{DIGEST}", {}, Reply(307)),
    "end-3": ("HEAD", "/v2/a/b/manifests/v1", ACCEPT, Reply(200, b"x")),
    "end-4a": ("POST", "/v2/a/blobs/uploads/", {}, Reply(202, b"", {"location": "x"})),
    "end-4b": ("POST", f"/v2/a/blobs/uploads/?digest={DIGEST}", MANIFEST, Reply(201, b"", {"Location": "x"})),
    "end-5": ("PATCH", "/v2/a/blobs/uploads/s", MANIFEST, Reply(202, b"", {"Location": "x", "Range": "0-1"})),
    "end-6": ("PUT", f"/v2/a/blobs/uploads/s?_state=x&digest={DIGEST}", {}, Reply(201, b"", {"Location": "x"})),
    "end-7": ("PUT", "/v2/a/manifests/v1", MANIFEST, Reply(201, b"", {"Location": "x"})),
    "end-8a": ("GET", "/v2/a/tags/list", {}, Reply(200, b'{"name": "a", "tags": null}')),
    "end-8b": ("GET", "/v2/a/tags/list?n=5&last=x", {}, Reply(200, b'{"name": "a", "tags": []}')),
    "end-9": ("DELETE", f"/v2/a/manifests/{DIGEST}", {}, Reply(202)),
    "end-10": ("DELETE", f"/v2/a/blobs/{DIGEST}", {}, Reply(405)),
    "end-11": ("POST", f"/v2/a/blobs/uploads/?mount={DIGEST}&from=b", {}, Reply(202, b"", {"Location": "x"})),
    "end-12a": ("GET", f"/v2/a/referrers/{DIGEST}", {}, Reply(404)),
    "end-12b": ("GET", f"/v2/a/referrers/{DIGEST}?artifactType=x", {}, Reply(200)),
    "end-13": ("GET", "/v2/a/blobs/uploads/s", {}, Reply(204)),
}


def asked(method: str, whole: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Asked:
    path, _, query = whole.partition("?")
    return Asked(method, path, query, headers or {}, body)


def violations(one: Asked, reply: Reply | Drop | None = None) -> list[str]:
    rules = Rules(expects_violations=True)
    rules.checked(one, lambda _: reply or Reply(404))
    return [line.partition(": ")[2] for line in rules.violations]


@pytest.mark.parametrize("row", ENDPOINTS, ids=lambda row: row.id)
def test_every_row_of_the_specification_is_known(row: object) -> None:
    name = str(getattr(row, "id"))  # noqa: B009 - the rows are of the other module's type
    method, path, headers, reply = GOOD[name]
    rules = Rules()
    rules.checked(asked(method, path, headers), lambda _: reply)
    assert rules.violations == []
    assert [one.row for one in rules.requests] == [name]


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (asked("GET", "/v2"), "there is no such endpoint"),
        (asked("GET", "/v1/a/tags/list"), "there is no such endpoint"),
        (asked("POST", "/v2/a/manifests/v1", MANIFEST), "there is no such endpoint"),
        (asked("GET", "/v2/A/manifests/v1", ACCEPT), "there is no such endpoint"),
        (asked("GET", "/v2/a/manifests/v1+2", ACCEPT), "there is no such endpoint"),
        (asked("GET", "/v2/a/blobs/v1"), "there is no such endpoint"),
        (asked("GET", "/v2/a/tags/list?page=2"), "there is no such endpoint"),
        (asked("GET", "/v2/a/tags/list?last=x"), "there is no such endpoint"),
        (asked("HEAD", "/v2/a/tags/list"), "there is no such endpoint"),
        (asked("PUT", "/v2/a/blobs/uploads/s"), "there is no such endpoint"),
        (asked("GET", "/v2/a/manifests/v1"), "end-3 lacks the header Accept"),
        (
            asked("GET", "/v2/a/manifests/v1", {"Accept": "*/*"}),
            "end-3 does not accept application/vnd.oci.image.index.v1+json",
        ),
        (asked("PUT", "/v2/a/manifests/v1", {"Content-Length": "2"}), "end-7 lacks the header Content-Type"),
        (
            asked("PUT", "/v2/a/manifests/v1", {**MANIFEST, "Content-Type": "application/json"}),
            "end-7 puts application/json",
        ),
        (
            asked("PUT", f"/v2/a/blobs/uploads/s?digest={DIGEST}", {"Content-Type": "text/plain"}, b"x"),
            "end-6 uploads text/plain",
        ),
        (asked("GET", "/v2/", {"Authorization": "Bearer a b"}), "end-1 has an Authorization that is none"),
        (asked("GET", "/v2/", {"Authorization": "s3cret"}), "end-1 has an Authorization that is none"),
    ],
)
def test_a_request_that_is_not_in_the_specification_is_seen(one: Asked, found: str) -> None:
    assert found in violations(one)


@pytest.mark.parametrize(
    ("one", "reply", "found"),
    [
        (asked("GET", "/v2/a/tags/list"), Reply(204), "end-8a answered 204"),
        (asked("GET", "/v2/a/tags/list"), Reply(400), "end-8a answered 400"),
        (asked("GET", "/v2/a/tags/list"), Reply(200, b'{"tags": []}'), "end-8a answered ['tags']"),
        (asked("PUT", "/v2/a/manifests/v1", MANIFEST), Reply(200), "end-7 answered 200"),
        (asked("PUT", "/v2/a/manifests/v1", MANIFEST), Reply(201), "end-7 answered without Location"),
        (asked("GET", "/v2/a/manifests/v1", ACCEPT), Reply(200), "end-3 answered without Content-Type"),
    ],
)
def test_an_answer_that_is_not_in_the_specification_is_seen(one: Asked, reply: Reply, found: str) -> None:
    assert violations(one, reply) == [found]


def test_a_dropped_connection_is_no_answer() -> None:
    assert violations(asked("GET", "/v2/"), Drop()) == []


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_refusals_may_come_everywhere(status: int) -> None:
    assert violations(asked("GET", "/v2/a/tags/list"), Reply(status)) == []

"""The OCI distribution specification 1.1 as data: its table of endpoints, and what it says of headers.

The rows are those of its section "Endpoints". What goes beyond them is listed apart and says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

NAME = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*"
TAG = r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}"
DIGEST = r"[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+"

MANIFEST_TYPES = frozenset(
    [
        "application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.docker.distribution.manifest.v2+json",
    ]
)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One row; in `path`, <name>, <digest>, <reference> (tag or digest) and <session> stand for their patterns.

    `needs` and `allows` are query parameters; `headers` of a request and `answers` of a success must be there.
    """

    id: str
    methods: tuple[str, ...]
    path: str
    success: tuple[int, ...]
    failure: tuple[int, ...]
    needs: tuple[str, ...] = ()
    allows: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


BODY = ("Content-Length", "Content-Type")
UPLOAD = "/v2/<name>/blobs/uploads/"
SESSION = "/v2/<name>/blobs/uploads/<session>"
MANIFEST = "/v2/<name>/manifests/<reference>"
READ = ("GET", "HEAD")
CREATED = {"PUT": ("Location",), "POST": ("Location",), "PATCH": ("Location", "Range")}

ENDPOINTS = (
    Endpoint(id="end-1", methods=("GET",), path="/v2/", success=(200,), failure=(404, 401)),
    Endpoint(id="end-2", methods=READ, path="/v2/<name>/blobs/<digest>", success=(200,), failure=(404,)),
    Endpoint(
        id="end-3",
        methods=READ,
        path=MANIFEST,
        success=(200,),
        failure=(404,),
        headers=("Accept",),
        answers={"GET": ("Content-Type", "Content-Length"), "HEAD": ("Content-Length",)},
    ),
    Endpoint(id="end-4a", methods=("POST",), path=UPLOAD, success=(202,), failure=(404,), answers=CREATED),
    Endpoint(
        id="end-4b",
        methods=("POST",),
        path=UPLOAD,
        needs=("digest",),
        success=(201, 202),
        failure=(404, 400),
        headers=BODY,
        answers=CREATED,
    ),
    Endpoint(
        id="end-5",
        methods=("PATCH",),
        path=SESSION,
        allows=("_state",),
        success=(202,),
        failure=(404, 416),
        headers=BODY,
        answers=CREATED,
    ),
    Endpoint(
        id="end-6",
        methods=("PUT",),
        path=SESSION,
        needs=("digest",),
        allows=("_state",),
        success=(201,),
        failure=(404, 400, 416),
        answers=CREATED,
    ),
    Endpoint(
        id="end-7",
        methods=("PUT",),
        path=MANIFEST,
        success=(201,),
        failure=(404, 413),
        headers=BODY,
        answers=CREATED,
    ),
    Endpoint(id="end-8a", methods=("GET",), path="/v2/<name>/tags/list", success=(200,), failure=(404,)),
    Endpoint(
        id="end-8b",
        methods=("GET",),
        path="/v2/<name>/tags/list",
        needs=("n",),
        allows=("last",),
        success=(200,),
        failure=(404,),
    ),
    Endpoint(id="end-9", methods=("DELETE",), path=MANIFEST, success=(202,), failure=(404, 400, 405)),
    Endpoint(
        id="end-10", methods=("DELETE",), path="/v2/<name>/blobs/<digest>", success=(202,), failure=(404, 405)
    ),
    Endpoint(
        id="end-11",
        methods=("POST",),
        path=UPLOAD,
        needs=("mount",),
        allows=("from",),
        success=(201, 202),
        failure=(404,),
        answers=CREATED,
    ),
    Endpoint(
        id="end-12a", methods=("GET",), path="/v2/<name>/referrers/<digest>", success=(200,), failure=(404, 400)
    ),
    Endpoint(
        id="end-12b",
        methods=("GET",),
        path="/v2/<name>/referrers/<digest>",
        needs=("artifactType",),
        success=(200,),
        failure=(404, 400),
    ),
    Endpoint(id="end-13", methods=("GET",), path=SESSION, allows=("_state",), success=(204,), failure=(404,)),
)

EVERYWHERE = frozenset({401, 403, 429, 500, 502, 503, 504})
"""Reviewed departure 1: section "Error Codes" and HTTP itself have these for every endpoint, the table does not."""
BAD_MANIFEST = {"end-7": frozenset({400})}
"""Reviewed departure 2: the codes MANIFEST_INVALID, MANIFEST_BLOB_UNKNOWN and DIGEST_INVALID come with a 400."""
MOVED = {"end-2": frozenset({302, 307})}
"""Reviewed departure 3: a blob may lie on another host (section "Pulling blobs")."""
SHORTENED = frozenset({"end-8a", "end-8b"})
"""A list of tags has the fields `name` and `tags`; docker-registry says null for none."""

"""What a registry keeps of an image: manifests, indexes of them, and the configuration with its labels."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from shipit.errors import ExternalError

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
TYPES = (OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST)
"""All that is read. A registry converts, or finds nothing, where one of them is not named in Accept."""
INDEXES = frozenset({OCI_INDEX, DOCKER_LIST})

_ATTESTATION = ("vnd.docker.reference.type", "attestation-manifest")
_NOWHERE = "unknown/unknown"
_ALGORITHMS = ("sha256", "sha512")

T = TypeVar("T")


class Child(Struct, frozen=True):
    """One manifest of an index; `platform` as os/architecture or os/architecture/variant."""

    digest: str
    platform: str


class Manifest(Struct, frozen=True, kw_only=True):
    """The very bytes of a manifest and the type under which they came; `digest` is computed from them.

    An index has `children`, attestations left out; a single image has the digest of its configuration in `config`.
    """

    digest: str
    media_type: str
    data: bytes
    children: tuple[Child, ...] = ()
    config: str = ""


class Image(Struct, frozen=True, kw_only=True):
    """An image for one platform; `digest` is that of its own manifest, also where an index led to it."""

    digest: str
    platform: str
    labels: Mapping[str, str]
    created: str


class _Platform(Struct, frozen=True):
    os: str = ""
    architecture: str = ""
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)


class _Descriptor(Struct, frozen=True):
    digest: str
    platform: _Platform | None = None
    annotations: dict[str, str] | None = None


class _Body(Struct, frozen=True):
    manifests: tuple[_Descriptor, ...] | None = None
    config: _Descriptor | None = None


class _Inner(Struct, frozen=True):
    labels: dict[str, str] | None = msgspec.field(default=None, name="Labels")


class _Configuration(Struct, frozen=True):
    created: str | None = None
    config: _Inner | None = None
    os: str = ""
    architecture: str = ""
    variant: str = ""


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def is_digest_of(digest: str, data: bytes) -> bool:
    """Whether this digest, of whatever known algorithm, is that of these bytes."""
    algorithm = digest.partition(":")[0]
    return algorithm in _ALGORITHMS and digest_of(data, algorithm) == digest


def read(data: bytes, media_type: str, what: str) -> Manifest:
    """Decode a manifest; `what` names it in messages. Raises ExternalError where it is not what its type says."""
    made = Manifest(digest=digest_of(data), media_type=media_type, data=data)
    body = _decoded(data, _Body, what)
    if media_type in INDEXES:
        if body.manifests is None:
            raise _unreadable(what, "an index without a list of manifests")
        return msgspec.structs.replace(made, children=tuple(_children(body.manifests)))
    if body.config is None:
        raise _unreadable(what, "a manifest without a configuration")
    return msgspec.structs.replace(made, config=body.config.digest)


def read_image(data: bytes, digest: str, what: str) -> Image:
    """Decode the configuration of the image whose manifest has this digest; raises ExternalError."""
    found = _decoded(data, _Configuration, what)
    return Image(
        digest=digest,
        platform=str(_Platform(found.os, found.architecture, found.variant)),
        labels=(found.config.labels if found.config else None) or {},
        created=found.created or "",
    )


def _children(found: Sequence[_Descriptor]) -> Sequence[Child]:
    """All but attestations: these are no images, and builders add them without being asked."""
    key, value = _ATTESTATION
    named = [(one, str(one.platform or "")) for one in found]
    return [
        Child(one.digest, platform)
        for one, platform in named
        if platform != _NOWHERE and (one.annotations or {}).get(key) != value
    ]


def _decoded(data: bytes, kind: type[T], what: str) -> T:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise _unreadable(what, str(error)) from None


def _unreadable(what: str, why: str) -> ExternalError:
    return ExternalError(f"{what} cannot be read", evidence=[why], hint="build and push it again")

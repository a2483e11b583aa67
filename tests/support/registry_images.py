"""Images for tests, made without a builder and pushed through a registry's own API."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = {
    OCI: "application/vnd.oci.image.config.v1+json",
    DOCKER: "application/vnd.docker.container.image.v1+json",
}
_LAYER = {
    OCI: "application/vnd.oci.image.layer.v1.tar+gzip",
    DOCKER: "application/vnd.docker.image.rootfs.diff.tar.gzip",
}
CREATED = "2026-01-02T03:04:05Z"


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


@dataclass(frozen=True)
class Made:
    """A manifest and what must be there before it."""

    media_type: str
    data: bytes
    blobs: tuple[bytes, ...] = ()
    children: tuple["Made", ...] = ()

    @property
    def digest(self) -> str:
        return digest(self.data)


def descriptor(media_type: str, data: bytes, **more: object) -> dict[str, object]:
    return {"mediaType": media_type, "digest": digest(data), "size": len(data), **more}


def image(
    mark: str = "one",
    *,
    kind: str = OCI,
    labels: Mapping[str, str] | None = None,
    architecture: str = "amd64",
    variant: str = "",
) -> Made:
    """An image whose bytes are its own for each mark; spaces in it show whether its bytes are kept."""
    config: dict[str, object] = {"architecture": architecture, "os": "linux", "created": CREATED}
    config |= {"variant": variant} if variant else {}
    config |= {"config": {"Labels": labels}, "rootfs": {"type": "layers", "diff_ids": []}, "history": []}
    blob, layer = json.dumps(config).encode(), f"layer of {mark}".encode()
    body = {
        "schemaVersion": 2,
        "mediaType": kind,
        "config": descriptor(_CONFIG[kind], blob),
        "layers": [descriptor(_LAYER[kind], layer)],
    }
    return Made(kind, json.dumps(body, indent=3).encode() + b"\n", (blob, layer))


def attestation(of: Made) -> Made:
    """What a builder adds beside an image: a manifest of its own, for no platform."""
    blob = json.dumps({"architecture": "unknown", "os": "unknown"}).encode()
    layer = json.dumps({"subject": of.digest}).encode()
    layers = [descriptor("application/vnd.in-toto+json", layer)]
    body = {"schemaVersion": 2, "mediaType": OCI, "config": descriptor(_CONFIG[OCI], blob), "layers": layers}
    return Made(OCI, json.dumps(body).encode(), (blob, layer))


def index(*images: tuple[Made, str], kind: str = OCI_INDEX, attested: bool = False) -> Made:
    """An index of images, each with its platform as os/architecture[/variant]."""
    listed, children = [], []
    for one, platform in images:
        listed.append(descriptor(one.media_type, one.data, platform=_platform(platform)))
        children.append(one)
        if attested:
            beside = attestation(one)
            notes = {
                "vnd.docker.reference.type": "attestation-manifest",
                "vnd.docker.reference.digest": one.digest,
            }
            nowhere = _platform("unknown/unknown")
            listed.append(descriptor(OCI, beside.data, platform=nowhere, annotations=notes))
            children.append(beside)
    body = {"schemaVersion": 2, "mediaType": kind, "manifests": listed}
    return Made(kind, json.dumps(body, indent=2).encode(), children=tuple(children))


def _platform(text: str) -> dict[str, str]:
    return dict(zip(("os", "architecture", "variant"), text.split("/"), strict=False))


@dataclass
class Pusher:
    """Pushes and deletes as a builder would; `headers` are those of who may."""

    root: str
    headers: Callable[[], Mapping[str, str]] = field(default=dict)

    def push(self, repository: str, made: Made, *tags: str) -> str:
        """Push it under these tags, or by its digest alone; returns the digest that the registry gave."""
        with httpx.Client(headers=dict(self.headers()), trust_env=False, verify=False) as http:
            for child in made.children:
                self._put(http, repository, child, child.digest)
            return [self._put(http, repository, made, at) for at in tags or [made.digest]][-1]

    def delete(self, repository: str, at: str) -> None:
        self._ask("DELETE", f"/v2/{repository}/manifests/{at}", 202)

    def delete_blob(self, repository: str, at: str) -> None:
        self._ask("DELETE", f"/v2/{repository}/blobs/{at}", 202)

    def _ask(self, method: str, path: str, status: int) -> None:
        answer = httpx.request(
            method, self.root + path, headers=dict(self.headers()), trust_env=False, verify=False
        )
        assert answer.status_code == status, answer.text

    def _put(self, http: httpx.Client, repository: str, made: Made, at: str) -> str:
        for blob in made.blobs:
            self._upload(http, repository, blob)
        answer = http.put(
            f"{self.root}/v2/{repository}/manifests/{at}",
            content=made.data,
            headers={"Content-Type": made.media_type},
        )
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Docker-Content-Digest"])

    def _upload(self, http: httpx.Client, repository: str, blob: bytes) -> None:
        begun = http.post(f"{self.root}/v2/{repository}/blobs/uploads/")
        assert begun.status_code == 202, begun.text
        place = httpx.URL(urljoin(f"{self.root}/", begun.headers["Location"]))
        headers = {"Content-Type": "application/octet-stream"}
        ended = http.put(place.copy_add_param("digest", digest(blob)), content=blob, headers=headers)
        assert ended.status_code == 201, ended.text

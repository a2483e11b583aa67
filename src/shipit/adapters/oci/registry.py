"""A container registry over the OCI distribution API: what lies under a tag, and tags for what lies there."""

import ipaddress
import time
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl, urlsplit

import httpx

from shipit.adapters.http.client import PASSING, Client, Dialect, Request
from shipit.adapters.http.limits import Limits
from shipit.adapters.oci import manifest as manifests
from shipit.adapters.oci import reference as references
from shipit.adapters.oci import refusals
from shipit.adapters.oci.authorization import Authorization
from shipit.adapters.oci.login import Source, nobody
from shipit.adapters.oci.manifest import TYPES, Image, Manifest
from shipit.adapters.oci.reference import HUB
from shipit.adapters.oci.refusals import PULL, PUSH
from shipit.errors import Denied, ExternalError, Unavailable, UsageError

PAGE_SIZE = 1000
MOST_PAGES = 1000
"""of one list of tags: a registry that always says that there is more would be asked for ever"""

_LIMITS = Limits()
_HUB_API = "registry-1.docker.io"
_ACCEPT = ", ".join(TYPES)
_REFUSALS = tuple(status for status in range(400, 500) if status not in PASSING)


class Registry:
    """One registry; `host` as it stands in names of images. `at` is a tag or a digest in a repository.

    All methods raise Unavailable (no answer), Denied (401, 403 and other refusals), or ExternalError for an answer
    that cannot be true; what is not there is None or empty.
    """

    def __init__(
        self,
        host: str,
        login: Source = nobody,
        *,
        pause: Callable[[float], None] = time.sleep,
        limits: Limits = _LIMITS,
    ) -> None:
        self.host = host
        address = root(host)
        is_here = address.startswith("http:")
        self._http = Client(
            address, Dialect(name=f"the registry {host}"), pause=pause, limits=limits, may_be_proxied=not is_here
        )
        self._authorization = Authorization(host, self._http, login, may_be_plain=is_here)

    def digest(self, repository: str, at: str) -> str | None:
        """The digest that lies there now, None if nothing does: one HEAD where the registry names it."""
        path = _manifest(repository, at)
        answer = self._ask(Request(method="HEAD", path=path, headers={"Accept": _ACCEPT}), repository, PULL)
        if answer.status_code == 404:
            return None
        said = _named_digest(answer)
        is_clear = said.startswith("sha256:") and _type(answer) in TYPES and not at.startswith("sha512:")
        if not is_clear:
            found = self.manifest(repository, at)
            return found.digest if found else None
        if references.is_digest(at) and at != said:
            raise self._untrue(answer, repository, at, said)
        return said

    def manifest(self, repository: str, at: str) -> Manifest | None:
        """The manifest that lies there, None if nothing does; its digest is that of its bytes."""
        path = _manifest(repository, at)
        answer = self._ask(Request(method="GET", path=path, headers={"Accept": _ACCEPT}), repository, PULL)
        if answer.status_code == 404:
            return None
        if _type(answer) not in TYPES:
            raise ExternalError(
                f"{repository}:{at} in the registry {self.host} is no image",
                evidence=[refusals.request_line(answer), f"Content-Type: {_type(answer)!a}"],
                hint="build and push it again",
            )
        for wanted in (_named_digest(answer), at):
            if references.is_digest(wanted) and not manifests.is_digest_of(wanted, answer.content):
                raise self._untrue(answer, repository, wanted, manifests.digest_of(answer.content))
        return manifests.read(answer.content, _type(answer), f"the manifest {repository}:{at}")

    def images(self, repository: str, found: Manifest) -> Sequence[Image]:
        """The images of a manifest, one for each platform; raises ExternalError if one is not whole."""
        if found.media_type not in manifests.INDEXES:
            return (self._image(repository, found),)
        return tuple(self._image(repository, self._child(repository, one.digest)) for one in found.children)

    def tags(self, repository: str) -> Sequence[str]:
        """All tags of a repository in the registry's order; none if there is no such repository."""
        found, path = list[str](), f"/v2/{_checked(repository)}/tags/list"
        asked = {"n": str(PAGE_SIZE)}
        for _ in range(MOST_PAGES):
            answer = self._ask(Request(method="GET", path=path, params=asked), repository, PULL)
            if answer.status_code == 404:
                return ()
            found += self._listed(answer)
            link = answer.links.get("next")
            if link is None:
                return tuple(found)
            # only what is asked is taken over, and not where: the login is for this host
            before, asked = asked, dict(parse_qsl(urlsplit(link["url"]).query))
            if asked == before:
                break
        raise Unavailable(
            f"the list of tags of {repository} has no end", evidence=[f"{path} always names a next page"]
        )

    def tag(self, repository: str, tag: str, found: Manifest) -> None:
        """Put a manifest that lies in this repository under another tag: its very bytes, so that its digest stays.

        An answer that got lost is no failure where the tag shows the digest.
        """
        request = Request(
            method="PUT",
            path=_manifest(repository, tag),
            headers={"Content-Type": found.media_type},
            content=found.data,
        )
        try:
            answer = self._ask(request, repository, PUSH)
        except Unavailable:
            if self.digest(repository, tag) == found.digest:
                return
            raise
        if answer.status_code == 404:
            raise self._refuse(answer, repository, PUSH)
        said = _named_digest(answer)
        if said and not manifests.is_digest_of(said, found.data):
            raise self._untrue(answer, repository, found.digest, said)

    def close(self) -> None:
        self._http.close()

    def _ask(self, request: Request, repository: str, actions: str) -> httpx.Response:
        """Return 2xx or 404; says who asks if the registry wants to know, and once more after a token expired."""
        answer = self._send(request, self._authorization.header(repository, actions))
        # a host that a redirect led to may not ask for the login
        if answer.status_code == 401 and not answer.history:
            answer = self._send(request, self._authorization.renewed(answer, repository, actions))
        if answer.is_success or answer.status_code == 404:
            return answer
        raise self._refuse(answer, repository, actions)

    def _send(self, request: Request, authorization: str | None) -> httpx.Response:
        headers = {**request.headers, **({"Authorization": authorization} if authorization else {})}
        sent = Request(
            method=request.method,
            path=request.path,
            params=request.params,
            headers=headers,
            content=request.content,
        )
        return self._http.ask(sent, accept=_REFUSALS)

    def _child(self, repository: str, digest: str) -> Manifest:
        found = self.manifest(repository, digest)
        if found is None:
            raise self._incomplete(repository, f"the index names {digest}, which is not there")
        if found.media_type in manifests.INDEXES:
            raise ExternalError(
                f"{repository} in the registry {self.host} has an index within an index", evidence=[digest]
            )
        return found

    def _image(self, repository: str, found: Manifest) -> Image:
        path = f"/v2/{_checked(repository)}/blobs/{found.config}"
        answer = self._ask(Request(method="GET", path=path), repository, PULL)
        if answer.status_code == 404:
            raise self._incomplete(repository, f"the configuration {found.config} is not there")
        if not manifests.is_digest_of(found.config, answer.content):
            raise self._untrue(answer, repository, found.config, manifests.digest_of(answer.content))
        return manifests.read_image(
            answer.content, found.digest, f"the configuration of {repository}@{found.digest}"
        )

    def _listed(self, answer: httpx.Response) -> Sequence[str]:
        body = self._http.decoded(answer)
        found = (body.get("tags") or []) if isinstance(body, dict) else None
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return found
        raise ExternalError(
            f"the registry {self.host} sent no list of tags", evidence=[refusals.request_line(answer)]
        )

    def _incomplete(self, repository: str, why: str) -> ExternalError:
        return ExternalError(
            f"an image of {repository} in the registry {self.host} is not complete",
            evidence=[why],
            hint="somebody may have deleted a part of it: build and push it again",
        )

    def _untrue(self, answer: httpx.Response, repository: str, wanted: str, found: str) -> ExternalError:
        return ExternalError(
            f"the registry {self.host} gives another digest than what was asked for in {repository}",
            evidence=[refusals.request_line(answer), f"wanted {wanted}", f"found  {found}"],
            hint="a proxy or a cache in between may change answers; ask who runs the registry",
        )

    def _refuse(self, answer: httpx.Response, repository: str, actions: str) -> Denied:
        return refusals.refuse(answer, self.host, repository, actions, is_known=self._authorization.is_known)


def root(host: str) -> str:
    """Where the API of a registry is; one on this machine is asked without encryption, as docker does."""
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    scheme = "http" if name == "localhost" or _is_loopback(name.strip("[]")) else "https"
    return f"{scheme}://{_HUB_API if host == HUB else host}"


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _checked(repository: str) -> str:
    if why := references.why_no_repository(repository):
        raise UsageError(f"`{repository}` is no repository of a registry", evidence=[why])
    return repository


def _manifest(repository: str, at: str) -> str:
    why = references.why_no_digest(at) if ":" in at else references.why_no_tag(at)
    if why:
        raise UsageError(f"`{at}` is neither a tag nor a digest", evidence=[why])
    return f"/v2/{_checked(repository)}/manifests/{at}"


def _type(answer: httpx.Response) -> str:
    return str(answer.headers.get("Content-Type", "")).partition(";")[0].strip()


def _named_digest(answer: httpx.Response) -> str:
    """The digest in an answer's header; empty without one that is known, since the header is optional."""
    said = str(answer.headers.get("Docker-Content-Digest", ""))
    return said if references.is_digest(said) else ""

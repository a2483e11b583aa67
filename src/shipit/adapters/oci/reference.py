"""Names of images: registry/repository:tag@digest, by docker's own rules."""

import re
from dataclasses import dataclass

from shipit.errors import UsageError

HUB = "docker.io"
"""The registry of names that name none."""
LONGEST = 255
"""Characters of registry and repository together."""

_HOST = re.compile(
    r"(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?"
)
_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}")
_ID = re.compile(r"[a-f0-9]{64}")
_HINT = "write it as registry/repository:tag or registry/repository@sha256:…"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """The name of an image in a registry; with both, the digest counts and the tag is for people."""

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    def __str__(self) -> str:
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.registry}/{self.repository}{tag}{digest}"

    @property
    def target(self) -> str:
        """What a registry is asked for: the digest, else the tag, else `latest`."""
        return self.digest or self.tag or "latest"


def parse(text: str) -> Reference:
    """Read a name as docker reads it: `redis` is docker.io/library/redis. Raises UsageError with the reason."""
    name, at, digest = text.partition("@")
    registry, path = _split(name)
    repository, colon, tag = path.partition(":")
    if registry == HUB and "/" not in repository:
        repository = f"library/{repository}"
    reason = (
        _why_no_name(text)
        or _why_no_registry(registry)
        or why_no_repository(repository, registry)
        or (why_no_tag(tag) if colon else "")
        or (why_no_digest(digest) if at else "")
    )
    if reason:
        raise UsageError(f"`{text}` is no name of an image", evidence=[reason], hint=_HINT)
    return Reference(registry=registry, repository=repository, tag=tag or None, digest=digest or None)


def is_digest(text: str) -> bool:
    return bool(_DIGEST.fullmatch(text))


def why_no_repository(name: str, registry: str = "") -> str:
    """What is wrong with the name of a repository; empty if nothing is."""
    if len(name) + len(registry) > LONGEST:
        return f"registry and repository together have more than {LONGEST} characters"
    if _REPOSITORY.fullmatch(name):
        return ""
    if not name or name.endswith("/"):
        return "the repository is missing"
    if _REPOSITORY.fullmatch(name.lower()):
        return f"a repository has small letters only: {name}"
    return (
        f"not a repository: {name!a}; it has small letters and digits, with single `.`, `_`, `__` or `-` between"
        " them, and `/` between its parts"
    )


def why_no_tag(tag: str) -> str:
    """What is wrong with a tag; empty if nothing is. A registry would answer 404, as if there were no image."""
    if _TAG.fullmatch(tag):
        return ""
    if not tag:
        return "the tag after `:` is missing"
    if len(tag) > 128:
        return "a tag has at most 128 characters"
    return f"not a tag: {tag!a}; it has letters, digits, `_`, `.` and `-`, and does not begin with `.` or `-`"


def why_no_digest(digest: str) -> str:
    """What is wrong with a digest; empty if nothing is."""
    if is_digest(digest):
        return ""
    if not digest:
        return "the digest after `@` is missing"
    return f"not a digest: {digest!a}; it is `sha256:` and 64 hexadecimal digits in small letters"


def _split(name: str) -> tuple[str, str]:
    """Registry and the rest: what comes before the first `/` is a registry if it looks like a host."""
    first, slash, rest = name.partition("/")
    is_host = slash and (first == "localhost" or first != first.lower() or "." in first or ":" in first)
    registry, path = (first, rest) if is_host else (HUB, name)
    return (HUB if registry == f"index.{HUB}" else registry), path


def _why_no_name(text: str) -> str:
    if not text:
        return "it is empty"
    if "://" in text:
        return "an address has a scheme, a name has none"
    if _ID.fullmatch(text):
        return "64 hexadecimal digits are the id of an image on one machine, which no registry knows"
    return ""


def _why_no_registry(registry: str) -> str:
    port = registry.rpartition(":")[2]
    if not _HOST.fullmatch(registry):
        return f"not a registry: {registry!a}; it is host or host:port"
    if port.isdecimal() and ":" in registry and not 0 < int(port) < 65536:
        return f"there is no port {port}"
    return ""

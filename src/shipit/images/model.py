"""Frozen values of the images slice."""

from collections.abc import Mapping

from msgspec import Struct

REVISION = "org.opencontainers.image.revision"
VERSION = "org.opencontainers.image.version"
SOURCE = "org.opencontainers.image.source"
CREATED = "org.opencontainers.image.created"
"""Labels as the OCI image specification names them (annotations.md): RFC 3339 for the last."""


class Image(Struct, frozen=True, kw_only=True):
    """One image of the configuration: what it is built from, and where it goes.

    `key` is its NAME there; `host` and `repository` are those of the registry; paths are relative to the top of the
    commit's files; no `platforms` means that of the machine that builds.
    """

    key: str
    host: str
    repository: str
    file: str
    context: str = "."
    target: str | None = None
    platforms: tuple[str, ...] = ()
    build_args: Mapping[str, str] = {}

    @property
    def address(self) -> str:
        return f"{self.host}/{self.repository}"

    def named(self, tag: str) -> str:
        return f"{self.address}:{tag}"

    def pinned(self, digest: str) -> str:
        """The name that no push of anybody can give to another image."""
        return f"{self.address}@{digest}"


class PushedImage(Struct, frozen=True, kw_only=True):
    """What a registry has under a name: `labels` of each platform, in the order of `platforms`."""

    digest: str
    platforms: tuple[str, ...]
    labels: tuple[Mapping[str, str], ...]

    def label(self, name: str) -> str:
        """The value that all platforms agree on; empty if one lacks it or has another."""
        found = {one.get(name, "") for one in self.labels}
        return found.pop() if len(found) == 1 else ""


class Names(Struct, frozen=True, kw_only=True):
    """The tags under which the images of one commit are pushed.

    `own` is that of this commit alone, `fixed` are others that never move (versions), `moving` follow a branch.
    """

    own: str
    fixed: tuple[str, ...] = ()
    moving: tuple[str, ...] = ()

    @property
    def lasting(self) -> tuple[str, ...]:
        """Those that name the same image for ever."""
        return tuple(dict.fromkeys((self.own, *self.fixed)))

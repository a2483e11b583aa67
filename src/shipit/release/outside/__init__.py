"""Which adapter plays which port of a release; each is made when it is first asked for."""

import copy
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shipit import masking
from shipit.config import Project, clock, page
from shipit.errors import UsageError
from shipit.model import Actor, Divergence
from shipit.release.outside.builds import Builds

if TYPE_CHECKING:
    from shipit.adapters.claimed import ClaimedFolder
    from shipit.adapters.git.checkout import Checkout
    from shipit.adapters.git.objects import GitObjects
    from shipit.adapters.git.private_clone import PrivateClone
    from shipit.adapters.git.remote import GitRemote
    from shipit.adapters.github.forge import GitHub
    from shipit.adapters.pypi.directory import DirectoryIndex
    from shipit.adapters.pypi.index import TwineIndex
    from shipit.changelog.entry import Fill
    from shipit.release.preparation import ReleaseBuilder, Signature
    from shipit.release.unseen import UnseenForge
    from shipit.versioning.units import Reader

PUBLIC_API = "https://api.github.com"


class Outside(Builds):
    """Everything outside of this process, as the configuration of a project names it."""

    def __init__(self, project: Project, environment: Mapping[str, str] = os.environ) -> None:
        self.project = project
        self.environment = environment
        self.clones: dict[tuple[str, str], PrivateClone] = {}
        self.folders: dict[Path, ClaimedFolder] = {}
        self.is_looking = False

    @property
    def top(self) -> Path:
        return self.project.top

    def of(self, package: str) -> "Outside":
        """The same outside as one of the repository's packages sees it; an empty name means the repository."""
        if package == self.project.package:
            return self
        other = copy.copy(self)
        other.project = self.project.of(package)
        vars(other).pop("builder", None)  # it follows from the configuration of the package
        return other

    def looking(self) -> "Outside":
        """The same outside for a dry run, to which a token that is not here, since CI has it, is no obstacle."""
        other = copy.copy(self)
        other.is_looking = True
        return other

    @cached_property
    def checkout(self) -> "Checkout":
        from shipit.adapters.git.checkout import Checkout

        return Checkout(self.top)

    @cached_property
    def remote(self) -> "GitRemote":
        from shipit.adapters.git import credentials
        from shipit.adapters.git.remote import GitRemote

        name = self.config.branches.remote
        url = self.checkout.remote_url(name)
        if url is None:
            raise UsageError(
                f"this repository has no remote {name}",
                where=str(self.top),
                hint=f"git remote add {name} URL, or name another in [tool.shipit.branches]",
            )
        urls = (url, self.checkout.remote_url(name, push=True) or url)
        for secret in credentials.secrets_in(*urls):
            masking.register(secret)
        return GitRemote(self.top, name, credentials.apart_from_urls(*urls))

    def divergence(self, branch: str, here: str, there: str) -> Divergence:
        """How two commits of a branch differ, here and on the remote; both must be in this clone."""
        return Divergence(
            branch=branch,
            remote=self.remote.name,
            ahead=len(self.objects.history(there, here)),
            behind=len(self.objects.history(here, there)),
        )

    def complete_history(self) -> None:
        """Deepen a shallow clone: without its whole history there is no previous version."""
        if self.checkout.is_shallow:
            self.remote.deepen()

    @cached_property
    def objects(self) -> "GitObjects":
        from shipit.adapters.git.objects import GitObjects

        return GitObjects(self.top, sign=self.config.release.sign)

    @cached_property
    def repository(self) -> str | None:
        """owner/name on the forge; None where there is no forge."""
        remote = self.config.branches.remote
        return page.repository(self.config.forge, self.environment, lambda: self.checkout.remote_url(remote))

    @cached_property
    def forge(self) -> "GitHub | UnseenForge | None":
        if self.repository is None:
            return None
        try:
            token = self.secret(self.config.forge.token)
        except UsageError as missing:
            if not self.is_looking:
                raise
            from shipit.release.unseen import UnseenForge

            return UnseenForge("GitHub", missing)
        from shipit.adapters.github.forge import GitHub

        return GitHub(self.api, self.repository, token)

    @property
    def api(self) -> str:
        """The root of the forge's API."""
        return self.config.forge.api or self.environment.get("GITHUB_API_URL") or PUBLIC_API

    @cached_property
    def links(self) -> str | None:
        """The address of the repository's page, for links in notes."""
        return f"{page.server(self.environment)}/{self.repository}" if self.repository else None

    @cached_property
    def index(self) -> "DirectoryIndex | TwineIndex | None":
        index = self.config.index
        if index.kind == "none":
            return None
        if index.kind == "directory":
            from shipit.adapters.pypi.directory import DirectoryIndex

            return DirectoryIndex((self.top / index.path).resolve())
        from shipit.adapters.pypi.index import TwineIndex

        username = self.plain(index.username) if index.username else None
        password = self.secret(index.password) if index.password else None
        if index.kind == "url":
            url = (index.url or "").rstrip("/")
            return TwineIndex(
                upload_url=index.url or "",
                simple_url=index.simple or f"{url}/simple/",
                simple_is_guessed=index.simple is None,
                username=username,
                password=password,
            )
        return TwineIndex.public(index.kind, username, password, is_looking=self.is_looking)

    @cached_property
    def grammar(self) -> "Reader":
        """How commit messages are read."""
        from shipit.adapters.semantic_release import reader

        return reader(self.config.version.commit_style)

    @cached_property
    def builder(self) -> "ReleaseBuilder":
        from shipit.release.preparation import ReleaseBuilder

        return ReleaseBuilder(
            objects=self.objects,
            config=self.config,
            links=self.links,
            package=self.project.package,
            fill=self._fill,
        )

    @property
    def _fill(self) -> "Fill | None":
        """Fills in the template of the notes, where there is one."""
        if self.config.changelog.template is None:
            return None
        from shipit.adapters.jinja import fill

        return fill

    def secret(self, reference: str) -> str:
        """Resolve env:, file: or command: now, and mask it from now on."""
        from shipit.adapters.secrets import resolve

        return resolve(reference, self.top)

    def plain(self, reference: str) -> str:
        """Resolve env:, file: or command: now, for what is no secret: a user name may be an everyday word."""
        from shipit.adapters.secrets import read

        return read(reference, self.top)

    @cached_property
    def private(self) -> Path:
        """Shipit's own folder; see adapters.git.folder."""
        from shipit.adapters.git.folder import private_folder

        return private_folder(self.top)

    def now(self) -> int:
        """Seconds since the epoch, or SOURCE_DATE_EPOCH where a reproducible release is asked for."""
        return clock.now(self.environment)

    def signature(self) -> "Signature":
        """Who releases, and the moment that everything in the release is dated with."""
        from shipit.release.preparation import Signature

        return Signature(self.checkout.identity(), self.now())

    def actor(self) -> Actor:
        """Who holds a lock that this process takes."""
        from shipit.adapters.actor import actor

        return actor(self.environment)

    def has_ended(self, holder: Actor) -> bool:
        """Whether a process of this machine has ended; False where that cannot be known."""
        from shipit.adapters.actor import has_ended

        return has_ended(holder)

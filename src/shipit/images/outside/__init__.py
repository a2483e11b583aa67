"""Which adapter plays which port of images; each is made when it is first asked for."""

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from shipit.config import ImageOptions, Project
from shipit.errors import Refused, UsageError
from shipit.images import tags
from shipit.images.model import CREATED, REVISION, SOURCE, VERSION, Image, Names
from shipit.images.ports import Builder, Order, Registry
from shipit.model import Revision
from shipit.release.outside import Outside as ReleaseOutside
from shipit.release.revisions import revision
from shipit.versioning.tags import version_of

if TYPE_CHECKING:
    from shipit.adapters.docker.login_file import LoginFile
    from shipit.adapters.git.private_clone import PrivateClone
    from shipit.adapters.oci.login import Login

_TABLE = "[tool.shipit.registry]"


class Outside:
    """Images, registries and the builder, as the configuration of a project names them."""

    def __init__(self, project: Project, environment: Mapping[str, str] = os.environ) -> None:
        self.project = project
        self.environment = environment
        self.release = ReleaseOutside(project, environment)
        self._registries: dict[str, Registry] = {}
        self._clones: dict[str, PrivateClone] = {}
        self._one_at_a_time = Lock()

    def images(self, wanted: Sequence[str] = ()) -> tuple[Image, ...]:
        """All images of the configuration, or those; raises UsageError for one that is not there."""
        known = self.project.config.images
        unknown = [name for name in wanted if name not in known]
        if unknown or not known:
            raise UsageError(
                f"there is no image {', '.join(unknown)}" if unknown else "no image is configured",
                evidence=[f"configured: {', '.join(known)}"] if known else (),
                hint='[tool.shipit.images] NAME = { file = "Dockerfile" }',
            )
        return tuple(self._image(name, options) for name, options in known.items() if name in (wanted or known))

    def _image(self, key: str, options: ImageOptions) -> Image:
        from shipit.adapters.oci.reference import why_no_repository

        host, namespace = self._place(options)
        repository = "/".join(part for part in (namespace, options.name or key) if part)
        if why := why_no_repository(repository, host):
            raise UsageError(f"{repository} cannot be pushed", where=f"images.{key}", evidence=[why])
        return Image(
            key=key,
            host=host,
            repository=repository,
            file=options.file,
            context=options.context,
            target=options.target,
            platforms=options.platforms,
            build_args=options.build_args,
        )

    def _place(self, options: ImageOptions) -> tuple[str, str]:
        if options.registry is not None:
            host, _, namespace = options.registry.partition("/")
            return host, namespace
        common = self.project.config.registry
        owner = (self.release.repository or "").partition("/")[0].lower()
        if not (common.namespace or owner):
            raise UsageError("it is not known whose images these are", where=_TABLE, hint='namespace = "acme"')
        return common.host, common.namespace or owner

    def revision(self, commit: str) -> Revision:
        """The commit with its version; raises Refused if it has not exactly one."""
        return revision(self.release.objects, commit, self.project.config.version.files)

    @property
    def head(self) -> str:
        """The commit that is checked out; raises UsageError if there is none yet."""
        found = self.release.checkout.tip("HEAD")
        if found is None:
            raise UsageError("nothing is committed yet", hint="git commit")
        return found

    def names(self, commit: str, branch: str | None = None) -> Names | None:
        """The tags for a commit that is checked out; None where neither branch nor version tag is known."""
        shape = self.project.config.version.tag_format
        released = [tag.name for tag in self.release.checkout.tags() if tag.commit == commit]
        versions = tuple(name for name in released if version_of(name, shape))
        return tags.names(commit, branch or self._branch, versions)

    @property
    def _branch(self) -> str | None:
        """The branch that a CI job is for, else the one that is checked out."""
        ref = self.environment.get("GITHUB_REF")
        if ref is None:
            return self.release.checkout.branch
        return ref.removeprefix("refs/heads/") if ref.startswith("refs/heads/") else None

    def registry(self, host: str) -> Registry:
        if host not in self._registries:
            from shipit.adapters.oci.registry import Registry as Client
            from shipit.images.outside.registry import KnownRegistry

            self._registries[host] = KnownRegistry(
                Client(host, lambda: self._login(host) or self._docker_login(host))
            )
        return self._registries[host]

    def _login(self, host: str) -> "Login | None":
        """The login of the configuration, which is for its own registry alone."""
        from shipit.adapters.oci.login import configured

        options = self.project.config.registry
        return configured(options.username, options.password, self.project.top) if host == options.host else None

    def _login_if_there(self, host: str) -> "Login | None":
        """Who only builds needs none; `require_logins` has been asked for those who push."""
        try:
            return self._login(host)
        except UsageError:
            return None

    def require_logins(self, images: Sequence[Image]) -> None:
        """Raise UsageError where the configuration names a login for one of these images that is not there."""
        for host in dict.fromkeys(image.host for image in images):
            self._login(host)

    def _docker_login(self, host: str) -> "Login | None":
        from shipit.adapters.oci.docker_login import find

        return find(host, self.environment)

    @cached_property
    def builder(self) -> Builder:
        from shipit.adapters.docker.choice import choose

        return choose(self._login_if_there, self.release.folder(self.release.private / "images"))

    @cached_property
    def logins(self) -> "LoginFile":
        """The logins of the configuration, for a program that asks a registry by itself."""
        from shipit.adapters.docker.login_file import LoginFile

        return LoginFile(self._login_if_there, self.release.folder(self.release.private / "logins"))

    def labels(self, seen: Revision) -> dict[str, str]:
        """What every image of a commit says of itself."""
        made = datetime.fromtimestamp(self.release.checkout.time(seen.commit), UTC)
        labels = {
            REVISION: seen.commit,
            VERSION: seen.version,
            CREATED: made.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return {**labels, SOURCE: self.release.links} if self.release.links else labels

    def order(self, seen: Revision, image: Image, tag: str) -> Order:
        """How an image is built under this tag, from the files of the commit."""
        from msgspec.structs import replace

        filled = {name: seen.fill(value) for name, value in image.build_args.items()}
        return Order(
            image=replace(image, build_args=filled),
            name=image.named(tag),
            tree=self._tree(seen),
            labels=self.labels(seen),
        )

    def _tree(self, seen: Revision) -> Path:
        """The files of the commit and nothing else: what lies in the work tree or in .git gets into no image."""
        from shipit.adapters.git.private_clone import PrivateClone

        with self._one_at_a_time:
            if seen.commit not in self._clones:
                signature = self.release.signature()
                clone = PrivateClone(
                    top=self.project.top,
                    commit=seen.commit,
                    tag=f"images-{seen.reference}",
                    author=signature.author,
                    time=signature.time,
                    remote=self.project.config.branches.remote,
                )
                shutil.rmtree(clone.path / ".git")
                self._clones[seen.commit] = clone
            return self._clones[seen.commit].path

    def has(self, commit: str, path: str) -> bool:
        """Whether a commit has this file or folder."""
        return bool(self.release.objects.files(commit, path))

    def is_later(self, commit: str, other: str) -> bool:
        """Whether another commit contains this one, as far as this clone knows."""
        objects = self.release.objects
        return objects.has(other) and objects.is_ancestor(commit, other)

    def changed(self) -> list[str]:
        """The paths of the work tree with changes that are not committed."""
        return self.release.checkout.changed()

    def tagged(self, tag: str) -> str:
        """The commit that a tag of the remote names, which comes here; raises Refused if there is none."""
        refs, ref, remote = self.release.remote.refs(), f"refs/tags/{tag}", self.release.remote
        commit = refs.get(f"{ref}^{{}}") or refs.get(ref)
        if commit is None:
            raise Refused(f"there is no tag {tag} on {remote.name}", hint="shipit status")
        if not self.release.objects.has(commit):
            remote.fetch(ref)
        return commit

    def close(self) -> None:
        """Remove the files that were built from."""
        for clone in self._clones.values():
            clone.remove()

"""What a release builds and keeps on this machine: private clone, gates, packages, artifacts."""

import re
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shipit.config import Config, Project
from shipit.release.model import Release
from shipit.versioning.number import pep440

if TYPE_CHECKING:
    from shipit.adapters.claimed import ClaimedFolder
    from shipit.adapters.git.objects import GitObjects
    from shipit.adapters.git.private_clone import PrivateClone
    from shipit.adapters.git.remote import GitRemote
    from shipit.adapters.pypi.directory import DirectoryIndex
    from shipit.adapters.pypi.index import TwineIndex
    from shipit.adapters.python.packager import Packager
    from shipit.adapters.python.virtualenv import Source
    from shipit.gates.runner import GateRunner
    from shipit.release.artifacts import KeptArtifacts


class Builds:
    """The part of Outside that is about files of a release."""

    project: Project
    environment: Mapping[str, str]
    clones: "dict[tuple[str, str], PrivateClone]"
    folders: "dict[Path, ClaimedFolder]"

    if TYPE_CHECKING:

        @property
        def remote(self) -> GitRemote: ...

        @property
        def objects(self) -> GitObjects: ...

        @property
        def index(self) -> DirectoryIndex | TwineIndex | None: ...

        @property
        def private(self) -> Path: ...

    @property
    def config(self) -> Config:
        return self.project.config

    def artifacts(self, release: Release) -> "KeptArtifacts":
        from shipit.release.artifacts import KeptArtifacts
        from shipit.release.refs import kept_ref

        folder, proposed = (
            self.folder(self.private / "releases" / _file_name(f"{release.tag}-{commit[:12]}"))
            for commit in (release.tagged_commit, release.commit)
        )
        return KeptArtifacts(folder, self.remote, self.objects, kept_ref(release.tag), proposed)

    def gates(self, release: Release, tree: str) -> "GateRunner":
        """Runs gates in a private clone of the commit to release."""
        from shipit.gates.outside import gate_runner

        tree_of, seen = self._clone(release, tree), self._variables(release)
        return gate_runner(self.config.gates, tree_of, seen, self.withheld, for_release=True)

    def packager(self, release: Release, tree: str) -> "Packager":
        """Builds and tries packages in that same clone."""
        from shipit.adapters.python.packager import Packager
        from shipit.gates.runner import split

        options = self.config.distribution
        return Packager(
            tree=self._clone(release, tree),
            folder=self.folder(self.private / "work" / _file_name(release.tag)),
            time=release.time,
            project=self.project.name,
            version=pep440(release.version),
            public=self.config.index.kind in {"pypi", "testpypi"},
            options=options,
            command=None if options.run is None else split(options.run, "distribution.run"),
            variables={**self._variables(release), **dict.fromkeys(self.withheld.difference(options.secrets))},
            package=self.project.folder,
            source=self._source,
        )

    def folder(self, base: Path) -> "ClaimedFolder":
        """A folder that this run has for itself: whoever asks for it again in this process gets the same."""
        from shipit.adapters.claimed import ClaimedFolder

        return self.folders.setdefault(base, ClaimedFolder(base))

    def sweep(self, tag: str) -> None:
        """Remove what dead runs have kept for this tag, of whatever commit: the release of that tag is over."""
        from shipit.adapters.claimed import sweep

        ours = re.compile(re.escape(_file_name(tag)) + "-[0-9a-f]{12}")
        for path in (self.private / "releases").glob("*"):
            if ours.fullmatch(path.name.partition("~")[0]):
                sweep(path)

    def _source(self) -> "Source | None":
        """What a trial installation finds on the index only, such as a sibling that was released a minute ago.

        Nothing comes from TestPyPI: anybody may put any name there, with a version above that of the real project.
        """
        if self.index is None or self.config.index.kind == "testpypi":
            return None
        return self.index.source(self.project.name)

    def _clone(self, release: Release, tree: str) -> "PrivateClone":
        """One for gates and packages: the second use finds what the first has made."""
        from shipit.adapters.git.private_clone import PrivateClone

        made = PrivateClone(
            top=self.project.top,
            commit=release.tagged_commit,
            tag=release.tag,
            author=release.author,
            time=release.time,
            id=tree,
            remote=self.config.branches.remote,
        )
        return self.clones.setdefault((release.tag, release.tagged_commit), made)

    def _variables(self, release: Release) -> "Mapping[str, str | None]":
        """What the project's own commands see beside our own environment; None takes a name away."""
        from shipit.adapters.git.clone_settings import without_repository
        from shipit.adapters.python.build_versions import release_variables

        return {**without_repository(), **release_variables(release.version, release.time)}

    @cached_property
    def withheld(self) -> frozenset[str]:
        """The environment variables that gates and builds do not see; what is in them is masked from now on."""
        from shipit.adapters import withheld

        users = [self.config.index.username, self.config.registry.username]
        plain = [name.removeprefix("env:") for name in users if name]
        return withheld.names(self.environment, self.secret_names, plain)

    @property
    def secret_names(self) -> tuple[str, ...]:
        """The environment variables that the configuration takes secrets from."""
        index, registry = self.config.index, self.config.registry
        databases = (one.database.url for one in self.config.environments.values() if one.database)
        own = (self.config.forge.token, index.username, index.password, self.config.notify.apprise)
        references = (*own, registry.username, registry.password, *databases)
        return tuple(one.removeprefix("env:") for one in references if one and one.startswith("env:"))


def _file_name(text: str) -> str:
    return re.sub(r"[^\w.+-]", "-", text)

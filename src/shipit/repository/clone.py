"""What the light commands look at: this clone's history, and what would come next from the current commit."""

import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from shipit.adapters import semantic_release
from shipit.adapters.git import history, query, tags
from shipit.adapters.git.history import RecentHistory
from shipit.adapters.git.query import Repository
from shipit.adapters.git.recent import recent
from shipit.config.project import Project
from shipit.config.sources import PYPROJECT
from shipit.errors import Refused
from shipit.versioning.number import Version, parse
from shipit.versioning.tags import previous_tags, version_of
from shipit.versioning.units import Reading

if TYPE_CHECKING:
    from shipit.config import Config
    from shipit.versioning.bump import Forced
    from shipit.versioning.decision import Decision


class Clone(Project, frozen=True, dict=True):
    """A project with its history here, read when it is first asked for; raises Refused in a shallow clone."""

    @cached_property
    def links(self) -> str:
        """The address of the repository's page; empty if there is none."""
        from shipit.config import page  # noqa: PLC0415 - only notes pay for it

        remote = self.config.branches.remote
        name = page.repository(self.config.forge, os.environ, lambda: query.remote_url(self.top, remote))
        return f"{page.server(os.environ)}/{name}" if name else ""

    @cached_property
    def repository(self) -> Repository:
        found = query.find_repository(self.top)
        query.require_complete(found)
        return found

    @cached_property
    def tag_names(self) -> frozenset[str]:
        return tags.names(self.top)

    @cached_property
    def reachable_names(self) -> list[str]:
        """The tags in the history of the commit that is checked out."""
        return [tag.name for tag in tags.reachable(self.top)]

    @cached_property
    def branch(self) -> str | None:
        return query.branch(self.top)

    @cached_property
    def survey(self) -> RecentHistory:
        """What came since the last final version, of which `tags` may leave out what is below it."""
        return recent(self.top, self.config.version) or history.survey(self.repository, self.config.version)

    def reading(self, since: str | None, until: str) -> Reading:
        """How the messages between two commits are read, and which of these commits count."""
        grammar = semantic_release.reader(self.config.version.commit_style)
        if not self.folder:
            return Reading(grammar)
        return Reading(grammar, self.folder, history.touched(self.top, self.folder, since, until))

    def decide(self, kind: str, pre: str | None, forced: "Forced | None" = None) -> "Decision":
        """What a release of the current commit would be."""
        from shipit.versioning.decision import Question, TagElsewhere, decide  # noqa: PLC0415 - notes decide nothing

        seen = self.survey
        asked = Question(
            seen.commits,
            seen.reachable,
            self.config.version,
            kind,
            pre,
            forced,
            taken=seen.tags,
            branch=self.branch,
            reading=self.since_final,
            initial_origin=self.initial_origin,
        )
        try:
            decision = decide(asked)
        except TagElsewhere as error:
            raise self._behind(error) from None
        if decision.version and not forced:
            self._require_above(decision, parse(decision.version))
        return decision

    def _require_above(self, decision: "Decision", version: Version) -> None:
        """Raise Refused where the files, or tags of another spelling, tell that the version would go back."""
        from shipit.versioning import floor  # noqa: PLC0415 - as above

        policy = self.config.version
        is_first = previous_tags(self.survey.reachable, policy)[1] is None
        files = self.readable()
        known = floor.in_files(files, policy.tag_format, is_first=is_first, initial=self.initial_key)
        if floor.may_bind(self.tag_names, version):
            own = floor.Own(policy.tag_format, self.name_or_nothing, self.package, self.foreign_formats)
            known += floor.in_tags(self.reachable_names, own, version, is_first=is_first)
        floor.require_above(version, known, self.branch, decision.rows)

    def _behind(self, error: Refused) -> Refused:
        """Say so where the branch only lacks what its remote has; the tag is then on no other line of history."""
        divergence = query.divergence(self.top)
        if divergence is None or not divergence.behind:
            return error
        return Refused(str(divergence), evidence=[error.what], hint=divergence.command)

    @cached_property
    def since_final(self) -> Reading:
        """How what came since the last final version is read."""
        _, final = previous_tags(self.survey.reachable, self.config.version)
        return self.reading(final.commit if final else None, self.survey.head)

    def current(self) -> Version | None:
        """The version that the files tell, else that of the highest tag; None before the first release.

        Raises Refused if the files do not agree.
        """
        from shipit.versioning.version_files import versions  # noqa: PLC0415 - `version --next` reads no file

        found = versions(self.config.version.files, self._read)
        if len(set(found.values())) > 1:
            evidence = [f"{location}: {version}" for location, version in found.items()]
            hint = "shipit version bump VERSION writes all of them"
            raise Refused("the version files do not agree", evidence=evidence, hint=hint)
        return next(iter(found.values()), None) or self._tagged()

    def readable(self) -> dict[str, Version]:
        """The version that each version file has, but for those in which none can be read."""
        from shipit.versioning.floor import readable  # noqa: PLC0415 - as above

        return readable(self.config.version.files, self._read)

    @property
    def mentions(self) -> tuple[str, ...]:
        """Files in which the version is renewed wherever it stands; light commands know of none."""
        return getattr(self.config.version, "mentions", ())

    def silent(self) -> list[str]:
        """The mentions in whose files the current version does not stand."""
        from shipit.versioning.occurrences import silent  # noqa: PLC0415 - as above

        current = next(iter(self.readable().values()), None) or self._tagged()
        return list(silent(self.mentions, self._mentioning, current))

    def write(self, version: str) -> list[str]:
        """Write a SemVer version into every version file of the work tree; returns the paths that changed.

        Raises Refused, before anything is written, where one of them is a link out of the repository.
        """
        from shipit.adapters.files import inside, write  # noqa: PLC0415 - as above
        from shipit.versioning.occurrences import renewed  # noqa: PLC0415 - as above
        from shipit.versioning.version_files import rewritten, versions  # noqa: PLC0415 - as above

        policy = self.config.version
        texts = rewritten(policy.files, self._read, version)
        if self.mentions:
            last = next(iter(versions(policy.files, self._read).values()), None) or self._tagged()
            texts |= renewed(self.mentions, lambda path: texts.get(path) or self._mentioning(path), last, version)
        files = {path: inside(self.top, path) for path in texts}
        changed = [path for path, text in texts.items() if files[path].read_bytes() != text.encode()]
        for path in changed:
            write(files[path], texts[path].encode())
        return changed

    def _mentioning(self, path: str) -> str | None:
        return self._read(path, "version.mentions")

    def text(self, path: str, key: str) -> str:
        """A file of the work tree; raises Refused, with the key of the configuration that names it."""
        found = self._read(path, key)
        if found is None:
            raise Refused(f"{path} is not there, but {key} names it", hint=f"correct {key}")
        return found

    def _read(self, path: str, key: str = "version.files") -> str | None:
        try:
            return (self.top / path).read_bytes().decode()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{path} cannot be read", evidence=[str(error)], hint=f"correct {key}") from None

    def _tagged(self) -> Version | None:
        found = (version_of(tag.name, self.config.version.tag_format) for tag in self.survey.reachable)
        return max((version for version in found if version), key=lambda version: version.precedence, default=None)


def open_clone(start: Path, package: str | None = None) -> Clone:
    """The clone around a folder, perhaps as one of several packages sees it; raises UsageError outside of one."""
    from shipit.config import load  # noqa: PLC0415 - the plainest forms do without the tables

    return opened(*load(start), package or "")


def opened(top: Path, config: "Config", package: str = "") -> Clone:
    """The clone with this configuration; raises UsageError where the work tree lacks what that is about."""
    clone = Clone(top, config, package)
    if not (top / PYPROJECT).exists() or getattr(config, "packages", {}):
        from shipit.repository.work_tree import require_work_tree  # noqa: PLC0415 - most have all that is needed

        require_work_tree(clone, package)
    return clone

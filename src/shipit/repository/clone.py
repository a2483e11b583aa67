"""What the light commands look at: this clone's history, and what would come next from the current commit."""

import os
import time
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from shipit.adapters import semantic_release
from shipit.adapters.git import clone, history
from shipit.adapters.git.clone import Place
from shipit.adapters.git.history import Survey
from shipit.adapters.git.recent import recent
from shipit.errors import Refused
from shipit.versioning.number import Version, from_pep440
from shipit.versioning.tags import previous_tags, version_of
from shipit.versioning.units import Reading

if TYPE_CHECKING:
    from shipit.config import Config
    from shipit.versioning.bump import Forced
    from shipit.versioning.decision import Decision


class Outlook(Struct, frozen=True, dict=True):  # the dict is where cached properties live
    """This clone. Everything is read when first asked for; refuses to look at a history that is cut off."""

    top: Path
    config: "Config"
    package: str = ""

    @cached_property
    def links(self) -> str:
        """The address of the repository's page; empty if there is none."""
        from shipit.config import page  # noqa: PLC0415 - only notes pay for it

        remote = self.config.branches.remote
        name = page.repository(self.config.forge, os.environ, lambda: clone.remote_url(self.top, remote))
        return f"{page.server(os.environ)}/{name}" if name else ""

    @cached_property
    def place(self) -> Place:
        found = clone.place(self.top)
        clone.require_complete(found)
        return found

    @cached_property
    def survey(self) -> Survey:
        """What came since the last final version, of which `tags` may leave out what is below it."""
        return recent(self.top, self.config.version) or history.survey(self.place, self.config.version)

    @property
    def folder(self) -> str:
        """Where the package lies; empty for the whole repository."""
        return self.config.packages[self.package].path.rstrip("/") if self.package else ""

    def reading(self, since: str | None, until: str) -> Reading:
        """How the messages between two commits are read, and which of these commits count."""
        grammar = semantic_release.reader(self.config.version.commit_style)
        if not self.folder:
            return Reading(grammar)
        return Reading(grammar, self.folder, history.touched(self.top, self.folder, since, until))

    def decide(self, kind: str, pre: str | None, forced: "Forced | None" = None) -> "Decision":
        """What a release of the current commit would be."""
        from shipit.versioning.decision import Question, decide  # noqa: PLC0415 - notes alone decide nothing

        seen = self.survey
        asked = Question(
            seen.commits,
            seen.reachable,
            self.config.version,
            kind,
            pre,
            forced,
            taken=seen.tags,
            branch=clone.branch(self.top),
            reading=self.since_final,
        )
        return decide(asked)

    @cached_property
    def since_final(self) -> Reading:
        """How what came since the last final version is read."""
        _, final = previous_tags(self.survey.reachable, self.config.version)
        return self.reading(final.commit if final else None, self.survey.head)

    def current(self) -> Version | None:
        """The version that the files tell, else that of the highest tag; None before the first release.

        Raises Refused if the files do not agree.
        """
        from shipit.versioning import files as manifest  # noqa: PLC0415 - `version --next` reads no file

        files = self.config.version.files
        told = {location: from_pep440(manifest.read_version(location, self._text(location))) for location in files}
        if len(set(told.values())) > 1:
            evidence = [f"{location}: {version}" for location, version in told.items()]
            hint = "shipit version bump VERSION writes all of them"
            raise Refused("the version files do not agree", evidence=evidence, hint=hint)
        return next(iter(told.values()), None) or self._tagged()

    def write(self, version: str) -> list[str]:
        """Write a SemVer version into every version file of the work tree; returns the paths that changed."""
        from shipit.versioning import files as manifest  # noqa: PLC0415 - `version --next` reads no file

        texts: dict[str, str] = {}
        for location in self.config.version.files:
            path = manifest.place(location).path
            texts[path] = manifest.write_version(location, texts.get(path) or self._text(location), version)
        texts.update(self._locks(manifest.LOCK_FILES, version))
        changed = [path for path, text in texts.items() if (self.top / path).read_bytes() != text.encode()]
        for path in changed:
            (self.top / path).write_bytes(texts[path].encode())
        return changed

    def _locks(self, names: Sequence[str], version: str) -> Mapping[str, str]:
        """The lock files with this version in the project's own entry."""
        from shipit.config import project_name  # noqa: PLC0415 - as above
        from shipit.versioning import files as manifest  # noqa: PLC0415 - as above

        paths = dict.fromkeys(path for name in names for path in (name, f"{self.folder}/{name}".lstrip("/")))
        texts = {path: self._text(f"{path}:") for path in paths if (self.top / path).exists()}
        if not texts:
            return {}
        return manifest.lock_changes(texts, project_name(self.top, self.config), version, self.folder or ".")

    def text(self, path: str, key: str) -> str:
        """A file of the work tree; raises Refused, with the key of the configuration that names it."""
        try:
            return (self.top / path).read_bytes().decode()
        except FileNotFoundError:
            raise Refused(f"{path} is not there, but {key} names it", hint=f"correct {key}") from None
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{path} cannot be read", evidence=[str(error)], hint=f"correct {key}") from None

    def _text(self, location: str) -> str:
        return self.text(location.rpartition(":")[0], "version.files")

    def _tagged(self) -> Version | None:
        found = (version_of(tag.name, self.config.version.tag_format) for tag in self.survey.reachable)
        return max((version for version in found if version), key=lambda version: version.precedence, default=None)


def look(start: Path, package: str | None = None) -> Outlook:
    """Look from a folder, perhaps at one of several packages; raises UsageError outside of a repository."""
    from shipit.config import load  # noqa: PLC0415 - the plainest forms do without the tables

    top, config = load(start)
    if not package:
        return Outlook(top, config)
    from shipit.config import for_package  # noqa: PLC0415 - most repositories have no packages

    return Outlook(top, for_package(top, config, package), package)


def now(environment: Mapping[str, str] = os.environ) -> int:
    """Seconds since the epoch; SOURCE_DATE_EPOCH is obeyed, so that output can be repeated."""
    fixed = environment.get("SOURCE_DATE_EPOCH", "")
    return int(fixed) if fixed.isdigit() else int(time.time())

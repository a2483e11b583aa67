"""What the light commands look at: this clone's history, and what would come next from the current commit."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from shipit.adapters import history
from shipit.adapters.history import Place, Survey
from shipit.config import Config, load
from shipit.errors import Refused
from shipit.versioning.decision import Decision, decide
from shipit.versioning.number import Version, from_pep440
from shipit.versioning.tags import version_of


@dataclass(frozen=True)
class Outlook:
    """This clone. Everything is read when first asked for; refuses to look at a history that is cut off."""

    top: Path
    config: Config

    @cached_property
    def links(self) -> str:
        """The address of the repository's page; empty if there is none."""
        from shipit.world import World  # noqa: PLC0415 - only notes pay for it

        return World(self.top).links or ""

    @cached_property
    def place(self) -> Place:
        found = history.place(self.top)
        history.require_complete(found)
        return found

    @cached_property
    def survey(self) -> Survey:
        return history.survey(self.place, self.config.version)

    def decide(self, kind: str, pre: str | None) -> Decision:
        """What a release of the current commit would be."""
        seen = self.survey
        return decide(seen.commits, seen.reachable, self.config.version, kind=kind, pre=pre, taken=seen.tags)

    def current(self) -> Version | None:
        """The version that the files tell, else that of the highest tag; None before the first release.

        Raises Refused if the files do not agree.
        """
        from shipit.adapters import manifest  # noqa: PLC0415 - `version --next` reads no file

        files = self.config.version.files
        told = {location: from_pep440(manifest.read_version(location, self._text(location))) for location in files}
        if len(set(told.values())) > 1:
            evidence = [f"{location}: {version}" for location, version in told.items()]
            hint = "shipit version bump VERSION writes all of them"
            raise Refused("the version files do not agree", evidence=evidence, hint=hint)
        return next(iter(told.values()), None) or self._tagged()

    def write(self, version: str) -> list[str]:
        """Write a SemVer version into every version file of the work tree; returns the paths that changed."""
        from shipit.adapters import manifest  # noqa: PLC0415 - `version --next` reads no file

        texts: dict[str, str] = {}
        for location in self.config.version.files:
            path = manifest.place(location).path
            texts[path] = manifest.write_version(location, texts.get(path) or self._text(location), version)
        changed = [path for path, text in texts.items() if (self.top / path).read_bytes() != text.encode()]
        for path in changed:
            (self.top / path).write_bytes(texts[path].encode())
        return changed

    def _text(self, location: str) -> str:
        path = location.rpartition(":")[0]
        try:
            return (self.top / path).read_bytes().decode()
        except FileNotFoundError:
            raise Refused(
                f"{path} is not there, but should hold the version", hint="correct version.files"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise Refused(f"{path} cannot be read", evidence=[str(error)], hint="correct version.files") from None

    def _tagged(self) -> Version | None:
        found = (version_of(tag.name, self.config.version.tag_format) for tag in self.survey.reachable)
        return max((version for version in found if version), key=lambda version: version.precedence, default=None)


def look(start: Path) -> Outlook:
    """Look from a folder; raises UsageError outside of a repository."""
    return Outlook(*load(start))


def now(environment: Mapping[str, str] = os.environ) -> int:
    """Seconds since the epoch; SOURCE_DATE_EPOCH is obeyed, so that output can be repeated."""
    fixed = environment.get("SOURCE_DATE_EPOCH", "")
    return int(fixed) if fixed.isdigit() else int(time.time())

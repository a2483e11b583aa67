"""From a decided version to commits: the release commit, its merge into main, its merge back into develop.

Everything is made as objects; no ref moves and no file of the user is touched. The same decision makes the
same objects on any machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shipit.changelog import editor, notes
from shipit.config import Config
from shipit.errors import Refused
from shipit.model import Identity, Release
from shipit.ports import Manifest, Objects
from shipit.survey import Survey
from shipit.versioning.bump import Decision
from shipit.versioning.tags import format_tag, version_key

LOCK_FILES = ("uv.lock",)


@dataclass(frozen=True, slots=True)
class Workshop:
    """What is needed to make the commits of a release; `links` is the forge's page of the repository."""

    objects: Objects
    manifest: Manifest
    config: Config
    project: str
    links: str | None

    def make(self, survey: Survey, decision: Decision, author: Identity, time: int) -> Release:
        """Make the release commit and its merge into main; raises Refused where they cannot be made.

        `decision.version` must not be None; `time` is in seconds since the epoch.
        """
        version = decision.version or ""
        tag = format_tag(version, self.config.version)
        draft = self._draft(survey, decision, tag)
        changes = self._changes(survey.base, version, draft.section)
        commit = self.objects.commit(
            self.objects.change_tree(survey.base, changes),
            [survey.base],
            f"chore(release): {tag}\n",
            author,
            time,
        )
        target = self._into_main(survey, commit, changes, tag, (author, time), draft.section)
        branches = self.config.branches
        return Release(
            version=version,
            tag=tag,
            previous=decision.previous,
            kind="prerelease" if "-" in version else "final",
            base_branch=survey.base_branch,
            base=survey.base,
            commit=commit,
            target=target,
            main=branches.main,
            main_before=survey.tip(branches.main),
            develop=branches.develop,
            develop_before=survey.tip(branches.develop),
            time=time,
            author=author,
            notes=draft.body,
            title=self.config.release.title.format(tag=tag, version=version),
            branch=branches.release.format(tag=tag, version=version),
            commits=tuple((one.sha, one.subject) for one in survey.commits),
        )

    def back_merge(self, release: Release, tip: str) -> str | None:
        """A merge of the release into develop's tip; None if a person must resolve it."""
        if (
            tip == release.target
            or self.objects.is_ancestor(tip, release.target)
            and tip == release.main_before
        ):
            return release.target
        preferred = self._on_develop(release, tip)
        merged = self.objects.merge(tip, release.target, preferred)
        if merged.tree is None:
            return None
        message = f"Merge {release.tag} into {release.develop}\n"
        return self.objects.commit(merged.tree, [tip, release.target], message, release.author, release.time)


@dataclass(frozen=True, slots=True)
class _Draft:
    section: str
    body: str

"""From a decided version to commits: the release commit, its merge into main, its merge back into develop.

Everything is made as objects; no ref moves and no file of the user is touched. The same decision makes the
same objects on any machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from shipit.changelog import editor, notes
from shipit.changelog.links import Links
from shipit.config import Config
from shipit.errors import Refused
from shipit.model import Identity, Release
from shipit.ports import Manifest, Objects
from shipit.survey import Survey
from shipit.versioning.decision import Decision
from shipit.versioning.number import from_pep440, parse
from shipit.versioning.tags import tag_name

LOCK_FILES = ("uv.lock",)


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs the commits of a release, and when, in seconds since the epoch."""

    author: Identity
    time: int


@dataclass(frozen=True, slots=True)
class Workshop:
    """What is needed to make the commits of a release; `links` is the address of the repository's page."""

    objects: Objects
    manifest: Manifest
    config: Config
    project: str
    links: str | None

    def make(self, survey: Survey, decision: Decision, signed: Signature) -> Release:
        """Make the release commit and its merge into main; raises Refused where they cannot be made.

        `decision.version` must not be None.
        """
        version = decision.version or ""
        tag = tag_name(version, self.config.version.tag_format)
        edition = notes.Edition(decision.changes, tag, version, decision.previous, signed.time)
        section = self._notes(edition, people=False)
        changes = self._changes(survey.base, version, editor.Entry(version, edition.date, section))
        tree = self.objects.change_tree(survey.base, changes) if changes else self.objects.tree(survey.base)
        commit = self.objects.commit(tree, [survey.base], f"chore(release): {tag}\n", signed.author, signed.time)
        branches = self.config.branches
        release = Release(
            version=version,
            tag=tag,
            previous=decision.previous,
            base_branch=survey.base_branch,
            base=survey.base,
            commit=commit,
            target=commit,
            main=branches.main,
            main_before=survey.tip(branches.main),
            develop=branches.develop,
            time=signed.time,
            author=signed.author,
            section=section,
            notes=notes.fit(self._notes(edition, people=True)),
            title=self.config.release.title.format(tag=tag, version=version),
            branch=branches.release.format(tag=tag, version=version),
            commits=tuple((one.sha, one.subject) for one in survey.commits),
        )
        return self._merged_into_main(release, changes)

    def back_merge(self, release: Release, tip: str) -> str | None:
        """A merge of the release into develop's tip; None if a person must resolve it."""
        try:
            preferred = self._on_develop(release, tip)
        except Refused:
            return None
        merged = self.objects.merge(tip, release.target, preferred)
        if merged.tree is None:
            return None
        message = f"Merge {release.tag} into {release.develop}\n"
        parents = [tip, release.target]
        return self.objects.commit(merged.tree, parents, message, release.author, release.time)

    def _merged_into_main(self, release: Release, changes: Mapping[str, bytes]) -> Release:
        """Gitflow merges the release branch with a merge commit; a trunk, or a new main, just moves on."""
        before = release.main_before
        if before is None or release.base_branch == release.main:
            return release
        preferred = dict(changes)
        path = self.config.changelog.file
        if path in preferred:
            # main may carry a hot fix that develop does not know: its section stays
            preferred[path] = self._with_section(before, path, _entry(release))
        merged = self.objects.merge(before, release.commit, preferred)
        if merged.tree is None:
            raise Refused(
                f"{release.base_branch} cannot be merged into {release.main}",
                evidence=[f"conflict in {name}" for name in merged.conflicts],
                hint=f"merge {release.main} into {release.base_branch} first, and resolve it there",
            )
        message = f"Merge {release.branch} into {release.main}\n"
        parents = [before, release.commit]
        target = self.objects.commit(merged.tree, parents, message, release.author, release.time)
        return replace(release, target=target)

    def _changes(self, base: str, version: str, entry: editor.Entry) -> dict[str, bytes]:
        """Every file of the release commit with its new bytes: version places, lock files, changelog."""
        texts: dict[str, str] = {}
        for location in self.config.version.files:
            path = location.partition(":")[0]
            text = texts[path] if path in texts else self._text(base, path)
            texts[path] = self.manifest.write_version(location, text, version)
        locks = {name: self._text(base, name) for name in LOCK_FILES if self.objects.read(base, name) is not None}
        texts.update(self.manifest.lock_changes(locks, self.project, version))
        changes = {path: text.encode() for path, text in texts.items()}
        if log := self.config.changelog.file:
            changes[log] = self._with_section(base, log, entry)
        return changes

    def _on_develop(self, release: Release, tip: str) -> dict[str, bytes]:
        """Where both sides of the back-merge changed version or changelog: the higher version, both sections."""
        found: dict[str, str] = {}
        for location in self.config.version.files:
            path = location.partition(":")[0]
            text = found.get(path) or self._text(tip, path)
            if self._is_lower(location, text, release.version):
                text = self.manifest.write_version(location, text, release.version)
            found[path] = text
        preferred = {path: text.encode() for path, text in found.items()}
        if log := self.config.changelog.file:
            preferred[log] = self._with_section(tip, log, _entry(release))
        return preferred

    def _is_lower(self, location: str, text: str, version: str) -> bool:
        there = from_pep440(self.manifest.read_version(location, text))
        return there.precedence < parse(version).precedence

    def _text(self, commit: str, path: str) -> str:
        data = self.objects.read(commit, path)
        if data is None:
            raise Refused(
                f"{path} is not in the commit to release",
                where=commit[:10],
                hint="commit it, or correct files in [tool.shipit.version]",
            )
        return _decoded(data, path)

    def _with_section(self, commit: str, path: str, entry: editor.Entry) -> bytes:
        """The changelog of a commit with this release's section, and not a byte else."""
        return editor.insert_bytes(self.objects.read(commit, path), entry)

    def _notes(self, edition: notes.Edition, *, people: bool) -> str:
        links = Links(self.links or "")
        return notes.render(edition, notes.Style(self.config.changelog.sections, links, people))


def _entry(release: Release) -> editor.Entry:
    date = datetime.fromtimestamp(release.time, UTC).strftime("%Y-%m-%d")
    return editor.Entry(release.version, date, release.section)


def _decoded(data: bytes, path: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Refused(f"{path} is not UTF-8", evidence=[str(error)], hint="convert it") from None

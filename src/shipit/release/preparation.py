"""From a decided version to commits: the release commit, its merge into main, its merge back into develop.

Everything is made as objects; no ref moves and no file of the user is touched. The same decision makes the
same objects on any machine.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from msgspec.structs import replace

from shipit.changelog import editor, plans
from shipit.changelog.editor import Entry
from shipit.changelog.entry import Fill, Template, entry, in_file, notes_text
from shipit.changelog.links import Links
from shipit.changelog.notes import NotesOptions, ReleaseNotes, fit
from shipit.changelog.people import newcomers, renamed
from shipit.changelog.unwrapping import unwrapped
from shipit.config import Config
from shipit.errors import Refused, UsageError
from shipit.model import Identity
from shipit.release.merges import Merger
from shipit.release.model import Release
from shipit.release.ports import Objects
from shipit.release.survey import Survey
from shipit.release.texts import reader
from shipit.versioning import maintenance
from shipit.versioning.decision import Decision
from shipit.versioning.number import parse
from shipit.versioning.occurrences import last_version, renewed
from shipit.versioning.tags import tag_name
from shipit.versioning.version_files import rewritten, versions


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs the commits of a release, and when, in seconds since the epoch."""

    author: Identity
    time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBuilder:
    """What is needed to make the commits of a release; `links` is the address of the repository's page.

    `package` says which one it is, if there are several in the repository.
    """

    objects: Objects
    config: Config
    links: str | None
    package: str = ""
    fill: Fill | None = None

    def make(self, survey: Survey, decision: Decision, signed: Signature) -> Release:
        """Make the release commit and its merge into main; raises Refused where they cannot be made.

        `decision.version` must not be None.
        """
        version = decision.version or ""
        tag = tag_name(version, self.config.version.tag_format)
        release_notes = ReleaseNotes(decision.changes, tag, version, decision.previous, signed.time)
        by_hand = self._written_by_hand(survey.base) if parse(version).is_final else ""
        style = replace(self._style, has_more=bool(by_hand))
        section = self._notes(release_notes, survey.base, in_file(style))
        on_forge = self._on_forge(self._with_newcomers(release_notes, survey), survey.base, style)
        commit = self._commit(survey.base, decision, signed, section)
        branches = self.config.branches
        # a maintenance branch carries its own releases: they go neither to main nor to develop
        alone = maintenance.line_of(survey.base_branch) is not None
        main = survey.base_branch if alone else branches.main
        release = Release(
            version=version,
            tag=tag,
            previous=decision.previous,
            base_branch=survey.base_branch,
            base=survey.base,
            commit=commit,
            tagged_commit=commit,
            main=main,
            main_before=survey.tip(main),
            develop=None if alone else branches.develop,
            time=signed.time,
            author=signed.author,
            section=plans.joined(section, by_hand),
            notes=fit(_joined(unwrapped(by_hand), on_forge)),
            title=self.config.release.title.format(tag=tag, version=version),
            branch=branches.release.format(tag=tag, version=version),
            commits=tuple((one.sha, one.subject) for one in survey.commits if survey.counts(one)),
            reason=decision.reason,
            package=self.package,
        )
        waiting = survey.waiting_for(branches.develop)
        return self._merged_into_main(release, {branch: survey.tagged(tag) for tag, branch in waiting.items()})

    def _commit(self, base: str, decision: Decision, signed: Signature, section: str) -> str:
        """The release commit: version files, lock files and changelog on top of the base."""
        version = decision.version or ""
        made = self._entry(version, decision.previous, signed.time, section)
        changes = self._changes(base, decision, made)
        tree = self.objects.change_tree(base, changes) if changes else self.objects.tree(base)
        tag = tag_name(version, self.config.version.tag_format)
        message = f"chore(release): {tag}\n" + (f"\n{decision.reason}\n" if decision.reason else "")
        return self.objects.commit(tree, [base], message, signed.author, signed.time)

    def back_merge(self, release: Release, tip: str) -> str | None:
        """A merge of the release into develop's tip; None if a person must resolve it."""
        try:
            tree = self._merger(release).into_develop(tip)
        except (Refused, UsageError):
            return None
        if tree is None:
            return None
        message = f"Merge {release.tag} into {release.develop}\n"
        return self.objects.commit(tree, [tip, release.tagged_commit], message, release.author, release.time)

    def _merged_into_main(self, release: Release, waiting: Mapping[str, str | None]) -> Release:
        """Gitflow merges the release branch with a merge commit; a trunk, or a new main, just moves on."""
        before = release.main_before
        if before is None or release.base_branch == release.main:
            return release
        tree = self._merger(release).into_main(before, waiting)
        message = f"Merge {release.branch} into {release.main}\n"
        target = self.objects.commit(tree, [before, release.commit], message, release.author, release.time)
        return replace(release, tagged_commit=target)

    def _merger(self, release: Release) -> Merger:
        return Merger(objects=self.objects, config=self.config, release=release)

    def _changes(self, base: str, decision: Decision, entry: Entry) -> dict[str, bytes]:
        """Every file of the release commit with its new bytes: version places, lock files, mentions, changelog."""
        policy, version, read = self.config.version, decision.version or "", reader(self.objects, base)
        locations = policy.files
        before = versions(locations, read)  # what cannot be read as a version is refused now, not at the back-merge
        texts = rewritten(locations, read, version)
        last = last_version(before.values(), decision.previous, policy, version)
        texts |= renewed(policy.mentions, lambda path: texts.get(path) or read(path), last, version)
        changes = {path: text.encode() for path, text in texts.items()}
        if log := self.config.changelog.file:
            self._require_place(base, log)
            changes[log] = editor.insert_bytes(self.objects.read(base, log), entry)
        return changes

    def _require_place(self, base: str, log: str) -> None:
        """Raise UsageError where the changelog would take the place of a folder, or of a file that is no folder.

        So it does where its name says that it is no Markdown.
        """
        editor.require_markdown(log)
        below = [name for name in self.objects.files(base, log) if name != log]
        parents = [str(path) for path in PurePosixPath(log).parents[:-1]]
        above = [path for path in parents if self.objects.read(base, path) is not None]
        if below or above:
            what = f"{log} is a folder" if below else f"{above[0]} is a file"
            raise UsageError(
                f"the changelog cannot be written to {log}: {what}",
                where="changelog.file",
                evidence=[f"{name} would be lost" for name in (below or above)[:3]],
                hint="name a file: set changelog.file",
            )

    def _written_by_hand(self, commit: str) -> str:
        """What people wrote under Unreleased."""
        log = self.config.changelog.file
        return editor.collected(self.objects.read(commit, log)) if log else ""

    def _entry(self, version: str, previous: str | None, time: int, section: str) -> Entry:
        tag = tag_name(version, self.config.version.tag_format)
        release_notes = ReleaseNotes((), tag, version, previous, time)
        return entry(release_notes, section, Links(self.links or ""), self.config.changelog.style)

    def _with_newcomers(self, release_notes: ReleaseNotes, survey: Survey) -> ReleaseNotes:
        """The notes with people as .mailmap calls them, and with who is new; before the first release nobody is."""
        changes = renamed(release_notes.changes, self.objects.known_as)
        release_notes = replace(release_notes, changes=changes)
        before = next((tag.commit for tag in survey.tags if tag.name == release_notes.previous), None)
        if before is None:
            return release_notes
        return replace(release_notes, newcomers=newcomers(release_notes.changes, self.objects.authors(before)))

    @property
    def _style(self) -> NotesOptions:
        return NotesOptions(self.config.changelog.sections, Links(self.links or ""))

    def _on_forge(self, release_notes: ReleaseNotes, commit: str, style: NotesOptions) -> str:
        """The notes for a page that shows every line end as a break; a template's own ones are meant so.

        They list the contributors, as the file does not, where the heading leads to the comparison.
        """
        text = self._notes(release_notes, commit, replace(style, people=True))
        return text if self.config.changelog.template else unwrapped(text)

    def _notes(self, release_notes: ReleaseNotes, commit: str, options: NotesOptions) -> str:
        path = self.config.changelog.template
        if self.fill is None or not path:
            return notes_text(release_notes, options, None)
        text = reader(self.objects, commit)(path)
        if text is None:
            raise Refused(
                f"{path} is not there, but changelog.template names it", hint="correct changelog.template"
            )
        return notes_text(release_notes, options, Template(text=text, path=path, fill=self.fill))


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)

"""Steps on the forge: draft, assets, publication, pull request, workflow dispatch."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from shipit.engine.plan import Look, Say, absent, conflict, done
from shipit.errors import Denied
from shipit.model import ForgeRelease
from shipit.release.model import Release
from shipit.release.ports import ArtifactStore, PullRequests, Releases, Remote, Workflows
from shipit.release.steps.package import assets, differences


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A release that nobody sees yet: assets must be complete before it is published.

    `may_be_edited`: what people changed in the notes of a release that is under way stays, and stops nothing.
    """

    releases: Releases
    release: Release
    body: str
    may_be_edited: bool = False
    name: str = "draft"

    @property
    def summary(self) -> str:
        return f"Draft {self.release.title} on {self.releases.name}"

    def look(self) -> Look:
        there = self.releases.release(self.release.tag)
        if there is None:
            return absent()
        if there.title != self.release.title:
            return conflict(f"{there.url} is there with the title {there.title!r}")
        if _lines(there.body) == _lines(self.body):
            return done(there.url)
        edited = f"the notes of {there.url} were edited"
        return done(edited) if self.may_be_edited else conflict(edited)

    def run(self, say: Say) -> None:
        release = self.release
        self.releases.create_draft(release.tag, release.title, self.body, prerelease=release.is_prerelease)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Packages, checksums, SBOM and evidence, attached with equal sha256."""

    releases: Releases
    artifacts: ArtifactStore
    tag: str
    name: str = "assets"
    summary: str = "Attach packages, checksums and evidence"

    def look(self) -> Look:
        there = self.releases.release(self.tag)
        wanted = assets(self.artifacts)
        if there is None or not wanted:
            return absent()
        missing, _, other = differences(wanted, there.assets)
        if other:
            return conflict(f"{', '.join(other)} is attached already, with different content")
        return (
            absent(f"missing: {', '.join(missing)}") if missing else done(f"{len(wanted)} files with equal sha256")
        )

    def run(self, say: Say) -> None:
        there = _found(self.releases, self.tag)
        wanted = assets(self.artifacts)
        for name in differences(wanted, there.assets)[0]:
            say(f"attach {name}")
            self.releases.upload(there, name, self.artifacts.path(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """The forge release becomes visible, complete; `tag_format` distinguishes its package's releases."""

    releases: Releases
    tag: str
    tag_format: str
    name: str = "publish"

    @property
    def summary(self) -> str:
        return f"Publish the release on {self.releases.name}"

    def look(self) -> Look:
        there = self.releases.release(self.tag)
        return done(there.url) if there and not there.draft else absent()

    def run(self, say: Say) -> None:
        self.releases.publish(_found(self.releases, self.tag), self.tag_format)


@dataclass(frozen=True, slots=True, kw_only=True)
class Propose:
    """A pull request from the release branch, for branches that take no push."""

    pull_requests: PullRequests
    remote: Remote
    release: Release
    body: str
    name: str = "pull-request"

    @property
    def summary(self) -> str:
        return f"Open a pull request from {self.release.branch} into {self.release.main}"

    def look(self) -> Look:
        there = self.pull_requests.pull_request(self.release.branch, self.release.main)
        if there is None or there.head_sha != self.release.commit:
            return absent()
        return done(there.url) if there.merged or there.state == "open" else absent(f"{there.url} was closed")

    def run(self, say: Say) -> None:
        release = self.release
        say(self.pull_requests.open_pull_request(release.branch, release.main, release.title, self.body).url)

    def undo(self, say: Say) -> None:
        there = self.pull_requests.pull_request(self.release.branch, self.release.main)
        if there and there.state == "open" and there.head_sha == self.release.commit:
            self.pull_requests.close_pull_request(there.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    """A workflow runs on the tag, that is on `commit`: pushed with the CI's own token, a tag starts none.

    That it was started is seen, not how it ended; and the forge forgets runs after a while, so that no later proof
    can ask for them.
    """

    workflows: Workflows
    workflow: str
    tag: str
    commit: str

    @property
    def name(self) -> str:
        return f"dispatch-{PurePosixPath(self.workflow).stem}"

    @property
    def summary(self) -> str:
        return f"Start {self.workflow} on {self.tag}"

    def look(self) -> Look:
        there = self.workflows.dispatched(self.workflow, self.tag, self.commit)
        return done(there) if there else absent()

    def run(self, say: Say) -> None:
        self.workflows.dispatch(self.workflow, self.tag, self.commit)


def _lines(text: str) -> list[str]:
    """A forge changes line ends, and what is around a text."""
    return [line.rstrip() for line in text.strip().splitlines()]


def _found(releases: Releases, tag: str) -> ForgeRelease:
    there = releases.release(tag)
    if there is None:
        raise Denied(f"the draft of {tag} is gone from {releases.name}")
    return there

"""A forge in memory: plays ports.Forge, and is held to the same contract as GitHub's adapter."""

import hashlib
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from shipit.engine.plan import Problem
from shipit.errors import Denied, ExternalError
from shipit.model import ForgeRelease, PullRequest, Tag
from shipit.versioning.tags import version_tags


@dataclass
class FakeForge:
    """`before` and `after` hold trouble by method name, raised once: before the work, or when it is done."""

    found: list[Problem] = field(default_factory=list)
    workflows: tuple[str, ...] = ()
    before: dict[str, ExternalError] = field(default_factory=dict)
    after: dict[str, ExternalError] = field(default_factory=dict)
    releases: list[ForgeRelease] = field(default_factory=list)
    pulls: list[tuple[str, str, PullRequest]] = field(default_factory=list)
    files: dict[tuple[int, str], bytes] = field(default_factory=dict)
    runs: list[tuple[str, str, str]] = field(default_factory=list)
    latest: str | None = None
    writes: list[str] = field(default_factory=list)
    name: str = "fake forge"
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def problems(self, branches: Sequence[str]) -> Sequence[Problem]:
        self._raise(self.before, "problems")
        return self.found

    def release(self, tag: str) -> ForgeRelease | None:
        self._raise(self.before, "release")
        claims = [release for release in self.releases if release.tag == tag]
        published = [release for release in claims if not release.draft]
        if published:
            return published[0]
        if len(claims) > 1:
            raise Denied(f"{len(claims)} draft releases claim the tag {tag}")
        return claims[0] if claims else None

    def create_draft(self, tag: str, title: str, body: str, *, prerelease: bool) -> ForgeRelease:
        self._raise(self.before, "create_draft")
        existing = [release for release in self.releases if release.tag == tag and not release.draft]
        if existing:
            return existing[0]
        number = next(self._ids)
        made = ForgeRelease(
            id=number,
            tag=tag,
            title=title,
            body=body,
            draft=True,
            prerelease=prerelease,
            url=f"memory:{number}",
            assets={},
        )
        self.releases.append(made)
        self._written("create_draft")
        return made

    def upload(self, release: ForgeRelease, name: str, path: Path) -> None:
        self._raise(self.before, "upload")
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        place = self._place(release.id)
        there = self.releases[place].assets
        if name in there:
            if there[name] != sha256:
                raise Denied(f"another file stands on the release under the name {name}")
            return
        self.releases[place] = replace(self.releases[place], assets={**there, name: sha256})
        self.files[release.id, name] = data
        self._written("upload")

    def publish(self, release: ForgeRelease, tag_format: str) -> None:
        self._raise(self.before, "publish")
        place = self._place(release.id)
        self.releases[place] = replace(self.releases[place], draft=False)
        published = [Tag(one.tag, "") for one in self.releases if not (one.draft or one.prerelease)]
        if [one.tag.name for one in version_tags(published, tag_format)[:1]] == [release.tag]:
            self.latest = release.tag
        self._written("publish")

    def pull_request(self, head: str, base: str) -> PullRequest | None:
        self._raise(self.before, "pull_request")
        ours = [pull for (from_, into, pull) in self.pulls if (from_, into) == (head, base)]
        return ours[-1] if ours else None

    def open_pull_request(self, head: str, base: str, title: str, body: str) -> PullRequest:
        self._raise(self.before, "open_pull_request")
        newest = self.pull_request(head, base)
        if newest and newest.state == "open":
            return newest
        number = len(self.pulls) + 1
        made = PullRequest(
            number=number, url=f"memory:{number}", state="open", merged=False, merge_commit=None, head_sha="0" * 40
        )
        self.pulls.append((head, base, made))
        self._written("open_pull_request")
        return made

    def close_pull_request(self, number: int) -> None:
        self._raise(self.before, "close_pull_request")
        self._change(number, state="closed")
        self._written("close_pull_request")

    def workflow_problems(self, workflow: str) -> Sequence[Problem]:
        self._raise(self.before, "workflow_problems")
        return [] if workflow in self.workflows else [Problem(f"{self.name} knows no workflow {workflow}")]

    def dispatched(self, workflow: str, ref: str, commit: str) -> str | None:
        self._raise(self.before, "dispatched")
        ours = [number for number, run in enumerate(self.runs, 1) if run == (workflow, ref, commit)]
        return f"memory:{ours[-1]}" if ours else None

    def dispatch(self, workflow: str, ref: str, commit: str) -> None:
        self._raise(self.before, "dispatch")
        if workflow not in self.workflows:
            raise Denied(f"no workflow {workflow} to start on {ref}")
        self.runs.append((workflow, ref, commit))
        self._written("dispatch")

    def merge_pull_request(self, number: int, sha: str) -> None:
        """What a person does."""
        self._change(number, state="closed", merged=True, merge_commit=sha)

    def _change(self, number: int, *, state: str, merged: bool = False, merge_commit: str | None = None) -> None:
        if not 0 < number <= len(self.pulls):
            raise Denied(f"no pull request {number}")
        head, base, pull = self.pulls[number - 1]
        changed = replace(pull, state=state, merged=merged, merge_commit=merge_commit)
        self.pulls[number - 1] = (head, base, changed)

    def _place(self, identity: int) -> int:
        for place, release in enumerate(self.releases):
            if release.id == identity:
                return place
        raise Denied(f"no release {identity}")

    def _written(self, method: str) -> None:
        self.writes.append(method)
        self._raise(self.after, method)

    @staticmethod
    def _raise(troubles: dict[str, ExternalError], method: str) -> None:
        if method in troubles:
            raise troubles.pop(method)

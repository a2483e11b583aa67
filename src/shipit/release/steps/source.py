"""Steps on the shared history: the one push, the tag's way home."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from shipit.engine.plan import Look, Say, absent, conflict, done
from shipit.errors import ExternalError
from shipit.model import RefUpdate
from shipit.release.files import CHECKSUMS, REPORTS
from shipit.release.lock import LockCommits
from shipit.release.model import Release
from shipit.release.ports import ArtifactStore, Checkout, Objects, Remote
from shipit.release.refs import LOCK, bring, contains, evidence_ref, kept_ref
from shipit.release.steps.package import lost_files

NOT_KEPT = frozenset({REPORTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """The ids of what a push brings and nobody has yet."""

    tag: str
    evidence: str
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """Main, develop, tag, evidence and the end of the release branch in one atomic push with leases."""

    remote: Remote
    objects: Objects
    artifacts: ArtifactStore
    release: Release
    back_merge: Callable[[str], str | None]
    lock: LockCommits
    keep_limit: int
    name: str = "push"

    @property
    def summary(self) -> str:
        branches = [name for name in (self.release.main, self.release.develop) if name]
        return f"Push {', '.join(branches)} and {self.release.tag} at once, or nothing"

    def look(self) -> Look:
        release = self.release
        refs = self.remote.refs()
        tag = f"refs/tags/{release.tag}"
        tagged = refs.get(f"{tag}^{{}}", refs.get(tag))
        if tagged == release.tagged_commit:
            return self._landed(refs)
        if tagged is not None:
            return conflict(f"{release.tag} is there and names {tagged[:10]}, not {release.tagged_commit[:10]}")
        main = refs.get(f"refs/heads/{release.main}")
        if release.mode == "push" and main != release.main_before:
            return conflict(f"{release.main} moved to {(main or 'nothing')[:10]} since this release was decided")
        return absent()

    def argv(self) -> Sequence[str]:
        release = self.release
        opened = {f"refs/heads/{release.branch}": release.commit} if release.mode == "push" else {}
        made = _Made(tag="<tag>", evidence="<evidence>", kept="<files>")
        return self.remote.push_argv(*self._refs({**self.remote.refs(), **opened}, made))

    def run(self, say: Say) -> None:
        self._require_files()
        updates = self.updates(self.remote.refs())
        for update in updates:
            say(f"{update.ref} → {update.new[:10] if update.new else 'deleted'}")
        self.remote.push(*updates)

    def _require_files(self) -> None:
        """A tag whose files nobody has could never be finished."""
        gone = lost_files(self.artifacts)
        if gone:
            raise ExternalError(
                f"files of {self.release.tag} are gone, or are others than those that passed",
                evidence=gone,
                hint="release again; they were removed or changed during the run",
            )

    def updates(self, refs: Mapping[str, str]) -> list[RefUpdate]:
        """Every ref of the push, each with the value that it must still have."""
        release = self.release
        message = tag_message(release, self.artifacts.read(CHECKSUMS) or b"")
        tag = self.objects.tag(release.tag, release.tagged_commit, message, release.author, release.time)
        evidence, kept = self._evidence()
        return self._refs(refs, _Made(tag=tag, evidence=evidence, kept=kept))

    def _refs(self, refs: Mapping[str, str], made: _Made) -> list[RefUpdate]:
        release = self.release
        updates = [
            RefUpdate(f"refs/tags/{release.tag}", made.tag, None),
            RefUpdate(evidence_ref(release.tag), made.evidence, None),
            RefUpdate(kept_ref(release.tag), made.kept, None),
        ]
        if release.main_before != release.tagged_commit and release.mode == "push":
            updates.insert(0, RefUpdate(f"refs/heads/{release.main}", release.tagged_commit, release.main_before))
        updates += self._develop(refs)
        branch = f"refs/heads/{release.branch}"
        if branch in refs:
            updates.append(RefUpdate(branch, None, release.commit))
        return [*updates, RefUpdate(LOCK, self.lock.after, self.lock.mine)]

    def _develop(self, refs: Mapping[str, str]) -> list[RefUpdate]:
        """Develop may have moved on while the gates ran: the release stays what it is, the back-merge follows."""
        if not self.release.develop or self.release.mode != "push":
            return []
        ref = f"refs/heads/{self.release.develop}"
        if ref not in refs:
            return []
        tip = bring(self.remote, self.objects, ref, refs[ref])
        merged = self.back_merge(tip)
        return [RefUpdate(ref, merged, tip)] if merged else []

    def _evidence(self) -> tuple[str, str]:
        """Two commits on top of the target: the evidence for good, and the bytes until all is published."""
        files = {name: self.artifacts.read(name) or b"" for name in self.artifacts.names() if name not in NOT_KEPT}
        small = {name: data for name, data in files.items() if not _is_package(name)}
        fits = sum(map(len, files.values())) <= self.keep_limit * 1_000_000
        return self._pack(small), self._pack(files if fits else small)

    def _pack(self, files: Mapping[str, bytes]) -> str:
        tree = self.objects.change_tree(None, files)
        release = self.release
        # a pull request that was squashed leaves the release commit outside of the tag's history
        outside = [] if self.objects.is_ancestor(release.commit, release.tagged_commit) else [release.commit]
        message = f"evidence: {release.tag}\n"
        return self.objects.commit(tree, [release.tagged_commit, *outside], message, release.author, release.time)

    def _landed(self, refs: Mapping[str, str]) -> Look:
        release = self.release
        if evidence_ref(release.tag) not in refs:
            return conflict(f"{release.tag} is there without its evidence: another tool made it")
        tip = refs.get(f"refs/heads/{release.main}")
        if tip is None:
            return conflict(f"{release.main} is gone from {self.remote.name}")
        if not contains(self.remote, self.objects, release.main, tip, release.tagged_commit):
            return conflict(f"{release.main} is at {tip[:10]} and does not contain {release.tag}")
        return done(f"{release.tag} → {release.tagged_commit[:10]}, in {release.main}")


@dataclass(frozen=True, slots=True, kw_only=True)
class BringTagHome:
    """The tag in the user's clone: the one ref of theirs that a release writes."""

    remote: Remote
    checkout: Checkout
    tag: str
    name: str = "tag-here"

    @property
    def summary(self) -> str:
        return f"Bring {self.tag} into this clone"

    def look(self) -> Look:
        there = self.remote.refs().get(f"refs/tags/{self.tag}")
        here = self.checkout.ref(f"refs/tags/{self.tag}")
        if here is None:
            return absent()
        if here == there:
            return done(here[:10])
        return conflict(f"this clone has a {self.tag} of its own ({here[:10]}): git tag -d {self.tag}")

    def argv(self) -> Sequence[str]:
        return self.checkout.tag_argv(self.tag, "<tag>")

    def run(self, say: Say) -> None:
        self.remote.fetch(f"refs/tags/{self.tag}")
        self.checkout.set_tag(self.tag, self.remote.refs()[f"refs/tags/{self.tag}"])


def tag_message(release: Release, checksums: bytes) -> str:
    """The annotation: title, and the checksums, so that a signed tag vouches for the files."""
    return f"{release.title}\n\n{checksums.decode()}".rstrip("\n") + "\n"


def _is_package(name: str) -> bool:
    return name.endswith((".whl", ".tar.gz", ".zip"))

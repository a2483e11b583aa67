"""A release in the making: a remote with main and develop, a release commit, and everything the steps touch."""

from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from shipit.engine.plan import Look, State, Step
from shipit.release.model import Release
from tests.fakes import (
    ADA,
    FakeArtifacts,
    FakeCheckout,
    FakeForge,
    FakeIndex,
    FakeObjects,
    FakeRemote,
    FakeServer,
    FakeWorkbench,
)

MAIN, DEVELOP, BRANCH = "refs/heads/main", "refs/heads/develop", "refs/heads/release/v1.1.0"


@dataclass
class Scene:
    """`release` stands on develop's tip; its target is the merge into main; nothing of it is pushed."""

    folder: Path
    server: FakeServer = field(default_factory=FakeServer)
    objects: FakeObjects = field(default_factory=FakeObjects)
    forge: FakeForge = field(default_factory=FakeForge)
    index: FakeIndex = field(default_factory=FakeIndex)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.remote = FakeRemote(self.server, self.objects)
        self.artifacts = FakeArtifacts(self.folder / "artifacts")
        self.bench = FakeWorkbench(self.folder / "bench", "tree")
        self.checkout = FakeCheckout(self.folder)
        begin = self.commit("chore: begin\n")
        work = self.commit("feat: work\n", begin)
        commit = self.commit("chore(release): v1.1.0\n", work)
        self.server.refs |= {MAIN: begin, DEVELOP: work}
        self.server.objects.store.update(self.objects.store)
        self.release = Release(
            version="1.1.0",
            tag="v1.1.0",
            previous="v1.0.0",
            base_branch="develop",
            base=work,
            commit=commit,
            tagged_commit=self.commit("Merge\n", begin, commit),
            main="main",
            main_before=begin,
            develop="develop",
            time=1_750_000_000,
            author=ADA,
            section="- work",
            notes="- work by Ada",
            title="Release v1.1.0",
            branch="release/v1.1.0",
            commits=((work, "feat: work"),),
        )

    def commit(self, message: str, *parents: str) -> str:
        tree = self.objects.change_tree(None, {"README.md": b"# acme\n"})
        return self.objects.commit(tree, parents, message, ADA, 0)

    def elsewhere(self, message: str, *parents: str) -> str:
        """A commit that only the remote has."""
        far = self.server.objects
        return far.commit(far.change_tree(None, {"x": message.encode()}), parents, message, ADA, 9)

    def back_merge(self, tip: str) -> str | None:
        return self.commit("Merge v1.1.0 into develop\n", tip, self.release.tagged_commit)

    def change(self, **changes: object) -> Release:
        self.release = msgspec.structs.replace(self.release, **changes)
        return self.release

    def say(self, line: str) -> None:
        self.said.append(line)

    def run(self, step: Step) -> Look:
        """What the engine does: absent before, and a look after."""
        assert step.look().state is State.ABSENT, step.look()
        step.run(self.say)
        return step.look()

"""Checks: questions that must be answered before the first effect, all of them at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from shipit.changelog.notes import LIMIT
from shipit.engine.plan import Problem
from shipit.model import Divergence, RefUpdate
from shipit.release.model import Release
from shipit.release.ports import BranchRules, Index, Packager, Remote, Workflows


@dataclass(frozen=True, slots=True, kw_only=True)
class TipsAgree:
    """What is released is what the user sees: local and remote branch stand on the same commit.

    `there` is the remote branch's tip, `detached` the commit of a detached HEAD (None: HEAD is on a branch),
    `divergence` how the branch here differs from it (None: not at all, or it is not in this clone).
    """

    there: str
    branch: str
    detached: str | None = None
    divergence: Divergence | None = None
    name: str = "tips"
    summary: str = "Local and remote branches agree"

    def problems(self) -> Sequence[Problem]:
        if self.detached:
            return () if self.detached == self.there else (self._detached_problem(self.detached),)
        if self.divergence is None:
            return ()
        return (Problem(str(self.divergence), f"remote {self.there[:10]}", self.divergence.command),)

    def _detached_problem(self, here: str) -> Problem:
        return Problem(
            f"the detached HEAD is not at the remote tip of {self.branch}",
            f"here {here[:10]}, remote {self.there[:10]}",
            f"git switch {self.branch}",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesFit:
    """The forge takes notes of this length."""

    notes: str
    name: str = "notes"
    summary: str = "The notes are not longer than the forge allows"

    def problems(self) -> Sequence[Problem]:
        if len(self.notes) > LIMIT:
            return (Problem("the notes are too long", f"{len(self.notes)} characters; the limit is {LIMIT}"),)
        return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MayPush:
    """Credentials and leases as far as they can be known without writing."""

    remote: Remote
    release: Release
    name: str = "push-rights"

    @property
    def summary(self) -> str:
        return f"{self.remote.name} would take the push"

    def problems(self) -> Sequence[Problem]:
        refs = self.remote.refs()
        branch = f"refs/heads/{self.release.branch}"
        updates = [RefUpdate(branch, self.release.commit, refs.get(branch))]
        return self.remote.push_problems(*updates)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeReady:
    """Token, rights, and rules that would decline the push; `branches` are those that will be pushed."""

    rules: BranchRules
    branches: tuple[str, ...]
    name: str = "forge"

    @property
    def summary(self) -> str:
        return f"{self.rules.name} answers and lets this token release"

    def problems(self) -> Sequence[Problem]:
        return self.rules.problems(self.branches)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowsReady:
    """The workflows that the tag will start are there; `workflows` are file names."""

    forge: Workflows
    workflows: tuple[str, ...]
    name: str = "workflows"

    @property
    def summary(self) -> str:
        return f"{self.forge.name} can start {', '.join(self.workflows)}"

    def problems(self) -> Sequence[Problem]:
        return tuple(problem for name in self.workflows for problem in self.forge.workflow_problems(name))


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonReady:
    """The Python that builds and tries the packages is one that the project takes."""

    packager: Packager
    name: str = "python"
    summary: str = "The project takes the Python that builds it"

    def problems(self) -> Sequence[Problem]:
        return self.packager.problems()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReady:
    """The index answers and credentials are there."""

    index: Index
    project: str
    name: str = "index"

    @property
    def summary(self) -> str:
        return f"{self.index.name} answers"

    def problems(self) -> Sequence[Problem]:
        return self.index.problems(self.project)

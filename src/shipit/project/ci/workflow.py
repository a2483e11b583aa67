"""A workflow with its triggers, jobs and steps; a composite action is one job without a name."""

import re
from collections.abc import Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from shipit.project.ci.document import Document, Finding, Node

FOLDER = ".github/workflows"
_CALL = re.compile(r"(?<![\w./$-])shipit[ \t]+([^\n;&|#]*)")
_OPTION_WITH_VALUE = frozenset(("--env", "-e", "--branch"))


class Step(Struct, frozen=True):
    """One step of a job."""

    node: Node

    @property
    def action(self) -> str:
        """What stands behind `uses:`, without the version."""
        return self.node.get("uses").text.partition("@")[0]

    @property
    def run(self) -> str:
        return self.node.get("run").text.replace("\\\n", " ")

    @property
    def calls(self) -> list["Call"]:
        """How it calls shipit."""
        return [Call(tuple(found.split()), self.node.get("run").line) for found in _CALL.findall(self.run)]


class Call(Struct, frozen=True):
    """One call of shipit: its words, quotes included, and its line."""

    words: tuple[str, ...]
    line: int

    def is_(self, *command: str) -> bool:
        return self.words[: len(command)] == command

    @property
    def environment(self) -> str:
        """What stands behind --env; empty without one."""
        for word, following in zip(self.words, (*self.words[1:], ""), strict=True):
            if word in {"--env", "-e"}:
                return following.strip("\"'")
            if word.startswith("--env="):
                return word.partition("=")[2].strip("\"'")
        return ""

    @property
    def names(self) -> list[str]:
        """Its arguments that are no options, without the subcommand."""
        found, former = [], ""
        for word in self.words[1:]:
            if not word.startswith("-") and former not in _OPTION_WITH_VALUE:
                found.append(word.strip("\"'"))
            former = word
        return found


class Job(Struct, frozen=True):
    """One job."""

    key: str
    node: Node

    @property
    def steps(self) -> Sequence[Step]:
        value = self.node.get("steps").value
        return [Step(one) for one in value] if isinstance(value, tuple) else []

    @property
    def calls(self) -> list[Call]:
        return [call for step in self.steps for call in step.calls]

    @property
    def uses(self) -> str:
        """The workflow that it calls; empty for a job with steps."""
        return self.node.get("uses").text


class Workflow(Struct, frozen=True, dict=True):  # the dict is where cached properties live
    """One file of the folder of workflows, or the file of an action beside it."""

    document: Document

    @property
    def path(self) -> str:
        return self.document.path

    @property
    def is_action(self) -> bool:
        return not self.path.startswith(f"{FOLDER}/")

    @property
    def root(self) -> Node:
        return self.document.root

    @cached_property
    def triggers(self) -> Mapping[str, Node]:
        """Each event with its filters."""
        on = self.root.get("on")
        return on.table or {name: Node(on.line, "") for name in on.texts}

    @cached_property
    def jobs(self) -> Sequence[Job]:
        if self.is_action:
            return [Job("", self.root.get("runs"))]
        return [Job(key, node) for key, node in self.root.get("jobs").table.items()]

    def finding(self, node: Node | Call, rule: str, why: str, fix: str) -> Finding:
        """What is wrong at the line of this value."""
        return Finding(path=self.path, line=node.line, rule=rule, why=why, fix=fix)

    def comment(self, line: int) -> str:
        """What stands behind the first ` #` of a line."""
        return self.document.lines[line - 1].partition(" #")[2].strip()

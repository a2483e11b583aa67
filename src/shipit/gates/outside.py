"""Which adapter runs the commands of gates, on which tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shipit.adapters import process
from shipit.config import Gate
from shipit.gates.ports import Tree
from shipit.gates.runner import GateRunner


@dataclass(frozen=True, slots=True)
class UsersTree:
    """The user's own work tree, as it is: plays gates.ports.Tree."""

    path: Path
    id: str = ""


def gate_runner(
    gates: Mapping[str, Gate],
    tree: Tree,
    variables: Mapping[str, str | None],
    withheld: frozenset[str] = frozenset(),
) -> GateRunner:
    """Runs gates by child processes on a tree: the user's own, or one that only a release sees."""
    return GateRunner(gates=gates, tree=tree, commands=process, variables=variables, withheld=withheld)

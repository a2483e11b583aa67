"""A work tree and gates on it whose commands are played: what each one writes and says is given by the test."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from shipit.config import Gate
from shipit.engine.plan import Say
from shipit.errors import Stop
from shipit.gates.outside import UsersTree
from shipit.gates.report import GateReport
from shipit.gates.runner import GateRunner

PYTEST = "python -m pytest --cov=acme"
TREE = ("src/acme/__init__.py", "src/acme/a.py", "src/acme/deep/b.py", "tests/test_a.py")


class Ended(Struct, frozen=True):
    """Plays gates.ports.Finished."""

    code: int = 0
    text: str = ""


class Played:
    """Plays gates.ports.Commands; `seen` are argv and environment of what was run."""

    def __init__(self, act: Callable[[Path, Sequence[str]], Ended]) -> None:
        self.act = act
        self.seen: list[tuple[tuple[str, ...], Mapping[str, str | None]]] = []

    def follow(
        self, argv: Sequence[str], say: Say, *, cwd: Path, env: Mapping[str, str | None], timeout: float
    ) -> Ended:
        self.seen.append((tuple(argv), env))
        ended = self.act(cwd, argv)
        for line in ended.text.splitlines():
            say(line)
        return ended


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def junit(*cases: str, failures: int = 0) -> str:
    return f'<testsuites><testsuite failures="{failures}" errors="0">{"".join(cases)}</testsuite></testsuites>'


def case(inside: str = "", name: str = "test_a") -> str:
    return f'<testcase classname="tests.test_a" name="{name}">{inside}</testcase>'


def cobertura(top: Path, lines: tuple[int, int], branches: tuple[int, int] = (0, 0), **files: str) -> str:
    """A report with these counts, covered and valid; `files` are the lines of each file in src/acme."""
    classes = "".join(
        f'<class filename="acme/{name}.py"><lines>{rows}</lines></class>' for name, rows in files.items()
    )
    return (
        f'<coverage lines-covered="{lines[0]}" lines-valid="{lines[1]}" branches-covered="{branches[0]}" '
        f'branches-valid="{branches[1]}"><sources><source>{top}/src</source></sources>{classes}</coverage>'
    )


def row(number: int, hits: int = 1, branches: str = "") -> str:
    more = f' branch="true" condition-coverage="50% ({branches})"' if branches else ""
    return f'<line number="{number}" hits="{hits}"{more}/>'


def lay_out(top: Path, tracked: Sequence[str] = TREE) -> Path:
    for path in tracked:
        write(top / path, '"""Words."""\n\nx = 1\n')
    return top


def run(
    top: Path,
    gate: Gate,
    act: Callable[[Path, Sequence[str]], Ended],
    *,
    tracked: Sequence[str] | None = TREE,
    for_release: bool = False,
) -> GateReport:
    """What a gate says of a command that is played."""
    return runner(top, gate, Played(act), tracked=tracked, for_release=for_release).run("tests", lambda _: None)


def runner(
    top: Path,
    gate: Gate,
    commands: Played,
    *,
    tracked: Sequence[str] | None = TREE,
    for_release: bool = False,
    withheld: frozenset[str] = frozenset(),
) -> GateRunner:
    return GateRunner(
        gates={"tests": gate},
        tree=UsersTree(top),
        commands=commands,
        tracked=lambda _: tracked,
        variables={"GIVEN": "1"},
        withheld=withheld,
        for_release=for_release,
    )


def ends(code: int = 0, text: str = "") -> Callable[[Path, Sequence[str]], Ended]:
    return lambda top, argv: Ended(code, text)


def stops(why: Stop) -> Callable[[Path, Sequence[str]], Ended]:
    def act(top: Path, argv: Sequence[str]) -> Ended:
        raise why

    return act


def writes(files: Mapping[str, str], code: int = 0, text: str = "") -> Callable[[Path, Sequence[str]], Ended]:
    """Write these files of the tree; `junit` is what --junitxml names."""

    def act(top: Path, argv: Sequence[str]) -> Ended:
        for name, content in files.items():
            place = name
            if name == "junit":
                place = next(word for word in argv if word.startswith("--junitxml=")).partition("=")[2]
            write(top / place, content)
        return Ended(code, text)

    return act

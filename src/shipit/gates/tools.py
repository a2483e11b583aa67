"""ruff, black, mypy, pytest and unittest: known by their words, and what their exit codes and texts mean."""

import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from shipit.gates.report import Verdict

TOOLS = ("ruff", "black", "mypy", "pytest", "unittest")
_LAUNCHERS = ("uv", "poetry", "pdm", "hatch", "rye", "pipenv", "pipx")
_TAKING = frozenset((
    *("--extra", "--no-extra", "--group", "--no-group", "--only-group", "--env-file", "--with", "-w", "--python"),
    *("-p", "--with-editable", "--with-requirements", "--package", "--project", "--directory", "--index", "--from"),
    *("--spec", "--default-index", "--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--cache-dir"),
))  # fmt: skip
"""Options of launchers whose next word is their value, and no program."""
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*(?:\.exe)?")
_COULD_NOT_LOOK = {
    "ruff": {2: "it could not look at every file"},
    "black": {2: "it was called wrongly", 123: "it could not read every file"},
    "mypy": {2: "it could not look at every file"},
    "pytest": {
        2: "it was interrupted, or could not collect every test",
        3: "it failed itself",
        4: "it was called wrongly",
        5: "it found no test",
    },
    "unittest": {5: "it found no test"},
}
_PLAIN = frozenset((
    *("-q", "--quiet", "-v", "--verbose", "--check", "--diff", "--fix", "--no-fix", "--preview", "--strict", "--"),
    *("--no-cache", "--exit-zero", "--exit-non-zero-on-fix", "--show-fixes", "--unsafe-fixes", "--pretty", "-x"),
))  # fmt: skip
"""Options that take no value, so that the word after one may be a place."""
LOOKED = re.compile(r"\bfiles? (?:would be )?(?:already formatted|left unchanged|reformatted)")
"""What a formatter says that has read a file."""
QUIET = frozenset(("-q", "--quiet", "-s", "--silent"))
_CHANGED = re.compile(r"^[1-9]\d* files? (?:would be )?reformatted", re.MULTILINE)


class Rule(Struct, frozen=True, kw_only=True):
    """What a text says where the exit code does not; `codes` are those that it counts with, any if empty."""

    tool: str
    pattern: re.Pattern[str]
    verdict: Verdict
    why: str
    codes: tuple[int, ...] = (0,)


_RULES = (
    Rule(
        tool="ruff",
        pattern=re.compile(r"\bE902\b"),
        verdict=Verdict.INCONCLUSIVE,
        why="a file could not be read (E902)",
        codes=(),
    ),
    Rule(
        tool="ruff",
        pattern=re.compile("No Python files found under the given path"),
        verdict=Verdict.INCONCLUSIVE,
        why="it found no Python file",
    ),
    Rule(
        tool="ruff",
        pattern=re.compile(r"^Found [1-9]\d* errors?\b", re.MULTILINE),
        verdict=Verdict.FINDINGS,
        why="it found errors, though it ended with 0",
    ),
    Rule(tool="ruff", pattern=_CHANGED, verdict=Verdict.FINDINGS, why="files are not formatted as it would do"),
    Rule(
        tool="black",
        pattern=re.compile("One of 'SRC' or 'code' is required"),
        verdict=Verdict.INCONCLUSIVE,
        why="it has nothing to look at",
        codes=(),
    ),
    Rule(
        tool="black",
        pattern=re.compile("No Python files are present"),
        verdict=Verdict.INCONCLUSIVE,
        why="it found no Python file",
    ),
    Rule(
        tool="black",
        pattern=re.compile("Invalid config keys detected"),
        verdict=Verdict.INCONCLUSIVE,
        why="it does not know a key of its configuration, and ignores it",
    ),
    Rule(tool="black", pattern=_CHANGED, verdict=Verdict.FINDINGS, why="files are not formatted as it would do"),
    Rule(
        tool="mypy",
        pattern=re.compile(r"\bUnrecognized option:"),
        verdict=Verdict.INCONCLUSIVE,
        why="it does not know an option of its configuration, and ignores it",
    ),
    Rule(
        tool="pytest",
        pattern=re.compile(r"^(?:FAIL|ERROR:?) .*(?:Required test coverage|Coverage failure)", re.MULTILINE),
        verdict=Verdict.FINDINGS,
        why="the coverage that the command itself asks for was not reached, though it ended with 0",
    ),
    Rule(
        tool="unittest",
        pattern=re.compile(r"^Ran 0 tests in |^Ran (\d+) tests? in .*\n+OK \([^)]*\bskipped=\1\b", re.MULTILINE),
        verdict=Verdict.INCONCLUSIVE,
        why="no test ran",
    ),
)


class Tool(Struct, frozen=True):
    """A known tool in the words of a command, and where its name stands; `name` is empty for any other command."""

    name: str = ""
    at: int = 0


def tool_of(argv: Sequence[str]) -> Tool:
    """The tool that a command runs: by its name, by `python -m`, `uv run` and the like, or in `coverage run`."""
    at = _program(argv, _start(argv))
    if at is not None and Path(argv[at]).name == "coverage" and list(argv[at + 1 : at + 2]) == ["run"]:
        at = _module(argv, at + 2)
    name = Path(argv[at].partition("@")[0]).name.removesuffix(".exe") if at is not None else ""
    name = "pytest" if name == "py.test" else name
    return Tool(name, at or 0) if name in TOOLS else Tool()


def verdict_of(argv: Sequence[str], tool: Tool, code: int, text: str) -> tuple[Verdict, str]:
    """The verdict on a command that ended with `code` and printed `text`, and why if it is not plain."""
    if code < 0:
        return Verdict.INCONCLUSIVE, ""
    if code and (module := _lacks(argv, text)):
        return Verdict.NOT_RUN, f"{module} is not installed for the python that is on PATH"
    for rule in _RULES:
        if rule.tool == tool.name and (not rule.codes or code in rule.codes) and rule.pattern.search(text):
            return rule.verdict, rule.why
    why = _COULD_NOT_LOOK.get(tool.name, {}).get(code, "") or ("" if code else _untold(argv, tool, text))
    if why:
        return Verdict.INCONCLUSIVE, f"{tool.name}: {why}"
    return (Verdict.FINDINGS if code else Verdict.CLEAN), ""


def blind(argv: Sequence[str], tool: Tool, top: Path, tracked: Sequence[str]) -> str:
    """Why a known tool cannot have seen anything, as the tracked files tell; empty if it can."""
    if not tool.name:
        return ""
    if not tracked:
        return "no Python file is tracked"
    words = list(argv[tool.at + (2 if tool.name == "ruff" else 1) :])  # ruff's first word says what to do
    pairs = zip(words, ["", *words], strict=False)
    named = [word for word, former in pairs if former in _PLAIN or not former.startswith("-")]
    for word in named:
        folder = Path(top, word).resolve()
        if folder.is_dir() and folder.is_relative_to(top.resolve()):
            inside = folder.relative_to(top.resolve()).as_posix()
            if inside != "." and not any(path.startswith(f"{inside}/") for path in tracked):
                return f"no tracked Python file is in {word}"
    return ""


def _untold(argv: Sequence[str], tool: Tool, text: str) -> str:
    """Why exit code 0 says nothing: findings were not to change it, or no file is said to have been read."""
    words = set(argv[tool.at :])
    if tool.name == "ruff" and words & {"--exit-zero", "-e"} and "All checks passed!" not in text:
        return "it is to end with 0 whatever it finds (--exit-zero)"
    is_loud = tool.name == "ruff" and "format" in words and not words & QUIET
    return "it does not say that it read a file" if is_loud and not LOOKED.search(text) else ""


def _start(argv: Sequence[str]) -> int:
    """Where the command begins that a launcher runs, or `env` with its variables; 0 without one."""
    name, start = Path(argv[0]).name, 0
    if name == "uvx" or (name in _LAUNCHERS and "run" in argv[1:]):
        start = 1 if name == "uvx" else argv.index("run") + 1
        while start < len(argv) and argv[start].startswith("-") and argv[start] not in {"-m", "--module"}:
            start += 2 if argv[start] in _TAKING else 1
        return start + 1 if {"-m", "--module"} & {*argv[start : start + 1]} else start
    while name == "env" and start < len(argv) and (start == 0 or "=" in argv[start]):
        start += 1
    return start


def _program(argv: Sequence[str], start: int) -> int | None:
    """Where the program is named, or the module that Python runs."""
    if start >= len(argv):
        return None
    return _module(argv, start + 1) if _PYTHON.fullmatch(Path(argv[start]).name) else start


def _module(argv: Sequence[str], start: int) -> int | None:
    """Where the word after -m stands."""
    at = list(argv).index("-m", start) + 1 if "-m" in argv[start:] else len(argv)
    return at if at < len(argv) else None


def _lacks(argv: Sequence[str], text: str) -> str:
    """The module that Python was to run and has not."""
    found = re.search(r"^.*: No module named ([\w.]+)$", text, re.MULTILINE)
    return found[1] if found and "-m" in argv and found[1].partition(".")[0] in argv else ""

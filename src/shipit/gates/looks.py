"""Whether a known tool that ended with 0 has looked: by its words, its configuration, and a second question."""

import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from msgspec import Struct

from shipit.gates import settings, unmeasured
from shipit.gates.tools import LOOKED, QUIET, Tool

_HELP = frozenset(("--help", "-h", "--version", "-V"))
_IDLE = {
    "ruff": _HELP | {"--show-files", "--show-settings", "--add-noqa"},
    "black": _HELP - {"-V"},
    "mypy": _HELP,
    "pytest": _HELP
    | {"--collect-only", "--co", "--collectonly", "--setup-plan", "--setupplan", "--setup-only", "--setuponly"}
    | {"--fixtures", "--funcargs", "--fixtures-per-test", "--markers", "--cache-show"},
    "unittest": _HELP - {"--version", "-V"},
}
"""Options with which a tool says something, and looks at nothing."""
_SOURCE = (".py", ".pyi", ".ipynb")
_SETTING = re.compile(r"^linter\.exclude = \[\n(.*?)^\]", re.MULTILINE | re.DOTALL)
_ENABLED = re.compile(r"^linter\.rules\.enabled = \[(.*?)\]$", re.MULTILINE | re.DOTALL)
_IGNORED = re.compile(
    r'^basename_matcher = "([^"\n]*)"\nnegated = false\ndata = \[(.*?)\]$', re.MULTILINE | re.DOTALL
)
_EVERY = ("*", "**", "*.py", "**/*", "**/*.py")
"""Patterns of per-file-ignores that mean every file."""
_CODE = re.compile(r"\(([A-Z]+[0-9]+)\)")
_OF = re.compile(r'^Resolved settings for: "(.+)"', re.MULTILINE)
_SUMMARY = "Success: no issues found in "


class Look(Struct, frozen=True):
    """A second question to a tool: a command, and what makes its answer a reason not to believe the first."""

    argv: tuple[str, ...]
    fault: Callable[[str], str]


def idle(argv: Sequence[str], tool: Tool, top: Path, text: str, tracked: Sequence[str]) -> str:
    """Why a command that printed `text` has not looked, as its words and the configuration tell.

    The first line is the reason, the next what to do; empty if nothing says so.
    """
    words = _before_dashes(argv[tool.at + 1 :])
    more = _before_dashes(_split(settings.pytest_options(top))) if tool.name == "pytest" else []
    for word in (*words, *more):
        if (option := word.partition("=")[0]) in _IDLE.get(tool.name, ()):
            return f"{tool.name}: with {option} it looks at nothing\ntake {option} out of the gate's command"
    if tool.name == "ruff" and _task(argv, tool)[0] not in {"check", "format"}:
        return "ruff: it was asked neither to check nor to format\nwrite `ruff check .` or `ruff format --check .`"
    return _ignored(words, top, text, tracked) if tool.name == "mypy" else ""


def wanted(argv: Sequence[str], tool: Tool, text: str) -> Iterator[Look]:
    """What to ask once more of a command that ended with 0 and printed `text`.

    `ruff check` counts pyproject.toml too, and says that all checks passed where every Python file is left out, or
    no rule is on. A formatter that was to be quiet says nothing where it found no file.
    """
    if tool.name == "black" and not LOOKED.search(text):
        yield Look((*argv[: tool.at + 1], "--verbose", *argv[tool.at + 1 :]), _no_file)
    if tool.name != "ruff":
        return
    task, at = _task(argv, tool)
    before, after = argv[: at + 1], argv[at + 1 :]
    if task == "format" and not LOOKED.search(text):
        loud = [word for word in (*before, *after) if word not in QUIET]
        check = [] if {"--check", "--diff"} & {*loud} else ["--check"]
        place = loud.index("format", tool.at) + 1
        yield Look((*loud[:place], *check, *loud[place:]), _no_file)
    if task == "check" and not any(word.startswith(("-o", "--output-file")) for word in argv):
        # with --output-file both answers would be written there
        files: list[str] = []
        yield Look((*before, "--show-files", *after), lambda answer: _no_source(answer, files))
        yield Look((*before, "--show-settings", *after), lambda answer: _no_rule(answer, files))


def _no_file(text: str) -> str:
    if LOOKED.search(text):
        return ""
    return "it read no file, as it says when it is not quiet\nsee what its configuration and .gitignore leave out"


def _no_source(text: str, files: list[str]) -> str:
    files.extend(path for line in text.splitlines() if (path := line.strip()).endswith(_SOURCE))
    return "" if files else _LEFT_OUT


_LEFT_OUT = "its configuration leaves out every Python file\nsee `exclude` and `include` in ruff's configuration"


def _no_rule(text: str, files: Sequence[str]) -> str:
    if _has_no_rule(text):
        named = _OF.search(text)
        place = f" for {named[1]}" if named else ""
        return f"ruff: no rule is on{place}\nsee `select` and `ignore` in ruff's configuration"
    found = _SETTING.search(text)
    patterns = re.findall(r'"(.*)"', found[1]) if found else []
    return _LEFT_OUT if patterns and all(_is_left_out(path, patterns) for path in files) else ""


def _has_no_rule(text: str) -> bool:
    """Whether no rule is on, or each is ignored in every Python file."""
    enabled = _ENABLED.search(text)
    if enabled is None:
        return False
    ignored = {
        rule for pattern, data in _IGNORED.findall(text) if pattern in _EVERY for rule in _CODE.findall(data)
    }
    return {*_CODE.findall(enabled[1])} <= ignored


def _is_left_out(path: str, patterns: Sequence[str]) -> bool:
    """Whether a file or a folder around it is named by a pattern: of its name, or of its path from the top."""
    places = (Path(path), *Path(path).parents)
    return any(
        fnmatch(place.name, one) or fnmatch(str(place), one) or fnmatch(str(place), f"*/{one}")
        for place in places
        for one in patterns
    )


def _ignored(words: Sequence[str], top: Path, text: str, tracked: Sequence[str]) -> str:
    """Why mypy finds nothing: all errors are ignored, or it does not say that it checked a file."""
    options, modules = settings.mypy(top, _value(words, "--config-file"))
    if not any(settings.is_off(one, "ignore_errors") for one in modules):
        if settings.is_on(options, "ignore_errors"):
            return f"mypy: ignore_errors ignores every error\n{_LESS}"
        patterns = [name for one in modules if settings.is_on(one, "ignore_errors") for name in one["module"]]
        product = [path for path in tracked if not unmeasured.is_of_tests(path)]
        if product and all(_is_module(path, patterns) for path in product):
            return f"mypy: ignore_errors ignores the errors of every module outside of tests\n{_LESS}"
    is_mute = settings.is_off(options, "error_summary") or "output" in options
    if is_mute or any(word.startswith(("--no-error-summary", "-O", "--output")) for word in words):
        return ""
    return "" if _SUMMARY in text else "mypy: it does not say that it checked a file"


_LESS = "turn it off, or set it for single modules"


def _is_module(path: str, patterns: Sequence[str]) -> bool:
    name = path.removeprefix("src/").rpartition(".")[0].removesuffix("/__init__").replace("/", ".")
    return any(fnmatch(name, one) or fnmatch(f"{name}.", one) for one in patterns)


def _task(argv: Sequence[str], tool: Tool) -> tuple[str, int]:
    """The first word of ruff that is no option, and where it stands; empty without one."""
    for at in range(tool.at + 1, len(argv)):
        if not argv[at].startswith("-") and argv[at - 1] not in {"--config", "--color"}:
            return argv[at], at
    return "", len(argv)


def _value(words: Sequence[str], option: str) -> str:
    """What an option says, as its own word or after `=`; empty without it."""
    for at, word in enumerate(words):
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
        if word == option:
            return "".join(words[at + 1 : at + 2])
    return ""


def _before_dashes(words: Sequence[str]) -> list[str]:
    """The words among which options may be."""
    found = list(words)
    return found[: found.index("--")] if "--" in found else found


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()

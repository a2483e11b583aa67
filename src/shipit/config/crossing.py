"""Mistakes in how several values go together, and in commands that cannot be split into words."""

import re
from collections.abc import Iterator
from typing import Any

from shipit.config.mistake import Mistake, dotted
from shipit.config.sources import table
from shipit.config.tables import Config
from shipit.config.tables.gates import TAKEN
from shipit.config.targets import environment_commands, environment_mistakes

_MIGRATING = tuple(("migrations", name) for name in ("command", "status-command", "rollback-command"))
"""the keys of migrations that hold a command"""
_OF_GATES = ("run", "unit", "integration")


def cross_mistakes(raw: dict[str, Any]) -> Iterator[Mistake]:
    """The mistakes that the type of a value does not show; values of a wrong type are left to `checking`."""
    branches, index = table(raw, "branches"), table(raw, "index")
    main = branches.get("main", Config().branches.main)
    if branches.get("develop") == main:
        what = f'expected another branch than branches.main, found "{main}" for both'
        yield Mistake(key="branches.develop", what=what)
    yield from _shadowed(branches, main)
    if index.get("kind") == "url" and "url" not in index:
        yield Mistake(key="index.url", what='missing, expected the upload address since index.kind is "url"')
    for name in sorted(TAKEN & table(raw, "gates").keys()):
        what = f'expected a name that no built-in step has, found "{name}"; call it e.g. "own-{name}"'
        yield Mistake(key=dotted("gates", name), what=what)
    yield from environment_mistakes(raw)
    yield from _bad_patterns(table(raw, "version").get("mentions"))
    yield from _with_nul(raw)
    for key, command in _commands(raw):
        if isinstance(command, str) and (problem := _unsplittable(command)):
            yield Mistake(key=key, what=f"expected a command that can be split into words, found {problem}")


def _bad_patterns(mentions: Any) -> Iterator[Mistake]:
    for mention in mentions if isinstance(mentions, list) else ():
        try:
            re.compile(str(mention).partition(":")[2])
        except (re.error, RecursionError, OverflowError) as error:
            what = f'expected path:PATTERN with a regular expression, found "{mention}": {error}'
            yield Mistake(key="version.mentions", what=what)


def _with_nul(value: Any, key: str = "") -> Iterator[Mistake]:
    """TOML can write a NUL, but no argument, variable or path of a program can hold one."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _with_nul(inner, dotted(key, name))
    elif isinstance(value, list):
        for inner in value:
            yield from _with_nul(inner, key)
    elif isinstance(value, str) and "\0" in value:
        yield Mistake(key=key, what="expected a text without the character NUL, found one with it")


def _shadowed(branches: dict[str, Any], main: Any) -> Iterator[Mistake]:
    """Git keeps branches like files: where `develop` is one, none can be called `develop/v1.2.3`."""
    form = branches.get("release", Config().branches.release)
    for other in (main, branches.get("develop")):
        if isinstance(form, str) and isinstance(other, str):
            name = form.replace("{tag}", "v1.2.3").replace("{version}", "1.2.3")
            if name == other or name.startswith(f"{other}/") or other.startswith(f"{name}/"):
                what = f'expected names beside the branch {other}, found "{form}", which git cannot keep beside it'
                yield Mistake(key="branches.release", what=what)


def _commands(raw: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name in table(raw, "gates"):
        yield from ((dotted("gates", name, key), table(raw, "gates", name).get(key)) for key in _OF_GATES)
    for section, name in (("distribution", "run"), ("notify", "run"), *_MIGRATING):
        yield dotted(section, name), table(raw, section).get(name)
    yield from environment_commands(raw)
    for key, reference in _references(raw):
        if isinstance(reference, str) and reference.startswith("command:"):
            yield key, reference.removeprefix("command:")


def _references(raw: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for section, name in (("forge", "token"), ("index", "username"), ("index", "password"), ("notify", "apprise")):
        yield dotted(section, name), table(raw, section).get(name)
    for name in table(raw, "environments"):
        yield (
            dotted("environments", name, "database", "url"),
            table(raw, "environments", name, "database").get("url"),
        )


def _unsplittable(command: str) -> str | None:
    import shlex  # noqa: PLC0415 - needed only where there is a command

    try:
        return None if shlex.split(command) else "no word"
    except ValueError as error:
        return str(error).lower()  # "no closing quotation": what is wrong, without a part of the command

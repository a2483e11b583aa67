"""Mistakes in how the values of an environment go together."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shipit.config.mistake import Mistake, dotted, is_table
from shipit.config.sources import table

_RELEASES = "release"
"""The lock that this name would share is that of releases."""
_TAGS = "tags"
_PORT = "{port}"
_NEEDED: Mapping[str, tuple[str, ...]] = {"directory": ("source",), "process": ("run", "address")}
_OTHERS: Mapping[str, tuple[str, ...]] = {"directory": ("run", "address", "variables"), "process": ("source",)}


def environment_mistakes(raw: dict[str, Any]) -> Iterator[Mistake]:
    """Names that are taken, keys that a kind of target needs or does not know."""
    for name, environment in table(raw, "environments").items():
        if name == _RELEASES:
            what = 'expected another name: "release" is the lock of releases'
            yield Mistake(key=dotted("environments", name), what=what)
        if is_table(environment):
            if environment.get("publish") is True and environment.get("from") != _TAGS:
                what = 'expected only where from is "tags": what is published is a release'
                yield Mistake(key=dotted("environments", name, "publish"), what=what)
            if environment.get("wait-for-checks") is True and not table(raw, "protection").get("required-checks"):
                what = "expected only with protection.required-checks, which says what is waited for"
                yield Mistake(key=dotted("environments", name, "wait-for-checks"), what=what)
            yield from _gate_mistakes(dotted("environments", name, "gates"), environment.get("gates"), raw)
            yield from _smoke_mistakes(dotted("environments", name, "smoke"), table(environment, "smoke"))
            for target, options in table(environment, "targets").items():
                yield from _target_mistakes(dotted("environments", name, "targets", target), options)


def environment_commands(raw: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every command of an environment with its key."""
    for name in table(raw, "environments"):
        at = dotted("environments", name)
        yield dotted(at, "smoke", "run"), table(raw, "environments", name, "smoke").get("run")
        backup = table(raw, "environments", name, "database", "backup")
        yield dotted(at, "database", "backup", "store"), backup.get("store")
        for target, options in table(raw, "environments", name, "targets").items():
            if is_table(options):
                yield dotted(at, "targets", target, "run"), options.get("run")


def _gate_mistakes(at: str, names: Any, raw: dict[str, Any]) -> Iterator[Mistake]:
    known = table(raw, "gates")
    for number, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in known:
            what = f'expected the name of a gate, found "{name}"; known: {", ".join(known) or "none"}'
            yield Mistake(key=f"{at}[{number}]", what=what)


def _target_mistakes(at: str, options: Any) -> Iterator[Mistake]:
    if not is_table(options):
        return
    kind = options.get("kind")
    for key in _NEEDED.get(str(kind), ()):
        if key not in options:
            yield Mistake(key=dotted(at, key), what=f"missing, since the kind is {kind}")
    for key in _OTHERS.get(str(kind), ()):
        if key in options:
            yield Mistake(key=dotted(at, key), what=f"unknown to a target of kind {kind}")
    run = options.get("run")
    if kind == "process" and isinstance(run, str | list) and _PORT not in str(run):
        what = f"expected {_PORT} in it: each version listens on a port of its own"
        yield Mistake(key=dotted(at, "run"), what=what)
    for name, value in table(options, "variables").items():
        yield from _placeholder_mistakes(dotted(at, "variables", name), value, ("version", "commit", "path"))


def _smoke_mistakes(at: str, smoke: dict[str, Any]) -> Iterator[Mistake]:
    checks = smoke.get("checks")
    for number, check in enumerate(checks if isinstance(checks, list) else ()):
        if is_table(check):
            where = f"{at}.checks[{number}]"
            for key, value in {"get": check.get("get"), **table(check, "json")}.items():
                place = dotted(where, key) if key == "get" else dotted(where, "json", key)
                yield from _placeholder_mistakes(place, value, ("version", "commit"))


def _placeholder_mistakes(key: str, value: Any, known: tuple[str, ...]) -> Iterator[Mistake]:
    """Names in braces that are nearly one of those that are filled in; others may be meant as they are."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed only where there are braces

    for name in re.findall(r"\{(\w+)\}", value if isinstance(value, str) else ""):
        near = get_close_matches(name, known, 1)
        if near and name not in known:
            yield Mistake(key=key, what=f"unknown placeholder {{{name}}}", nearest=f"{{{near[0]}}}")

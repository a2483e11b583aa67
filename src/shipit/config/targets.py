"""Mistakes in how the values of an environment go together."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shipit.config.mistake import Mistake, dotted, is_table
from shipit.config.sources import table
from shipit.config.tables.environments import Environment

_RELEASES = "release"
"""The lock that this name would share is that of releases."""
_TAGS = "tags"
_SECURITY = "security"
"""The gate that every project has: `shipit verify security`."""
_PORT = "{port}"
_IMAGE = "{image}"
_REFERENCE = "command:"
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "directory": ("path", "source"),
    "process": ("path", "run", "address"),
    "command": ("deploy",),
    "webhook": ("url",),
    "vercel": ("project", "source", "token"),
}
_COMMANDS = ("deploy", "rollback", "live")
_MORE: Mapping[str, tuple[str, ...]] = {
    "directory": ("keep",),
    "process": ("keep", "variables"),
    "command": ("image", "rollback", "live", "variables"),
    "webhook": ("image",),
    "vercel": ("keep", "team"),
}
"""The keys of a kind that may be left out, beside `role`, which all of them have."""
_OWNED = frozenset(key for keys in (*_NEEDED.values(), *_MORE.values()) for key in keys)


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
            yield from _image_mistakes(dotted("environments", name), name, environment, raw)
            yield from _unseen(dotted("environments", name, "targets"), environment)
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
                yield from ((dotted(at, "targets", target, key), options.get(key)) for key in ("run", *_COMMANDS))
                for key in ("url", "token"):
                    where = options.get(key)
                    if isinstance(where, str) and where.startswith(_REFERENCE):
                        yield dotted(at, "targets", target, key), where.removeprefix(_REFERENCE)


def _gate_mistakes(at: str, names: Any, raw: dict[str, Any]) -> Iterator[Mistake]:
    known = (*table(raw, "gates"), _SECURITY)
    for number, name in enumerate(names if isinstance(names, list) else ()):
        if isinstance(name, str) and name not in known:
            what = f'expected the name of a gate, found "{name}"; known: {", ".join(known)}'
            yield Mistake(key=f"{at}[{number}]", what=what)


def _target_mistakes(at: str, options: Any) -> Iterator[Mistake]:
    if not is_table(options):
        return
    kind = str(options.get("kind"))
    for key in _NEEDED.get(kind, ()):
        if key not in options:
            yield Mistake(key=dotted(at, key), what=f"missing, since the kind is {kind}")
    for key in options:
        if kind in _NEEDED and key in _OWNED.difference(_NEEDED[kind], _MORE[kind]):
            yield Mistake(key=dotted(at, key), what=f"unknown to a target of kind {kind}")
    for key in _COMMANDS:
        text = _text(options.get(key))
        yield from _placeholder_mistakes(dotted(at, key), text, ("version", "commit", "image"))
        if kind == "command" and _IMAGE in text and "image" not in options:
            yield Mistake(key=dotted(at, "image"), what=f"missing, since {_IMAGE} stands in {key}")
    run = options.get("run")
    if kind == "process" and isinstance(run, str | list) and _PORT not in _text(run):
        what = f"expected {_PORT} in it: each version listens on a port of its own"
        yield Mistake(key=dotted(at, "run"), what=what)
    for name, value in table(options, "variables").items():
        known = ("version", "commit", *(("path",) if kind == "process" else ()))
        yield from _placeholder_mistakes(dotted(at, "variables", name), value, known)


def _image_mistakes(at: str, name: str, environment: dict[str, Any], raw: dict[str, Any]) -> Iterator[Mistake]:
    """Images that are not configured, and keys that are about images where no target has one."""
    known, others = table(raw, "images"), [one for one in table(raw, "environments") if one != name]
    images = {
        key: options["image"]
        for key, options in table(environment, "targets").items()
        if is_table(options) and "image" in options
    }
    for key, image in images.items():
        if isinstance(image, str) and image not in known:
            what = f'expected the name of an image, found "{image}"; known: {", ".join(known) or "none"}'
            yield Mistake(key=dotted(at, "targets", key, "image"), what=what)
    default = Environment()
    usual = {"image-tag": default.image_tag, "images-timeout": default.images_timeout, "promote-from": None}
    for key, value in usual.items():
        if environment.get(key, value) != value and not images:
            yield Mistake(key=dotted(at, key), what="expected only where a target has an image")
    source = environment.get("promote-from")
    if isinstance(source, str) and source not in others:
        what = f'expected the name of another environment, found "{source}"; known: {", ".join(others) or "none"}'
        yield Mistake(key=dotted(at, "promote-from"), what=what)


def _unseen(at: str, environment: dict[str, Any]) -> Iterator[Mistake]:
    """Targets of which nobody could know what is live, or of which the same answer would speak."""
    silent = [
        name
        for name, options in table(environment, "targets").items()
        if is_table(options) and (options.get("kind") == "webhook" or _is_silent(options))
    ]
    if silent and not _carries_a_version(table(environment, "smoke").get("checks")):
        what = "expected smoke.checks with {version} or {commit}: nothing else says what is live there"
        yield from (Mistake(key=dotted(at, name), what=what) for name in silent)
    for name in silent[1:]:
        what = f"expected the only target of which the smoke checks alone show what is live; {silent[0]} is one"
        yield Mistake(key=dotted(at, name), what=what)


def _is_silent(options: dict[str, Any]) -> bool:
    return options.get("kind") == "command" and "live" not in options


def _carries_a_version(checks: Any) -> bool:
    texts = [str(table(check, "json")) for check in checks if is_table(check)] if isinstance(checks, list) else []
    return any(name in text for text in texts for name in ("{version}", "{commit}"))


def _text(command: Any) -> str:
    """A command in one text; empty for what is none."""
    return " ".join(map(str, command)) if isinstance(command, list) else command if isinstance(command, str) else ""


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

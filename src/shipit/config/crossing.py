"""Mistakes that no single value shows."""

from collections.abc import Iterator
from typing import Any

from shipit.config.mistake import Mistake, dotted
from shipit.config.sources import table
from shipit.config.tables import Config


def cross_mistakes(raw: dict[str, Any]) -> Iterator[Mistake]:
    """What no single value shows; tolerant of wrong types, which are named elsewhere."""
    branches, index = table(raw, "branches"), table(raw, "index")
    main = branches.get("main", Config().branches.main)
    if branches.get("develop") == main:
        yield Mistake("branches.develop", f'expected another branch than branches.main, found "{main}" for both')
    if index.get("kind") == "url" and "url" not in index:
        yield Mistake("index.url", 'missing, expected the upload address since index.kind is "url"')
    for key, command in _commands(raw):
        if isinstance(command, str) and (problem := _unsplittable(command)):
            yield Mistake(key, f"expected a command that can be split into words, found {problem}")


def _commands(raw: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from (
        (dotted("gates", name, "run"), table(raw, "gates", name).get("run")) for name in table(raw, "gates")
    )
    yield "distribution.run", table(raw, "distribution").get("run")
    for section, name in (("forge", "token"), ("index", "username"), ("index", "password")):
        reference = table(raw, section).get(name)
        if isinstance(reference, str) and reference.startswith("command:"):
            yield dotted(section, name), reference.removeprefix("command:")


def _unsplittable(command: str) -> str | None:
    import shlex  # noqa: PLC0415 - only who has a command pays for it

    try:
        return None if shlex.split(command) else "no word"
    except ValueError as error:
        return str(error).lower()  # "no closing quotation": says what, shows nothing of the command

"""Types of single values that several tables share: a pattern or a bound, and its meaning in words.

A rule about one value alone is part of the value's type, so that an editor with the schema checks it too.
`expected` says in words what the pattern means.
"""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import force_setattr

from shipit.config.paths import plain, plain_location

REF = r"[^\s~^:?*\[\]\\{}\x00-\x1f\x7f]"
"""one character of a git ref"""
INSIDE = r"(?!/|(?:\./+)*[~-])(?!(?:.*/)?(?:\.\.|\.[gG][iI][tT])(?:[/:]|$))"
"""a relative path follows: not the user's home, not an option of the next program, not out of the repository

Nor in git's own folder, of which no commit holds anything.
"""


def text(body: str, expected: str, **extra: bool) -> Meta:
    """The constraint of a text that must match `body` as a whole; `expected` says so in words."""
    # the look-ahead, since Python's $ also matches before a last line end; \Z is unknown to JSON schemas
    return Meta(pattern=f"^(?:{body})$" + r"(?!\n)", extra={"expected": expected, **extra})


def spell_paths(section: Struct, *names: str) -> None:
    """Give the paths in these fields of a new section their one spelling; a list holds locations (`path:key`)."""
    for name in names:
        value = getattr(section, name)
        if isinstance(value, str):
            force_setattr(section, name, plain(value))
        elif isinstance(value, tuple):
            force_setattr(section, name, tuple(map(plain_location, value)))


Secret = Annotated[
    str,
    text(
        r"env:[A-Za-z_][A-Za-z0-9_]*|file:.*\S.*|command:.*\S.*",
        "env:NAME, file:PATH or command:ARGV (where the secret is, never the secret)",
        secret=True,
    ),
]
Url = Annotated[str, text(r"https?://[^\s/@]+(/[^\s@]*)?", "an http or https address without user and password")]
InsidePath = Annotated[str, text(INSIDE + r"[^\\\x00-\x1f]+", "a path inside the repository, without `..`")]
OptionalPath = Annotated[
    str, text("|" + INSIDE + r"[^\\\x00-\x1f]+", "a path inside the repository, without `..`, or an empty text")
]
_WITH_KEYS = r"\.(?:toml|json|lock|pyi?|cfg|ini)"
"""endings of files that never hold a version alone, so that a key was forgotten"""
VersionLocation = Annotated[
    str,
    text(
        INSIDE + rf"(?:[^\\:\x00-\x1f]+:[^\s:]+|(?!.*{_WITH_KEYS}$)[^\\:\x00-\x1f]+)",
        "path:key with a path inside the repository, without `..`",
    ),
]
Mention = Annotated[
    str,
    text(
        INSIDE + r"[^\\:\x00-\x1f]+(?::[^\x00-\x1f]+)?",
        "a path inside the repository, without `..`, or path:PATTERN",
    ),
]
Name = Annotated[str, text(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", "a name of letters, digits, `.`, `_` and `-`")]
VariableNames = tuple[Annotated[str, text(r"[A-Za-z_][A-Za-z0-9_]*", "the name of an environment variable")], ...]
# msgspec can crash on some unions, so where a list is allowed too, the text has no pattern
Command: TypeAlias = (
    Annotated[str, Meta(min_length=1, extra={"expected": "a command"})]
    | Annotated[tuple[str, ...], Meta(min_length=1, extra={"expected": "a list of program and arguments"})]
)

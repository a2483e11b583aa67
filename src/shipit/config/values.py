"""What single values of the configuration may be: each with a pattern or a bound, and its meaning in words.

Whatever one value can be asked on its own stands here, so that an editor with the schema asks it too.
`expected` says in words what the pattern means.
"""

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta

_REF = r"[^\s~^:?*\[\]\\{}\x00-\x1f\x7f]"
# not absolute, not the user's home, not an option of the next program, no way up and out
_INSIDE = r"(?![/~-])(?!(?:.*/)?\.\.(?:/|$))"


def text(body: str, expected: str, **extra: bool) -> Meta:
    # the look-ahead, since Python's $ also matches before a last line end; \Z is unknown to JSON schemas
    return Meta(pattern=rf"^(?:{body})$(?!\n)", extra={"expected": expected, **extra})


Secret = Annotated[
    str,
    text(
        r"env:[A-Za-z_][A-Za-z0-9_]*|file:.*\S.*|command:.*\S.*",
        "env:NAME, file:PATH or command:ARGV (where the secret is, never the secret)",
        secret=True,
    ),
]
Percent = Annotated[float, Meta(ge=0, le=100)]
Slug = Annotated[str, text(r"[\w-]+/(?!\.\.?$)[\w.-]+", "owner/name")]
Url = Annotated[str, text(r"https?://[^\s/@]+(/[^\s@]*)?", "an http or https address without user and password")]
InsidePath = Annotated[str, text(rf"{_INSIDE}[^\\\x00-\x1f]+", "a path inside the repository, without `..`")]
OptionalPath = Annotated[
    str, text(rf"|{_INSIDE}[^\\\x00-\x1f]+", "a path inside the repository, without `..`, or an empty text")
]
VersionPlace = Annotated[
    str,
    text(rf"{_INSIDE}[^\\:\x00-\x1f]+:[^\s:]+", "path:key with a path inside the repository, without `..`"),
]
Branch = Annotated[str, text(rf"(?![-/.])(?!.*(\.\.|//|@\{{|/\.)){_REF}+(?<![/.])(?<!\.lock)", "a branch name")]
RemoteName = Annotated[str, text(r"[A-Za-z0-9_][\w.-]*", "the name of a git remote")]
TagFormat = Annotated[
    str, text(rf"(?![-/.]){_REF}*\{{version\}}{_REF}*", "a tag name with {version} in it exactly once")
]
PackageTagFormat = Annotated[
    str,
    text(
        rf"(?![-/.])(?:{_REF}|\{{name\}})*\{{version\}}(?:{_REF}|\{{name\}})*",
        "a tag name with {version} in it exactly once; {name} is filled in",
    ),
]
BranchFormat = Annotated[
    str,
    text(rf"(?![-/.])(?:{_REF}|\{{tag\}}|\{{version\}})+", "a branch name; {tag} and {version} are filled in"),
]
Title = Annotated[
    str, text(r"(?:[^{}\x00-\x1f]|\{tag\}|\{version\})+", "one line; {tag} and {version} are filled in")
]
SemanticVersion = Annotated[
    str, text(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?", "a version like 1.2.3 (SemVer)")
]
Name = Annotated[str, text(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?", "a name of letters, digits, `.`, `_` and `-`")]
CommitType = Annotated[str, text(r"[^\s():!]+", "a commit type, one word")]
# no pattern here: for a text with a pattern or a list, msgspec 0.22 reads the wrong memory and crashes
Command: TypeAlias = (
    Annotated[str, Meta(min_length=1, extra={"expected": "a command"})]
    | Annotated[tuple[str, ...], Meta(min_length=1, extra={"expected": "a list of program and arguments"})]
)


class Section(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, rename="kebab", omit_defaults=True
):
    """What all tables share: kebab-case keys, frozen, unknown keys refused."""

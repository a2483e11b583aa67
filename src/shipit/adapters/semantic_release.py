"""Commit styles other than shipit's own, read by python-semantic-release's parsers.

Its judgement decides how much a message asks for; what it does not tell (co-authors, references, what is taken
back) is read as in every other message.
"""

from typing import TYPE_CHECKING

from shipit.versioning import message
from shipit.versioning.message import Footer, Message
from shipit.versioning.units import Reader

if TYPE_CHECKING:
    from collections.abc import Callable

    from semantic_release.commit_parser.token import ParsedMessageResult

_BREAKING = "BREAKING CHANGE"
_DOCS = frozenset({"DOC", ":memo:"})
_PERF = frozenset({":zap:"})
_TYPES = {"MAJOR": "feat", "MINOR": "feat", "PATCH": "fix"}


def reader(style: str) -> Reader:
    """The grammar of a commit style; the library is only loaded for one that is not shipit's own."""
    if style == "conventional":
        return message.parse
    from semantic_release.commit_parser import angular, emoji, scipy  # noqa: PLC0415 - half a second

    if style == "emoji":
        gitmoji = emoji.EmojiCommitParser()
        return lambda text: _read(text, gitmoji.parse_message(message.normalized(text)), gitmoji.emoji_selector.sub)
    other = angular.AngularCommitParser() if style == "angular" else scipy.ScipyCommitParser()
    return lambda text: _read(text, other.parse_message(message.normalized(text)), other.commit_prefix.sub)


def _read(text: str, found: "ParsedMessageResult | None", without_prefix: "Callable[[str, str], str]") -> Message:
    own = message.parse(text)
    subject = message.normalized(text).partition("\n")[0].strip()
    footers = tuple(footer for footer in own.footers if footer.token.replace("-", " ") != _BREAKING)
    if found is None or found.type == "Other":
        return Message(description=subject, body=own.body, footers=footers)
    breaking = tuple(Footer(_BREAKING, words) for words in found.breaking_descriptions)
    return Message(
        type=_type(found),
        scope=found.scope.strip(),
        description=without_prefix("", subject).strip() or subject,
        marked=found.bump.name == "MAJOR",
        body=own.body,
        footers=(*breaking, *footers),
    )


def _type(found: "ParsedMessageResult") -> str:
    """The Conventional Commits type that asks for as much; those of angular, and what asks for nothing, stay."""
    if found.type.islower() and found.type.isalpha():
        return found.type
    if found.type in _DOCS:
        return "docs"
    if found.type in _PERF:
        return "perf"
    return _TYPES.get(found.bump.name) or found.type.strip(":").lower()

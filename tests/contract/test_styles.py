"""Other commit styles, held against what python-semantic-release's own parsers make of them."""

import pytest

from shipit.adapters.semantic_release import reader
from shipit.versioning import message
from shipit.versioning.levels import Level, asked
from tests.support.commits import Rules


def told(style: str, text: str) -> tuple[str, str, str, Level]:
    found = reader(style)(text)
    return found.type, found.scope, found.description, asked(found, Rules())


def test_shipit_s_own_grammar_is_the_default() -> None:
    assert reader("conventional") is message.parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("feat(core): x (#3)", ("feat", "core", "x (#3)", Level.MINOR)),
        ("fix: x", ("fix", "", "x", Level.PATCH)),
        ("docs: x", ("docs", "", "x", Level.NONE)),
        ("docs: x\n\nBREAKING CHANGE: gone", ("docs", "", "x", Level.MAJOR)),
        ("feat!: x", ("feat", "", "x", Level.MAJOR)),
        ("feature: x", ("", "", "feature: x", Level.NONE)),
        ("Fix: x\n\nBREAKING CHANGE: not in this style", ("", "", "Fix: x", Level.NONE)),
    ],
)
def test_angular(text: str, expected: tuple[str, str, str, Level]) -> None:
    assert told("angular", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":sparkles: x", ("feat", "", "x", Level.MINOR)),
        (":bug:(core): x (#3)", ("fix", "core", "x (#3)", Level.PATCH)),
        (":zap: x", ("perf", "", "x", Level.PATCH)),
        (":memo: x", ("docs", "", "x", Level.NONE)),
        (":recycle: x", ("recycle", "", "x", Level.NONE)),
        (":boom: x\n\nUse y.", ("feat", "", "x", Level.MAJOR)),
        (":bug:", ("fix", "", ":bug:", Level.PATCH)),
        ("feat: x", ("", "", "feat: x", Level.NONE)),
        ("", ("", "", "", Level.NONE)),
    ],
)
def test_emoji(text: str, expected: tuple[str, str, str, Level]) -> None:
    assert told("emoji", text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ENH: core: x", ("feat", "core", "x", Level.MINOR)),
        ("BUG: x", ("fix", "", "x", Level.PATCH)),
        ("MAINT: x", ("fix", "", "x", Level.PATCH)),
        ("DOC: x", ("docs", "", "x", Level.NONE)),
        ("TST: x", ("tst", "", "x", Level.NONE)),
        ("API: x\n\nUse y.", ("feat", "", "x", Level.MAJOR)),
        ("DEP: x", ("feat", "", "x", Level.MAJOR)),
        ("words", ("", "", "words", Level.NONE)),
    ],
)
def test_scipy(text: str, expected: tuple[str, str, str, Level]) -> None:
    assert told("scipy", text) == expected


def test_the_words_on_what_breaks_and_the_footers_are_kept() -> None:
    found = reader("scipy")("API: x (#7)\n\nUse y.\n\nCo-authored-by: Bea <bea@example.com>")
    assert found.breaking[0] == "Use y."
    assert [footer.token for footer in found.footers][-1] == "Co-authored-by"

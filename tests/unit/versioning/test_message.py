"""The grammar under load and under bad weather."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from shipit.versioning import mentions, reverts, squash
from shipit.versioning.levels import Level, asked
from shipit.versioning.message import Footer, Message, normalized, parse
from tests.support.commits import Rules

words = some.text("abcdefgh'äß", min_size=1, max_size=30).map(str.strip).filter(bool)
tokens = some.sampled_from(["Reviewed-by", "Refs", "Signed-off-by", "BREAKING CHANGE", "BREAKING-CHANGE", "X-1"])
footers = some.builds(Footer, tokens, some.lists(words, min_size=1, max_size=3).map("\n ".join))
messages = some.builds(
    Message,
    type=some.sampled_from(["feat", "fix", "docs", "my-type", "改善"]),
    scope=some.just("") | words,
    description=words,
    marked=some.booleans(),
    body=some.lists(words, max_size=4).map("\n\n".join),
    footers=some.lists(footers, max_size=4).map(tuple),
)


def render(message: Message) -> str:
    scope = f"({message.scope})" if message.scope else ""
    header = f"{message.type}{scope}{'!' if message.marked else ''}: {message.description}"
    closing = "\n".join(f"{footer.token}: {footer.value}" for footer in message.footers)
    return "\n\n".join(part for part in (header, message.body, closing) if part)


def level(text: str) -> Level:
    return asked(parse(text), Rules())


class TestProperties:
    @given(messages)
    def test_what_is_rendered_is_parsed_back(self, message: Message) -> None:
        assert parse(render(message)) == message

    @given(messages)
    def test_windows_line_ends_change_nothing(self, message: Message) -> None:
        assert parse(render(message).replace("\n", "\r\n")) == message

    @given(some.text(some.characters(codec=None)))
    def test_no_text_makes_it_raise(self, text: str) -> None:
        everything(text)

    @given(some.text("afeBREAKING CHANGE:#!()`~<>de/tils\n\r -*\"'vrtR0123(", max_size=300))
    def test_no_text_made_of_its_own_parts_makes_it_raise(self, text: str) -> None:
        everything(text)


def everything(text: str) -> None:
    message = parse(text)
    assert message.description is not None
    reverts.undone(normalized(text), message)
    squash.parts(normalized(text))
    mentions.issues(text, message.footers)
    mentions.co_authors(message)


BIG: dict[str, Callable[[int], str]] = {
    "a body of prose": lambda n: "feat: x\n\n" + "some words of prose, and more of them\n" * (n * 200),
    "a body of one line": lambda n: "feat: x\n\n" + "a" * (n * 8000),
    "lines like footers": lambda n: "feat: x\n\n" + "Some-Token: value\n" * (n * 250),
    "lines like footers in one paragraph": lambda n: "feat: x\n\nbody\n" + "Some-Token: value\n" * (n * 250),
    "blank lines": lambda n: "feat: x" + "\n" * (n * 8000),
    "open fences": lambda n: "feat: x\n\nA: b\n" + "```x\n" * (n * 1000),
    "open elements": lambda n: "feat: x\n\nA: b\n" + "<details>\n" * (n * 500),
    "open comments": lambda n: "feat: x\n\nA: b\n" + "<!-- x -->\n" * (n * 500),
    "quotes": lambda n: 'Revert "' * (n * 500) + "feat: x" + '"' * (n * 500),
    "stated reverts": lambda n: "x\n\nThis reverts commit " + "abcdef0 and " * (n * 500),
    "parentheses": lambda n: "feat" + "(" * (n * 4000),
    "spaces": lambda n: "feat:" + " " * (n * 4000) + "\n",
    "numbers": lambda n: "feat: x " + "(#1) " * (n * 1000) + "y",
    "bullets": lambda n: "feat: x (#1)\n\n" + "* fix: y\n\n" * (n * 400),
    "owners": lambda n: "feat: x\n\ncloses " + "a" * (n * 4000) + "/#",
    "people": lambda n: "feat: x\n\nCo-authored-by: " + "<" * (n * 4000),
}


@pytest.mark.parametrize("shape", BIG)
def test_time_is_linear_in_the_length(shape: str) -> None:
    small, large = (best_of_three(BIG[shape](size)) for size in (4, 32))
    assert large < 8 * 3 * small + 0.005, f"{large / small:.0f} times the time for 8 times the text"


def best_of_three(text: str) -> float:
    def once() -> float:
        begun = time.process_time()
        everything(text)
        return time.process_time() - begun

    return min(once() for _ in range(3))


class TestTraps:
    def test_a_quoted_feat_in_the_body_is_prose(self) -> None:
        assert level("docs: explain commits\n\nWrite `feat: x` or\n\nfeat: y\n") is Level.NONE

    @pytest.mark.parametrize(
        "body",
        [
            "```\nBREAKING CHANGE: y\n```",
            "~~~text\nBREAKING CHANGE: y\n~~~~",
            "````\n```\nBREAKING CHANGE: y\n```\n````",
            "<details>\n<summary>log</summary>\n\nBREAKING CHANGE: y\n</details>",
            "<details>\n<details>\n</details>\nBREAKING CHANGE: y\n</details>",
            "<DETAILS>\nBREAKING CHANGE: y",
            "<blockquote>\nBREAKING CHANGE: y\n</blockquote>",
            "<!--\nBREAKING CHANGE: y\n-->",
            "<!--\nBREAKING CHANGE: y",
            "> BREAKING CHANGE: y",
            "    BREAKING CHANGE: y",
            "see BREAKING CHANGE: y",
            "- BREAKING CHANGE: y",
            "BREAKING CHANGES: y",
            "BREAKING CHANGE y",
        ],
    )
    def test_a_quoted_breaking_change_breaks_nothing(self, body: str) -> None:
        assert level(f"fix: x\n\nbefore\n\n{body}\n") is Level.PATCH

    @pytest.mark.parametrize(
        "body",
        [
            "BREAKING CHANGE: y",
            "body\nBREAKING CHANGE: y",
            "BREAKING CHANGE:\n\n- y\n- z",
            "BREAKING CHANGE:",
            "```\nnever closed\n\nBREAKING CHANGE: y",
            "~~~\n```\n\nBREAKING CHANGE: y",
            "````\n```\n```\n\nBREAKING CHANGE: y",
            "use the <details> element\n\nBREAKING CHANGE: y",
            "<details>\nx\n</details>\n\nBREAKING CHANGE: y",
            "Note: footers began\n\nBREAKING CHANGE: y",
        ],
    )
    def test_a_real_breaking_change_is_never_missed(self, body: str) -> None:
        assert level(f"fix: x\n\n{body}\n") is Level.MAJOR

    def test_crlf_does_not_hide_a_breaking_change(self) -> None:
        message = parse("fix: x\r\n\r\nbody\r\n\r\nBREAKING CHANGE: y\r\nz\r\n")
        assert message.breaking == ("y\nz",)

    def test_a_breaking_change_without_words_is_told_by_the_description(self) -> None:
        assert parse("fix: x\n\nBREAKING CHANGE:\n").breaking == ("x",)

    def test_the_scope_ends_at_its_own_parenthesis(self) -> None:
        message = parse("feat(a): use foo(b): bar")
        assert (message.scope, message.description) == ("a", "use foo(b): bar")

    def test_a_header_in_capitals_counts(self) -> None:
        message = parse("FEAT(API)!: x")
        assert (message.type, message.scope, message.marked) == ("feat", "API", True)

    def test_a_two_line_message_has_a_body(self) -> None:
        assert parse("fix: x\nbody").body == "body"

    def test_a_message_without_conventional_header_breaks_nothing(self) -> None:
        assert parse("Big news\n\nBREAKING CHANGE: y").breaking == ()
        assert level("Big news") is Level.NONE

    @pytest.mark.parametrize("text", ["", "\n", "\n\n\n", " ", "\ufeff"])
    def test_an_empty_message_is_one(self, text: str) -> None:
        assert parse(text) == Message()

    @pytest.mark.parametrize("header", ["fixup! feat: x", "squash! feat: x", "http://feat: x", "feat (a): x"])
    def test_other_headers_are_not_conventional(self, header: str) -> None:
        assert not parse(header).type


@pytest.mark.parametrize(
    ("text", "breaking"),
    [
        ("feat: x\n\nBREAKING CHANGE: y\n\nBefore: a\nAfter: b", "y\n\nBefore: a\nAfter: b"),
        ("feat: x\n\nBREAKING CHANGE: y\nNote: z\nCloses: #1", "y\nNote: z"),
        ("feat: x (#1)\n\nBREAKING CHANGE: y\n\n---------\n\nby hand", "y"),
        ("feat: x (#1)\n\nBREAKING CHANGE: y\n---------", "y"),
    ],
)
def test_what_belongs_to_the_text_of_a_breaking_change(text: str, breaking: str) -> None:
    assert parse(text).breaking == (breaking,)

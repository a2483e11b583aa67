"""Whatever people say in a commit, the pages that it reaches keep their own headings, sections and links."""

import re
from collections.abc import Sequence

import pytest
from hypothesis import example, given
from hypothesis import strategies as some
from markdown_it import MarkdownIt  # what rich reads Markdown with

from shipit.changelog import editor
from shipit.changelog.containment import contained
from shipit.changelog.editor import Entry, insert
from shipit.changelog.headings import HEADING_STYLES, headings
from shipit.changelog.insertion import MARKER
from shipit.changelog.links import Links
from shipit.changelog.notes import NotesOptions, ReleaseNotes, render
from shipit.changelog.sections import sections
from shipit.model import Change, Identity

OLD = "# Changelog\n\n## [1.0.0] - 2025-03-03\n\n- first\n\n[1.0.0]: https://example.com/1.0.0\n"
BLOCKS = (
    *(
        "# [9.9.9]",
        "## [9.9.9]",
        "## 9.9.9 - 2025-01-01",
        "###### x",
        "#",
        "  ## [9.9.9]",
        "   ## x",
        "\t## [9.9.9]",
    ),
    *(
        "[9.9.9]",
        "9.9.9\n---",
        "9.9.9\n===",
        "9.9.9\n-",
        "9.9.9\n=",
        "---",
        "***",
        "___",
        "* * *",
        "- - -",
        "=",
        "-",
    ),
    *(
        "- one",
        "* one",
        "+ one",
        "1. one",
        "2) one",
        "- ## [9.9.9]",
        "> ## [9.9.9]",
        ">>> # x",
        "1. > - ## [9.9.9]",
    ),
    *("- - - - - - - - - # x", "> one", ">", "```", "```python", "~~~", "````", "~~~ <!--", "  ```", "      ```"),
    *("```\n## [9.9.9]\n```", "~~~\n<!--\n~~~", "- one\n  ```\n## [9.9.9]\n  ```", "`````````\n# x\n`````````"),
    *("a | b\n--|--\n1 | 2", "|a|\n|-|", "a\n:--", "<!-- x", "<!-- x -->", MARKER, "-->", "<details>", "<pre>"),
    *(
        "</details>",
        "\\\\<details>",
        "\\\\\\<b>",
        '<a name="9.9.9"></a>',
        "<script>",
        "<?php",
        "<![CDATA[",
        "&lt;b&gt;",
    ),
    *(
        "[1.0.0]: https://evil.example",
        "[x\ny]: z",
        "[^1]: note",
        "  [x]: y",
        "![x](y)",
        "[x](y)",
        "[x]",
        "`a",
        "``",
    ),
    *(
        "    ## [9.9.9]",
        "      # x",
        "\u00a0## [9.9.9]",
        "\u2028## [9.9.9]",
        "\x0b## x",
        "\x85# x",
        "\ufeff# x",
        "",
        " ",
    ),
    *("plain words", "## Unreleased", "### Fixes", "[Unreleased]\n---", "@octocat", "#12", "$x$", "\\", "a\\"),
)
SAID = some.lists(some.sampled_from(BLOCKS) | some.text(max_size=5), min_size=1, max_size=7).map("\n".join)
WORDS = SAID.map(lambda text: text.replace("\n", " "))
ANN = Identity("Ann", "ann@example.com")
PAGES = [Links(), Links("https://github.com/acme/tool")]


def written(changes: Sequence[Change], links: Links = PAGES[0]) -> str:
    options = NotesOptions({"feat": "Features"}, links, people=True)
    return render(ReleaseNotes(tuple(changes), "v1.1.0", "1.1.0", "v1.0.0", 0), options)


def rendered(text: str) -> tuple[list[str], set[str], list[str]]:
    """The headings of a page, the kinds of its blocks, and the link definitions in it, as Markdown has them."""
    known: dict[str, dict[str, object]] = {}
    tokens = MarkdownIt("commonmark").enable("table").parse(text, known)
    titles = [tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"]
    kinds = {part.type for token in tokens for part in (token, *(token.children or ()))}
    return titles, kinds, list(known.get("references", {}))


def keeps_its_shape(notes: str, names: list[str]) -> None:
    """Assert that notes have these headings, and that a changelog keeps its versions with them in it."""
    titles, kinds, definitions = rendered(notes)
    assert titles == names
    assert not kinds & {"html_block", "html_inline", "hr", "table_open"}
    assert not definitions
    leaves_the_changelog_as_it_is(notes)


def leaves_the_changelog_as_it_is(notes: str) -> None:
    """Assert that a changelog has its versions, and takes new ones at its top, with these notes in it."""
    for style in HEADING_STYLES.values():
        for old in (OLD, OLD.replace("## [1.0.0] - 2025-03-03", "1.0.0\n-----"), "", OLD.replace("\n", "\r\n")):
            entry = Entry(version="1.1.0", date="2025-06-15", notes=notes, heading_style=style)
            new = insert(old, entry)
            editor.prove(old, new)
            assert insert(new, entry) == new
            versions = [one.version for one in headings(new) if one.version]
            assert versions == (["1.1.0", "1.0.0"] if old else ["1.1.0"])
            assert [name for name in sections(new) if name[0].isdigit()] == versions
            more = insert(new, Entry(version="1.2.0", date="2025-06-16", notes="- more"))
            assert [one.version for one in headings(more) if one.version] == ["1.2.0", *versions]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize(
    "shape", ["{}", "words\n{}", "words\n\n{}", "words\n{}\nmore", "words\n\n{}\n\n{}\n\nmore"]
)
@pytest.mark.parametrize("scope", ["", "api"])
def test_a_breaking_text_is_shown_as_text(block: str, shape: str, scope: str) -> None:
    text = shape.format(block, block)
    notes = written([Change("a" * 40, "chore", scope, "words", author=ANN, breaking=(text,))])
    keeps_its_shape(notes, ["Breaking changes", "Contributors"])


@pytest.mark.parametrize("links", PAGES, ids=["without a page", "with a page"])
@given(SAID, SAID, WORDS, WORDS, WORDS)
@example("```", "```", "x", "y", "Ann")
def test_all_that_a_commit_says_is_shown_as_text(
    links: Links, breaking: str, more: str, description: str, scope: str, name: str
) -> None:
    person = Identity(name, "ann@example.com")
    change = Change("a" * 40, "feat", scope, description, author=person, breaking=(breaking, more))
    other = Change("b" * 40, "feat", "", description or "x", author=ANN, pull_request="#3", issues=("a_b/c_d#4",))
    notes = written([change, other], links)
    titles = ("Breaking changes", "Features", "Contributors")
    keeps_its_shape(notes, [title for title in titles if re.search(rf"^### {title}$", notes, re.MULTILINE)])


def test_what_cannot_be_mistaken_stays_markdown() -> None:
    said = (
        "use `a` and *b*\n\n- one\n  1. two\n\n> said\n\n```python\n# no heading\n```\n\n[here](https://x.example)"
    )
    notes = written([Change("a" * 40, "chore", "", "words", author=ANN, breaking=(said,))])
    first, _, rest = said.partition("\n")
    assert notes.startswith(
        f"### Breaking changes\n\n- {first} (`aaaaaaa`)\n" + re.sub(r"^(?=.)", "  ", rest, flags=re.MULTILINE)
    )


def test_many_fences_without_an_end_take_no_time() -> None:
    text = "\n".join(["words", *["```x"] * 100_000])
    assert len(written([Change("a" * 40, "chore", "", "words", breaking=(text,))])) > len(text)


def test_quotes_in_quotes_take_no_time() -> None:
    text = "words\n" + ">" * 200_000 + "# x"
    assert written([Change("a" * 40, "chore", "", "words", breaking=(text,))]).count("\\>") == 1


@given(SAID)
@example("<!--\n</details>\n<details>")
@example("```\n<pre>\n~~~")
@example("# [9.9.9]\n---")
@example("# Unreleased\n===")
def test_a_template_that_takes_words_as_they_are_leaves_the_changelog_as_it_is(said: str) -> None:
    leaves_the_changelog_as_it_is(contained(f"### Features\n\n{said}").strip())


@pytest.mark.parametrize(
    "notes",
    [
        "### Features\n\n#### Of the API\n\n- one\n\n<details>\n\n## 9.9.9\n\n</details>\n\n[a]: b",
        "words\n\n```\n## 9.9.9\n```\n\n<!-- said\n## 9.9.9 -->",
        "```\n## [9.9.9]\n```",
        "Three\n-----\n\n## Python 3.12 support\n\n---\n\n| a |\n|---|",
    ],
)
def test_a_template_has_headings_and_blocks_of_its_own(notes: str) -> None:
    assert contained(notes) == notes


def test_what_a_template_cannot_hold_is_shown_as_text() -> None:
    said = f"## [9.9.9]\n\n9.9.9\n---\n\n{MARKER}\n\n## Unreleased\n\n```x\n\n<!-- a\n\n <details>"
    shown = f"\\## [9.9.9]\n\n9.9.9\n\\---\n\n\\{MARKER}\n\n\\## Unreleased\n\n\\```x\n\n\\<!-- a\n\n \\<details>"
    assert contained(said) == shown

"""Plans of versions, words without a heading, dates in other manners, and files that are no Markdown."""

import pytest

from shipit.changelog import plans
from shipit.changelog.editor import Entry, insert, require_markdown
from shipit.changelog.headings import headings
from shipit.errors import Refused, UsageError

ENTRY = Entry(version="1.1.0", date="2025-06-15", notes="### Features\n\n- new")
OLD = "\n\n## 1.0.0 (2025-01-01)\n\n- first\n"


@pytest.mark.parametrize(
    ("title", "planned"),
    [
        ("1.1.0 (unreleased)", "1.1.0"),
        ("[1.1.0] - Unreleased", "1.1.0"),
        ("v1.2 [UNRELEASED]", "1.2"),
        ("1.1.0, unreleased", "1.1.0"),
        ("[Unreleased]", ""),
        ("Unreleased changes", ""),
        ("1.1.0", ""),
    ],
)
def test_headings_plan_versions_or_do_not(title: str, planned: str) -> None:
    assert headings(f"## {title}\n")[0].planned == planned


@pytest.mark.parametrize("title", ["1.1.0 (unreleased)", "[1.1.0] - Unreleased", "1.2.0 (unreleased)"])
def test_a_planned_version_is_refused_and_not_written_twice(title: str) -> None:
    with pytest.raises(Refused, match=r"calls 1\.[12]\.0 unreleased, and 1\.1\.0 would stand") as caught:
        insert(f"# Changelog\n\n## {title}\n\n- by hand{OLD}", ENTRY)
    assert caught.value.hint


@pytest.mark.parametrize("title", ["1.1.0 (unreleased)", "[1.1.0] - Unreleased"])
def test_a_prerelease_stands_below_a_planned_version(title: str) -> None:
    new = insert(f"# Changelog\n\n## {title}\n\n- by hand{OLD}", Entry(version="1.1.0-rc.1", date="", notes="- x"))
    assert new.index("by hand") < new.index("## 1.1.0-rc.1") < new.index("## 1.0.0")


@pytest.mark.parametrize("line", ["Unreleased", "_Unreleased_", "*(unreleased)*", "unreleased yet\n\n- by hand"])
@pytest.mark.parametrize("heading", ["## 1.1.0", "1.1.0\n-----"])
def test_a_section_that_is_there_and_called_unreleased_is_refused(heading: str, line: str) -> None:
    with pytest.raises(Refused, match=r"has a section for 1\.1\.0, which it calls unreleased"):
        insert(f"# Changelog\n\n{heading}\n\n{line}{OLD}", ENTRY)


@pytest.mark.parametrize("line", ["- Unreleased locks are freed", "Words", ""])
def test_a_section_that_is_there_otherwise_stays_as_it_is(line: str) -> None:
    old = f"# Changelog\n\n## 1.1.0\n\n{line}{OLD}"
    assert insert(old, ENTRY) == old
    assert insert(old.partition("## 1.0.0")[0], ENTRY) == old.partition("## 1.0.0")[0]


@pytest.mark.parametrize("second", ["## Unreleased", "## [Unreleased]", "## Unreleased in 2024"])
def test_two_headings_of_what_is_not_released_are_refused(second: str) -> None:
    text = f"# Changelog\n\n## Unreleased\n\n- a{OLD}\n{second}\n\n- b\n"
    with pytest.raises(Refused, match="several headings for what is not released"):
        insert(text, ENTRY)


@pytest.mark.parametrize(
    ("by_hand", "is_headed"),
    [
        ("- python 3.9 is gone", True),
        ("Words.\n\n### Added\n\n- a", True),
        ("<!-- one line each -->\n\n* a", True),
        ("### Added\n\n- a", False),
        ("<!-- one\nline each -->\n\n### Added\n\n- a", False),
        ("", False),
    ],
)
def test_words_without_a_heading_get_one(by_hand: str, is_headed: bool) -> None:
    new = insert(f"# Changelog\n\n## Unreleased\n\n{by_hand}{OLD}", ENTRY)
    assert (f"- new\n\n{plans.OTHERS}\n\n" in new) is is_headed
    joined = plans.joined(ENTRY.notes, by_hand)
    assert (joined == f"{ENTRY.notes}\n\n{plans.OTHERS}\n\n{by_hand}") is is_headed
    assert joined.startswith(ENTRY.notes)


def test_notes_without_a_heading_need_none_below() -> None:
    bare = Entry(version="1.1.0", date="2025-06-15", notes="")
    assert plans.OTHERS not in insert(f"# Changelog\n\n## Unreleased\n\n- a{OLD}", bare)
    assert plans.joined("- words", "- a") == "- words\n\n- a"


@pytest.mark.parametrize(
    ("title", "written"),
    [
        ("1.0.0 (6th December, 2024)", "1.1.0 (2025-06-15)"),
        ("v1.0.0 / 2024-12-06", "v1.1.0 / 2025-06-15"),
        ("[1.0.0] - Dec 6, 2024", "[1.1.0] - 2025-06-15"),
        ("1.0.0 - 06.12.2024", "1.1.0 - 2025-06-15"),
        ("1.0.0, 12/6/2024", "1.1.0, 2025-06-15"),
        ("1.0.0 \u2014 December 2024", "1.1.0 \u2014 2025-06-15"),
        ("1.0.0", "1.1.0"),
        ("1.0.0 is here since 2024", "1.1.0"),
    ],
)
def test_a_date_in_another_manner_becomes_a_plain_one(title: str, written: str) -> None:
    assert f"\n## {written}\n" in insert(f"# Changelog\n\n## {title}\n\n- first\n", ENTRY)


@pytest.mark.parametrize("name", ["CHANGES.rst", "docs/NEWS.RST", "CHANGELOG.adoc", "news.org"])
def test_a_changelog_in_another_language_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="and shipit writes Markdown") as caught:
        require_markdown(name)
    assert (caught.value.where, bool(caught.value.hint)) == ("changelog.file", True)


@pytest.mark.parametrize("name", ["CHANGELOG.md", "CHANGES", "docs.rst/news.markdown", "NEWS.txt"])
def test_all_other_names_may_be_markdown(name: str) -> None:
    require_markdown(name)

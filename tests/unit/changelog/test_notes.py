"""Notes: changes in, Markdown or data out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some
from msgspec.structs import replace

from shipit.changelog.links import Links
from shipit.changelog.notes import LIMIT, NotesOptions, ReleaseNotes, data, fit, render
from shipit.model import Change, Identity

SECTIONS = {"feat": "Features", "fix": "Fixes", "bug": "Fixes", "revert": "Reverted"}
WEB = Links("https://github.com/acme/tool")
ANN, BEA = Identity("Ann", "ann@example.com"), Identity("Bea", "bea@example.com")
BOT = Identity("dependabot[bot]", "1+dependabot[bot]@users.noreply.github.com")


def change(kind: str, description: str, **more: object) -> Change:
    found = Change("a" * 40, kind, "", description, author=ANN)
    return replace(found, **more)


def written(*changes: Change, style: NotesOptions | None = None, **more: object) -> str:
    return render(replace(ReleaseNotes(changes), **more), style or NotesOptions(SECTIONS))


class TestMarkdown:
    def test_changes_are_grouped_in_the_order_of_the_configuration(self) -> None:
        text = written(
            change("fix", "b"), change("feat", "a", scope="api"), change("bug", "c"), change("chore", "d")
        )
        assert text == ("### Features\n\n- **api:** a (`aaaaaaa`)\n\n### Fixes\n\n- b (`aaaaaaa`)\n- c (`aaaaaaa`)")

    @pytest.mark.parametrize(
        ("previous", "said"),
        [("v1.0.0", "No changes since v1.0.0 that concern users."), (None, "No changes that concern users.")],
    )
    def test_an_edition_without_anything_to_announce_says_so(self, previous: str | None, said: str) -> None:
        assert written(change("chore", "a"), tag="v1.0.1", version="1.0.1", previous=previous) == said
        linked = written(tag="v1.0.1", previous=previous, style=NotesOptions(SECTIONS, WEB))
        assert linked.split("\n\n**Full")[0] == said
        assert written(change("chore", "a"), previous=previous) == ""
        by_hand = NotesOptions(SECTIONS, has_more=True)
        assert written(change("chore", "a"), tag="v1.0.1", previous=previous, style=by_hand) == ""

    @pytest.mark.parametrize(
        ("count", "end"), [(11, "#10, #11)"), (12, "#10 and 2 more)"), (60, "#10 and 50 more)"), (2, "(#1, #2)")]
    )
    def test_many_links_on_one_line_are_folded(self, count: int, end: str) -> None:
        same = (change("fix", "typo", pull_request=f"#{number}") for number in range(1, count + 1))
        assert written(*same).endswith(end)
        closing = tuple(f"#{number}" for number in range(1, count + 1))
        assert written(change("fix", "typo", issues=closing)).endswith(end.removeprefix("(").replace("(#1", "#1"))

    def test_breaking_changes_stand_on_top_in_their_own_words(self) -> None:
        text = written(
            change("feat", "a"), change("chore", "b", scope="api", breaking=("do this\n\nthen that", "and"))
        )
        top, features = text.split("\n\n### Features")
        assert top == (
            "### Breaking changes\n\n- **api:** do this (`aaaaaaa`)\n\n  then that\n- **api:** and (`aaaaaaa`)"
        )
        assert "- a" in features

    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ("the old way\nis gone", "- the old way\n  is gone (`aaaaaaa`)"),
            ("the old way\nis gone:\n- a\n- b", "- the old way\n  is gone: (`aaaaaaa`)\n  - a\n  - b"),
            ("the old way\nis gone\n\n1. a", "- the old way\n  is gone (`aaaaaaa`)\n\n  1. a"),
            ("- a\n- b", "- it (`aaaaaaa`)\n\n  - a\n  - b"),
            ("1. a\n2. b", "- it (`aaaaaaa`)\n\n  1. a\n  2. b"),
            ("```\na\n```", "- it (`aaaaaaa`)\n\n  ```\n  a\n  ```"),
        ],
    )
    def test_the_reference_stands_behind_a_paragraph_and_lists_stay_lists(self, said: str, shown: str) -> None:
        assert written(change("chore", "it", breaking=(said,))) == f"### Breaking changes\n\n{shown}"

    def test_a_breaking_change_that_is_a_list_has_its_description_on_top_only(self) -> None:
        text = written(change("feat", "it", breaking=("- a\n- b",)))
        assert text == "### Breaking changes\n\n- it (`aaaaaaa`)\n\n  - a\n  - b"

    def test_a_breaking_change_without_own_words_is_told_once(self) -> None:
        text = written(change("feat", "a", breaking=("a",)))
        assert text == "### Breaking changes\n\n- a (`aaaaaaa`)"

    def test_a_breaking_change_with_own_words_also_stands_in_its_section(self) -> None:
        text = written(change("feat", "a", breaking=("do this",)))
        assert "- do this" in text
        assert "### Features\n\n- a" in text

    def test_links_lead_to_commits_pull_requests_and_issues(self) -> None:
        text = written(
            change("feat", "a"),
            change("fix", "b", pull_request="#3", issues=("#3", "#4", "other/repo#5")),
            style=NotesOptions(SECTIONS, WEB),
        )
        assert f"- a ([`aaaaaaa`](https://github.com/acme/tool/commit/{'a' * 40}))" in text
        assert (
            "- b ([#3](https://github.com/acme/tool/issues/3), closes [#4](https://github.com/acme/tool/issues/4), "
            "[other/repo#5](https://github.com/other/repo/issues/5))" in text
        )

    def test_without_links_references_stay_words(self) -> None:
        assert written(change("fix", "b", pull_request="#3", issues=("#4",))).endswith("- b (#3, closes #4)")

    def test_issues_that_are_only_named_are_not_closed(self) -> None:
        some = change("feat", "b", issues=("#4",), references=("#4", "#5", "a/b#6"))
        assert written(some).endswith("- b (`aaaaaaa`, closes #4, refers to #5, a/b#6)")
        assert written(change("feat", "b", references=("#7",))).endswith("- b (`aaaaaaa`, refers to #7)")
        assert written(change("feat", "b", pull_request="#7", references=("#7",))).endswith("- b (#7)")

    def test_merge_requests_lead_to_their_page_on_gitlab(self) -> None:
        style = NotesOptions(SECTIONS, Links("https://gitlab.com/acme/tool"))
        text = written(change("fix", "b", pull_request="!3"), style=style)
        assert "- b ([!3](https://gitlab.com/acme/tool/-/merge_requests/3))" in text
        assert "- b (!3)" in written(change("fix", "b", pull_request="!3"), style=NotesOptions(SECTIONS, WEB))

    def test_the_revert_of_what_nobody_has_heard_of_is_no_news(self) -> None:
        assert written(change("revert", "chore: x"), change("revert", "ci(x): y")) == ""
        news = ["feat(api): x", "chore!: x", "words"]
        text = written(*(change("revert", words) for words in news))
        assert text == "### Reverted\n\n" + "\n".join(f"- {words} (`aaaaaaa`)" for words in news)

    def test_the_same_words_are_one_entry_with_all_commits(self) -> None:
        text = written(change("fix", "b"), change("fix", "b", sha="b" * 40))
        assert text == "### Fixes\n\n- b (`aaaaaaa`, `bbbbbbb`)"

    def test_the_comparison_closes_the_notes(self) -> None:
        text = written(change("fix", "b"), style=NotesOptions(SECTIONS, WEB), previous="v1.0.0", tag="v1.1.0-rc.1")
        assert text.endswith("**Full changelog**: https://github.com/acme/tool/compare/v1.0.0...v1.1.0-rc.1")

    def test_contributors_are_listed_once_without_bots(self) -> None:
        text = written(
            change("fix", "b", co_authors=(BEA,)),
            change("fix", "c", author=BOT),
            change("chore", "d"),
            style=NotesOptions(SECTIONS, people=True),
            newcomers=frozenset({"BEA@example.com"}),
        )
        assert text.endswith("### Contributors\n\n- Ann\n- Bea made their first contribution")
        assert "@" not in text

    def test_nothing_to_tell_is_an_empty_text(self) -> None:
        assert written(style=NotesOptions(SECTIONS, WEB, people=True)) == ""
        assert written(change("chore", "x")) == ""


class TestData:
    def test_data_is_json_and_holds_no_address_of_a_person(self) -> None:
        edition = ReleaseNotes(
            (change("feat", "a", co_authors=(BEA,), breaking=("x",)),), "v1.1.0", "1.1.0", "v1.0.0", 1_700_000_000
        )
        found = data(edition, NotesOptions(SECTIONS))
        text = json.dumps(found)
        assert (found["version"], found["date"], found["previous"]) == ("1.1.0", "2023-11-14", "v1.0.0")
        assert '"author": "Ann"' in text
        assert "example.com" not in text

    def test_what_is_unreleased_has_no_date(self) -> None:
        assert data(ReleaseNotes(()), NotesOptions(SECTIONS))["date"] is None


class TestFit:
    def test_short_notes_stay_as_they_are(self) -> None:
        assert fit("x" * LIMIT) == "x" * LIMIT

    def test_long_notes_end_at_a_line_with_a_link_to_the_whole(self) -> None:
        text = "### Fixes\n\n" + "- entry\n" * 100 + "### Features\n\n- more"
        short = fit(text, 300, "https://x/y")
        assert len(short) <= 300
        assert short.endswith("- entry\n\n… shortened, see the [full notes](https://x/y)")

    def test_no_heading_stays_without_what_it_heads(self) -> None:
        short = fit("- entry\n\n### Features\n\n- " + "x" * 100, 90)
        assert short == "- entry\n\n… shortened, see the changelog for the full notes"

    def test_one_endless_line_is_cut(self) -> None:
        assert fit("x" * 200, 100).startswith("xxxx")
        assert len(fit("x" * 200, 100)) <= 100

    def test_a_limit_below_the_ending_still_holds(self) -> None:
        assert fit("x" * 200, 10) == "x" * 10

    @given(some.text(), some.integers(0, 200))
    def test_the_limit_always_holds(self, text: str, limit: int) -> None:
        assert len(fit(text, limit, "https://x/y")) <= max(limit, 0)


class TestLinks:
    def test_release_and_comparison_are_empty_without_a_page(self) -> None:
        assert (Links().release("v1"), Links().compare("a", "b"), WEB.compare("", "b")) == ("", "", "")

    def test_the_address_of_a_release_names_its_tag(self) -> None:
        assert WEB.release("v1.0.0+x") == "https://github.com/acme/tool/releases/tag/v1.0.0%2Bx"

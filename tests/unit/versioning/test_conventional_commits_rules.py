"""Conventional Commits 1.0.0 from its other side: what each rule excludes, its summary, its FAQ, its price."""

import re
import time
from pathlib import Path

import pytest

from shipit.versioning.changes import changes, evaluate
from shipit.versioning.levels import Level, asked
from shipit.versioning.message import Footer, parse
from shipit.versioning.reverts import undone
from tests.support.commits import Rules, line

RULES = range(1, 17)


def level(text: str) -> Level:
    return asked(parse(text), Rules())


class TestRules:
    @pytest.mark.parametrize(
        "header", ["feat\t: x", "feat :x", "feat : x", "(feat): x", "feat; x", "feat- x", "1: x"]
    )
    def test_rule_1_nothing_else_may_stand_between_type_and_colon(self, header: str) -> None:
        assert not parse(header).type

    def test_rule_1_scope_and_mark_are_optional_and_stand_in_this_order(self) -> None:
        assert parse("feat(api)!: x").marked
        assert not parse("feat!(api): x").type

    @pytest.mark.parametrize("kind", ["feature", "feats", "fea"])
    def test_rule_2_only_feat_is_a_feature(self, kind: str) -> None:
        assert level(f"{kind}: x") is Level.NONE

    @pytest.mark.parametrize("kind", ["fixes", "bugfix", "hotfix"])
    def test_rule_3_only_fix_is_a_fix(self, kind: str) -> None:
        assert level(f"{kind}: x") is Level.NONE

    @pytest.mark.parametrize("header", ["fix (parser): x", "fix[parser]: x", "fix(parser: x", "fix(a)(b): x"])
    def test_rule_4_a_scope_follows_the_type_in_one_pair_of_parentheses(self, header: str) -> None:
        assert not parse(header).type

    @pytest.mark.parametrize("scope", ["parser", "api/v2", "two words", "a,b", "äß", "@scope/name", "*"])
    def test_rule_4_a_scope_is_given_back_as_it_was_written(self, scope: str) -> None:
        assert parse(f"fix({scope}): x").scope == scope

    def test_rule_5_the_description_ends_with_its_line(self) -> None:
        assert parse("fix: array parsing\nissue").description == "array parsing"
        assert not parse("fix:\n\narray parsing").type

    def test_rule_6_what_follows_a_blank_line_is_no_part_of_the_description(self) -> None:
        message = parse("fix: x\n\n\n\nand more")
        assert (message.description, message.body) == ("x", "and more")

    def test_rule_7_a_colon_in_the_middle_of_a_paragraph_makes_no_footer(self) -> None:
        message = parse("fix: x\n\nSee this\nNote: it is prose\n\nand more: prose too")
        assert message.footers == ()
        assert message.body == "See this\nNote: it is prose\n\nand more: prose too"

    @pytest.mark.parametrize(
        "row", ["Token:value", "Token value", "Token :value", "Token#12", "two words: x", ": x"]
    )
    def test_rule_8_without_token_and_separator_there_is_no_footer(self, row: str) -> None:
        assert parse(f"fix: x\n\nbody\n\n{row}").footers == ()

    def test_rule_8_footers_may_follow_without_a_body(self) -> None:
        assert parse("fix: x\n\nRefs: #1").footers == (Footer("Refs", "#1"),)

    def test_rule_9_the_one_token_with_a_space_is_breaking_change(self) -> None:
        assert parse("fix: x\n\nbody\n\nAcked by: Z").footers == ()
        assert parse("fix: x\n\nbody\n\nBREAKING CHANGE: y").footers == (Footer("BREAKING CHANGE", "y"),)

    @pytest.mark.parametrize("following", ["Closes #12", "Acked-by: W", "BREAKING CHANGE: y", "BREAKING-CHANGE: y"])
    def test_rule_10_a_value_ends_where_any_footer_begins(self, following: str) -> None:
        first, second = parse(f"fix: x\n\nNote: one\ntwo\n{following}\nof its own").footers
        assert first.value == "one\ntwo"
        assert second.value.endswith("\nof its own")

    def test_rule_11_without_mark_and_footer_nothing_breaks(self) -> None:
        assert level("feat: BREAKING CHANGE of everything") is Level.MINOR
        assert level("feat: x\n\nThis is a BREAKING CHANGE: y") is Level.MINOR

    @pytest.mark.parametrize(
        "row", ["BREAKING CHANGE:y", "BREAKING CHANGE - y", "Breaking Change: y", "BREAKING  CHANGE: y"]
    )
    def test_rule_12_another_spelling_of_the_footer_breaks_nothing(self, row: str) -> None:
        assert level(f"fix: x\n\n{row}") is Level.PATCH

    @pytest.mark.parametrize("header", ["fix !: x", "fix! : x", "fix:! x", "fix!!: x"])
    def test_rule_13_the_mark_stands_immediately_before_the_colon(self, header: str) -> None:
        assert level(header) is not Level.MAJOR

    def test_rule_13_beside_a_footer_the_footer_tells_what_breaks(self) -> None:
        assert parse("fix!: x\n\nBREAKING CHANGE: y").breaking == ("y",)

    def test_rule_14_another_type_is_told_where_it_has_a_heading(self) -> None:
        (change,) = changes(evaluate(line("docs: update ref docs"), Rules()))
        assert (change.type, change.description) == ("docs", "update ref docs")

    def test_rule_14_another_type_may_break(self) -> None:
        assert level("docs!: x") is level("deps: x\n\nBREAKING CHANGE: y") is Level.MAJOR

    def test_rule_15_tokens_of_footers_are_not_case_sensitive(self) -> None:
        for token in ("Refs", "refs", "REFS"):
            text = f"Revert: x\n\n{token}: 676104e"
            undo = undone(text, parse(text))
            assert undo
            assert undo.shas == ("676104e",)
        (change,) = changes(evaluate(line("fix: x\n\nCO-AUTHORED-BY: Bea <bea@example.com>\ncloses #4"), Rules()))
        assert ([person.name for person in change.co_authors], change.issues) == (["Bea"], ("#4",))

    def test_rule_16_both_spellings_may_stand_together(self) -> None:
        message = parse("fix: x\n\nBREAKING-CHANGE: one\nBREAKING CHANGE: two")
        assert message.breaking == ("one", "two")


class TestSummaryAndQuestions:
    def test_a_breaking_change_can_be_part_of_commits_of_any_type(self) -> None:
        kinds = ("feat", "fix", "build", "chore", "ci", "docs", "style", "refactor", "perf", "test")
        assert {level(f"{kind}!: x") for kind in kinds} == {Level.MAJOR}

    def test_types_of_the_angular_convention_have_no_effect_of_their_own(self) -> None:
        kinds = ("build", "chore", "ci", "docs", "style", "refactor", "test")
        assert {level(f"{kind}: x") for kind in kinds} == {Level.NONE}

    def test_a_mistyped_type_is_missed_and_nothing_worse(self) -> None:
        assert level("feet: x") is Level.NONE

    def test_initial_development_is_read_like_any_other(self) -> None:
        assert level("chore: init") is Level.NONE

    def test_types_in_the_title_may_have_any_casing(self) -> None:
        assert level("feat: x") is level("Feat: x") is level("FEAT: x") is Level.MINOR


@pytest.mark.parametrize("number", RULES)
def test_every_rule_has_a_test_for_what_it_asks_and_one_for_what_it_excludes(number: int) -> None:
    for name in ("test_conventional_commits.py", Path(__file__).name):
        source = Path(__file__).with_name(name).read_text("utf-8")
        assert re.search(rf"^    def test_rule_{number}_", source, re.MULTILINE), f"{name}: rule {number}"


@pytest.mark.parametrize(
    "text",
    [
        "feat: x\n\n" + "some words of prose, and more of them\n" * (5_000_000 // 38),
        "feat: x\n\n" + "x" * 5_000_000,
        "feat: x\n\n" + "Some-Token: value\n" * 4000,
        "feat: x\n\nbody\n" + "Some-Token: value\n" * 4000,
        "feat: x\n\n" + "Some-Token: value\n\n" * 4000,
    ],
    ids=["5 MB of prose", "5 MB in one line", "4,000 footers", "4,000 lines like footers", "4,000 paragraphs"],
)
def test_a_large_message_is_read_in_less_than_50_milliseconds(text: str) -> None:
    assert min(seconds(text) for _ in range(5)) < 0.05


def seconds(text: str) -> float:
    begun = time.process_time()
    parse(text)
    return time.process_time() - begun

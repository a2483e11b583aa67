"""https://www.conventionalcommits.org/en/v1.0.0: every example and every rule of the specification."""

import pytest

from shipit.versioning.levels import Level, asked
from shipit.versioning.message import Footer, Message, parse
from shipit.versioning.reverts import undone
from tests.support.commits import Rules


def level(text: str) -> Level:
    return asked(parse(text), Rules())


class TestExamples:
    def test_commit_message_with_description_and_breaking_change_footer(self) -> None:
        text = (
            "feat: allow provided config object to extend other configs\n\n"
            "BREAKING CHANGE: `extends` key in config file is now used for extending other config files\n"
        )
        message = parse(text)
        assert (message.type, message.description) == (
            "feat",
            "allow provided config object to extend other configs",
        )
        assert message.breaking == ("`extends` key in config file is now used for extending other config files",)
        assert level(text) is Level.MAJOR

    def test_commit_message_with_bang_to_draw_attention_to_breaking_change(self) -> None:
        text = "feat!: send an email to the customer when a product is shipped"
        assert parse(text).marked
        assert level(text) is Level.MAJOR

    def test_commit_message_with_scope_and_bang_to_draw_attention_to_breaking_change(self) -> None:
        message = parse("feat(api)!: send an email to the customer when a product is shipped")
        assert (message.scope, message.marked) == ("api", True)

    def test_commit_message_with_both_bang_and_breaking_change_footer(self) -> None:
        message = parse(
            "chore!: drop support for Node 6\n\nBREAKING CHANGE: use JavaScript features not available in Node 6.\n"
        )
        assert message.breaking == ("use JavaScript features not available in Node 6.",)
        assert asked(message, Rules()) is Level.MAJOR

    def test_commit_message_with_no_body(self) -> None:
        assert parse("docs: correct spelling of CHANGELOG") == Message("docs", "", "correct spelling of CHANGELOG")

    def test_commit_message_with_scope(self) -> None:
        assert parse("feat(lang): add Polish language") == Message("feat", "lang", "add Polish language")

    def test_commit_message_with_multi_paragraph_body_and_multiple_footers(self) -> None:
        message = parse(
            "fix: prevent racing of requests\n\n"
            "Introduce a request id and a reference to latest request. Dismiss\n"
            "incoming responses other than from latest request.\n\n"
            "Remove timeouts which were used to mitigate the racing issue but are\nobsolete now.\n\n"
            "Reviewed-by: Z\nRefs: #123\n"
        )
        assert message.body.startswith("Introduce a request id")
        assert message.body.endswith("obsolete now.")
        assert message.footers == (Footer("Reviewed-by", "Z"), Footer("Refs", "#123"))

    def test_revert_commit_with_references(self) -> None:
        text = "revert: let us never again speak of the noodle incident\n\nRefs: 676104e, a215868\n"
        undo = undone(text, parse(text))
        assert undo
        assert undo.shas == ("676104e", "a215868")


class TestRules:
    @pytest.mark.parametrize(
        "text", ["add x", "feat add x", ": x", "feat:x", "feat:", "feat: ", "(a): x", "!: x", ""]
    )
    def test_rule_1_a_type_a_colon_and_a_space_are_required(self, text: str) -> None:
        assert not parse(text).type

    def test_rule_2_feat_is_a_feature(self) -> None:
        assert level("feat: x") is Level.MINOR

    def test_rule_3_fix_is_a_fix(self) -> None:
        assert level("fix: x") is Level.PATCH

    def test_rule_4_a_scope_is_a_noun_in_parentheses(self) -> None:
        assert parse("fix(parser): x").scope == "parser"
        assert not parse("fix(): x").type

    def test_rule_5_the_description_follows_the_colon_and_space(self) -> None:
        text = "fix: array parsing issue when multiple spaces were contained in string"
        assert parse(text).description == "array parsing issue when multiple spaces were contained in string"

    def test_rule_6_the_body_begins_one_blank_line_after_the_description(self) -> None:
        assert parse("fix: x\n\nthe body").body == "the body"

    def test_rule_7_the_body_is_free_form_with_any_number_of_paragraphs(self) -> None:
        assert parse("fix: x\n\none\n\ntwo\n\n\nthree").body == "one\n\ntwo\n\n\nthree"

    def test_rule_8_footers_have_a_token_a_separator_and_a_value(self) -> None:
        message = parse("fix: x\n\nbody\n\nReviewed-by: Z\nCloses #12")
        assert message.footers == (Footer("Reviewed-by", "Z"), Footer("Closes", "#12"))

    def test_rule_9_a_token_has_hyphens_for_spaces_except_breaking_change(self) -> None:
        message = parse("fix: x\n\nbody\n\nAcked-by: Z\nBREAKING CHANGE: y\nAcked by: W")
        assert message.footers == (Footer("Acked-by", "Z"), Footer("BREAKING CHANGE", "y\nAcked by: W"))

    def test_rule_10_a_value_may_hold_spaces_and_newlines_up_to_the_next_token(self) -> None:
        message = parse("fix: x\n\nNote-a: one\n two\n\nthree\nNote-b: four")
        assert message.footers == (Footer("Note-a", "one\n two\n\nthree"), Footer("Note-b", "four"))

    def test_rule_11_breaking_changes_stand_in_the_prefix_or_in_a_footer(self) -> None:
        assert level("fix!: x") is level("fix: x\n\nBREAKING CHANGE: y") is Level.MAJOR

    def test_rule_12_the_footer_is_upper_case_with_colon_space_and_description(self) -> None:
        text = "fix: x\n\nBREAKING CHANGE: environment variables now take precedence over config files"
        assert parse(text).breaking == ("environment variables now take precedence over config files",)
        assert level("fix: x\n\nbreaking change: y") is Level.PATCH
        assert level("fix: x\n\nbreaking-change: y") is Level.PATCH

    def test_rule_13_with_a_bang_the_description_tells_what_breaks(self) -> None:
        assert parse("fix!: x").breaking == ("x",)

    @pytest.mark.parametrize(
        "kind", ["docs", "chore", "ci", "refactor", "style", "test", "改善", "my-type", "wip2"]
    )
    def test_rule_14_other_types_may_be_used(self, kind: str) -> None:
        assert parse(f"{kind}: x").type == kind
        assert level(f"{kind}: x") is Level.NONE

    @pytest.mark.parametrize("header", ["FEAT: x", "Feat(API): x", "fEAT: x"])
    def test_rule_15_units_are_not_case_sensitive(self, header: str) -> None:
        assert level(header) is Level.MINOR

    def test_rule_16_breaking_change_with_hyphen_is_the_same(self) -> None:
        assert parse("fix: x\n\nBREAKING-CHANGE: y").breaking == ("y",)

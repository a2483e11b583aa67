"""What each commit comes to, as data."""

from shipit.versioning.changes import evaluate
from shipit.versioning.explain import rows
from tests.support.commits import Rules, line


def test_each_commit_has_a_row_with_what_it_asks_for_and_why() -> None:
    newest, oldest = rows(evaluate(line("feat(api): x", "docs: y"), Rules()))
    assert (newest.effect, newest.type, newest.why) == ("none", "docs", "type docs asks for no release")
    assert (oldest.effect, oldest.type, oldest.scope) == ("minor", "feat", "api")
    assert not oldest.breaking

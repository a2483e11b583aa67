"""The table behind --why."""

from shipit.versioning.changes import evaluate
from shipit.versioning.explain import rows, table
from tests.support.commits import Rules, line


def test_the_table_has_a_line_for_each_commit_in_even_columns() -> None:
    text = table(rows(evaluate(line("feat: x", "docs: y"), Rules())))
    assert [part.split("  ")[0] for part in text.splitlines()] == [
        "commit",
        *(part[:7] for part in text.splitlines()[1:]),
    ]
    assert "asks for a minor release" in text
    assert not any(part.endswith(" ") for part in text.splitlines())


def test_long_and_unprintable_subjects_do_not_break_the_table() -> None:
    text = table(rows(evaluate(line("feat: " + "x" * 200 + "\x1b[31m", "feat: \x1b[31m"), Rules())))
    assert "\x1b" not in text
    assert "…" in text

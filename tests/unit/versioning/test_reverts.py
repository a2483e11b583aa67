"""What messages say they take back."""

import pytest

from shipit.versioning.message import normalized, parse
from shipit.versioning.reverts import Undo, core, undone

A, B = "a" * 40, "b" * 40


def read(text: str) -> Undo | None:
    return undone(normalized(text), parse(text))


@pytest.mark.parametrize(
    ("text", "undo"),
    [
        (f'Revert "feat: y"\n\nThis reverts commit {A}.', Undo("feat: y", (A,))),
        ('Revert "feat: y" (#9)', Undo("feat: y")),
        ('Revert "feat: y (#7)" (#9)\n\nReverts acme/tool#7', Undo("feat: y (#7)", (), "#7")),
        (f'Reapply "feat: y"\n\nThis reverts commit {A}.', Undo('Revert "feat: y"', (A,))),
        ('Revert "Revert "feat: y""', Undo('Revert "feat: y"')),
        ('REVERT "feat: y"', Undo("feat: y")),
        (f"revert: feat: y\n\nThis reverts commit {A}.", Undo("feat: y", (A,))),
        ("revert: it\n\nRefs: 676104e, a215868", Undo("it", ("676104e", "a215868"))),
        ("Revert: it", Undo("it")),
        (f"chore: undo\n\nThis reverts commits {A} and {B}.", Undo("", (A, B), whole=False)),
        (
            f'Revert "Merge pull request #9 from a/b"\n\nThis reverts commit {A}, reversing\nchanges made to {B}.',
            Undo("Merge pull request #9 from a/b", (A,)),
        ),
        ('Revert "feat: long… (#4)\n\n… title (#3)"', Undo("feat: long…")),
        ('Revert "Revert "feat: long… (#5)', Undo('Revert "feat: long…')),
        ('Reapply "feat: long...', Undo('Revert "feat: long..."')),
        ('fix: Revert "feat: y"', Undo("feat: y")),
        ('fix(ui): revert "feat: y (#3)" (#4)', Undo("feat: y (#3)")),
        ("Revert #12", Undo("Revert #12", (), "#12")),
        ("revert: #12", Undo("#12", (), "#12")),
        ("Reverts PR #12 (#13)", Undo("Reverts PR #12 (#13)", (), "#12")),
        ("fix: revert !7, which is slow", Undo("revert !7, which is slow", (), "!7")),
        ('Revert "feat: y', None),
        ("docs: revert to #12a", None),
        ("docs: how to revert", None),
        (f"docs: x\n\n```\nThis reverts commit {A}.\n```", None),
        (f"docs: x\n\n> This reverts commit {A}.", None),
        ("feat: y", None),
    ],
)
def test_a_revert_is_read_in_each_of_its_forms(text: str, undo: Undo | None) -> None:
    assert read(text) == undo


@pytest.mark.parametrize(
    ("subject", "inner", "gone"),
    [
        ("feat: y (#3)", "feat: y", False),
        ('Revert "feat: y"', "feat: y", True),
        ('Revert "Revert "feat: y""', "feat: y", False),
        ('Reapply "feat: y"', "feat: y", False),
        ('Revert "Reapply "feat: y"" (#4)', "feat: y", True),
        ('Revert "feat: long…', "feat: long…", True),
        ('Revert "Revert "feat: long… (#5)', "feat: long…", False),
        ('Revert "Merged PR 3: feat: y"', "feat: y", True),
    ],
)
def test_nested_titles_say_whether_the_change_is_gone(subject: str, inner: str, gone: bool) -> None:
    assert core(subject) == (inner, gone)

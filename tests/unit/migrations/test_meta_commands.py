"""psql's own commands are named with what to do instead."""

import pytest

from shipit.migrations.meta_commands import find


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("\\connect shop", "1:1", "shipit.environments"),
        ("SELECT 1;\n  \\i other.sql", "2:3", "a migration of its own"),
        ("SELECT 1 \\gexec", "1:10", "DO block"),
        ("\\restrict abc\nSELECT 1", "1:1", "pg_dump"),
        ("\\! rm x", "1:1", "leave it out"),
        ("\\copy a from 'x'", "1:1", "INSERT INTO"),
        ("SELECT 1;\ncopy a (b)\nfrom stdin;\n1\t\\N\n\\.\n", "2:1", "INSERT INTO"),
        ("COPY (SELECT 1) TO STDOUT", "1:1", "INSERT INTO"),
    ],
)
def test_a_command_is_named_with_its_alternative(text: str, place: str, advice: str) -> None:
    (finding,) = find("a.sql", text)
    assert (str(finding.place), finding.rule, finding.level) == (f"a.sql:{place}", "meta-command", "error")
    assert advice in finding.rewrite


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        r"SELECT E'\n', '\d', $$ \i x $$ -- \i",
        "COPY a FROM '/file'; SELECT 'stdin'",
        "SELECT copy FROM a; SELECT 1 FROM stdin",
    ],
)
def test_what_only_looks_like_one_is_left_alone(text: str) -> None:
    assert find("a.sql", text) == ()


def test_lines_count_from_the_first_of_the_script() -> None:
    assert find("a.sql", "\n\\q", 7)[0].place.line == 8

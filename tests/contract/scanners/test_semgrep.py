"""The real semgrep on the seeded sample; it starts slowly, so that each run looks at several things."""

from tests.contract.scanners.conftest import Make, scan, words
from tests.support import seeded

PASSWORDS = """\
rules:
  - id: password
    languages: [python]
    severity: WARNING
    message: password $VALUE in the code
    pattern: $NAME = "$VALUE"
"""
BROKEN = """\
rules:
  - {id: broken, languages: [python], severity: ERROR, message: m, pattern: "eval("}
"""


def test_facts_22_and_23_shipits_rules_look_into_every_tracked_file_but_not_at_accepted_lines(make: Make) -> None:
    found = scan(make("semgrep"))
    assert (found.seen, found.expected, found.alive, found.fault) == (7, 7, True, "")
    assert found.tool == "semgrep 1.182.0"
    assert sorted(words(found)) == [
        ("tests/test_sql.py", 2, "shipit.sql-with-text", "high"),
        ("vendor/sql.py", 2, "shipit.sql-with-text", "high"),
        ("web/index.js", 1, "shipit.script-html-with-text", "medium"),
    ]


def test_fact_22_an_unparsable_file_and_a_broken_rule_are_faults_and_no_secret_is_in_a_title(make: Make) -> None:
    files = {
        ".semgrep.yml": PASSWORDS,
        ".semgrep/more.yml": BROKEN,
        "tests/broken.py": f'def (\nx = "{seeded.WORD}\n',
    }
    found = scan(make("semgrep", {**files, "a.py": f'word = "{seeded.WORD}"\n'}))
    assert found.alive
    assert (found.seen, found.expected) == (2, 2)
    assert (
        found.fault
        == "semgrep could not look at all: rule broken (Rule parse error), tests/broken.py:1 (PartialParsing)"
    )
    assert words(found) == [("a.py", 1, "password", "medium")]
    assert found.findings[0].title == "password $VALUE in the code"


def test_fact_22_rules_that_were_emptied_are_a_fault_though_the_canary_is_found(make: Make) -> None:
    found = scan(make("semgrep", {".semgrep.yml": "rules: []  # languages: [python]\n", "a.py": "x = 1\n"}))
    assert found.alive
    assert found.fault == "the rules are empty"


def test_rules_of_which_nothing_is_known_are_a_fault(make: Make) -> None:
    found = scan(make("semgrep", {".semgrep.yml": "rules: []\n", "a.py": "x = 1\n"}))
    assert (found.seen, found.alive) == (0, False)
    assert found.fault == "the rules are empty, or for no language that shipit knows"

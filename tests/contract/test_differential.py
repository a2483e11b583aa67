"""The next version, held against python-semantic-release's own: every difference follows from a listed rule."""

import pytest

from shipit.errors import UsageError
from shipit.versioning import Question, decide
from tests.support import differences, oracle
from tests.support.commits import Rules
from tests.support.differences import COUNTINGS, PAGE, READINGS, Counting, Reading, explained, rewritten
from tests.support.histories import History, histories

SEEDS = (2, 4, 6)
COUNT = 250  # of each seed


def shipit(history: History) -> str | None:
    try:
        return decide(Question(history.commits, history.version_tags, Rules(), pre=history.pre)).version
    except UsageError:
        return "refused"


def final(history: History) -> str | None:
    """What all messages together ask for, whatever prereleases there are."""
    tags = [tag for tag in history.version_tags if "-" not in tag.name]
    return decide(Question(history.commits, tags, Rules())).version


@pytest.fixture(scope="module")
def all_histories() -> list[History]:
    return [history for seed in SEEDS for history in histories(seed, COUNT)]


@pytest.mark.parametrize("seed", SEEDS)
def test_every_difference_follows_from_the_listed_rules(seed: int) -> None:
    for number, history in enumerate(histories(seed, COUNT)):
        expected = explained(history, READINGS, COUNTINGS)
        assert shipit(history) == expected, f"history {number} of seed {seed}: {history}"


def test_the_histories_hold_many_differences_and_many_agreements(all_histories: list[History]) -> None:
    differing = sum(shipit(history) != oracle.version(history) for history in all_histories)
    assert 150 < differing < len(all_histories) - 350


@pytest.mark.parametrize("number", range(len(READINGS)), ids=[rule.name for rule in READINGS])
def test_a_rule_of_reading_says_the_same_to_shipit_in_other_words(
    number: int, all_histories: list[History]
) -> None:
    for history in all_histories:
        before = rewritten(history, READINGS[:number])
        after = rewritten(before, READINGS[number : number + 1])
        assert before == after or final(before) == final(after), f"{before}\n{after}"


@pytest.mark.parametrize("rule", [*READINGS, *COUNTINGS], ids=lambda rule: rule.name)
def test_without_this_rule_a_difference_is_left(rule: Reading | Counting, all_histories: list[History]) -> None:
    readings = [one for one in READINGS if one is not rule]
    countings = [one for one in COUNTINGS if one is not rule]
    assert any(shipit(history) != explained(history, readings, countings) for history in all_histories)


def test_the_page_lists_the_rules_as_they_are() -> None:
    text = PAGE.read_text("utf-8")
    assert differences.page(text) == text, "run: python -m tests.support.differences"

"""Each way to stop has an exit code of its own."""

import inspect

import pytest

from shipit import errors
from shipit.output.reporter import Declined


def subclasses(parent: type[errors.Stop]) -> set[type[errors.Stop]]:
    return {parent}.union(*(subclasses(child) for child in parent.__subclasses__()))


def test_exit_codes_are_unique_and_as_documented() -> None:
    codes = [stop.exit_code for stop in errors.ALL]
    assert codes == [1, 2, 3, 4, 5, 6, 7, 8, 9, 130]


def test_titles_are_unique() -> None:
    assert len({stop.title for stop in errors.ALL}) == len(errors.ALL)


def test_every_stop_is_listed_or_trouble_from_outside_or_a_refusal_like_any_other() -> None:
    unlisted = {
        stop for stop in subclasses(errors.Stop) - set(errors.ALL) if not issubclass(stop, errors.ExternalError)
    }
    assert Declined in unlisted
    assert {stop.title for stop in unlisted} == {errors.Refused.title}
    assert all(issubclass(stop, errors.Refused) for stop in unlisted)


def test_trouble_ends_with_a_code_that_a_listed_class_owns() -> None:
    owned = {stop.exit_code for stop in errors.ALL}
    assert {stop.exit_code for stop in subclasses(errors.ExternalError)} <= owned


def test_no_exit_code_is_success() -> None:
    assert 0 not in {stop.exit_code for stop in subclasses(errors.Stop)}


@pytest.mark.parametrize("stop", errors.ALL, ids=lambda stop: str(stop.__name__))
def test_every_stop_says_in_its_docstring_when_it_happens(stop: type[errors.Stop]) -> None:
    assert inspect.getdoc(stop)


def test_a_stop_carries_what_where_evidence_and_hint() -> None:
    stop = errors.Refused("no", where="here", evidence=["a", "b"], hint="do this")
    assert (str(stop), stop.what, stop.where, stop.evidence, stop.hint) == (
        "no",
        "no",
        "here",
        ("a", "b"),
        "do this",
    )


def test_only_the_first_sentence_is_needed() -> None:
    stop = errors.Stop("no")
    assert (stop.where, stop.evidence, stop.hint) == (None, (), None)

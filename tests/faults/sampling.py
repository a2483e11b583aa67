"""Which cases of a fault matrix run: a random sample, or all of them when SHIPIT_DRILL is set.

The seed of the sample ends the id of each case. One case is run again by its seed and its id:

    SHIPIT_TEST_SEED=5f2c91 python -m pytest "tests/faults/test_signals.py::test_…[push/push/1-after-SIGINT-5f2c91]"

All cases, with every effect and every way to go on of each of them, take half an hour on two cores:

    SHIPIT_DRILL=1 python -m pytest tests/faults --ignore=tests/faults/migrations -n 2 --dist worksteal
"""

import os
import random
import secrets
from collections.abc import Callable, Iterable, Sequence

import pytest

DRILL = int(os.environ.get("SHIPIT_DRILL", "0"))
SEED = os.environ.get("SHIPIT_TEST_SEED") or os.environ.get("PYTEST_XDIST_TESTRUNUID", secrets.token_hex(3))[:6]
"""The workers of one run must choose the same cases: they share its id."""

Case = tuple[str, ...]


def sampled(
    names: Sequence[str], cases: Iterable[Case], kind: Callable[[Case], str], more: int = 0
) -> pytest.MarkDecorator:
    """Parametrize a test with at least one case of each kind, and with `more` others."""
    known = [*cases]
    if DRILL:
        return pytest.mark.parametrize(names, known, ids=map("-".join, known))
    chosen = _sample(known, kind, more, random.Random(f"{SEED} {names} {known[0]}"))
    ids = ["-".join((*case, SEED)) for case in chosen]
    return pytest.mark.parametrize(names, chosen, ids=ids)


def some(choices: Sequence[str], *case: str) -> Sequence[str]:
    """One of the choices within a case, always the same for a seed; all of them in a drill."""
    return choices if DRILL else [random.Random(f"{SEED} {case}").choice(choices)]


def _sample(cases: Sequence[Case], kind: Callable[[Case], str], more: int, chance: random.Random) -> Sequence[Case]:
    """In the order of the cases, so that those that share a recording stay together."""
    mixed = chance.sample(cases, len(cases))
    first = {kind(case): case for case in mixed}
    others = [case for case in mixed if case not in first.values()][:more]
    chosen = {*first.values(), *others}
    return [case for case in cases if case in chosen]

"""The ledger of an environment: what it keeps, what it cannot read, and where one goes back to."""

import pytest
from msgspec.structs import replace

from shipit.deploy.ledger import former
from shipit.deploy.model import Decision, Entry, as_json
from shipit.errors import LeaseLost, Refused
from shipit.model import Revision
from tests.fakes import ADA
from tests.unit.deploy.scene import LEDGER, LOCK, Machine, Scene


def entry(version: str, *, back: bool = False, outcome: str = "complete") -> Entry:
    revision = Revision(version, version * 10)
    decision = Decision(
        run=version, environment="staging", revision=revision, replaces={}, began=1, is_rollback=back
    )
    return Entry(decision=decision, targets={}, actor="ada", ended=2, outcome=outcome)


@pytest.mark.parametrize(
    ("deployed", "behind"),
    [
        ("", ""),
        ("a", ""),
        ("a b", "a"),
        ("a b c", "b a"),
        ("a b c <b", "a"),
        ("a b c <b <a", ""),
        ("a b c <b d", "b a"),
        ("a b a", "b a"),
        ("a b a <b", "a"),
        ("a a", ""),
        ("a b b", "a"),
        ("a b <a b", "a"),
        ("a b c <a", ""),
        ("<a b", "a"),
    ],
)
def test_going_back_twice_goes_further_back_and_never_forward(deployed: str, behind: str) -> None:
    """`<b` is a rollback to b."""
    entries = [entry(word[-1], back="<" in word) for word in deployed.split()]
    found = former(entries[::-1])
    assert " ".join(one.decision.revision.version for one in found) == behind


def test_what_stands_is_the_last_one_that_is_complete(machine: Machine) -> None:
    ledger = machine.job().ledger
    assert (ledger.tip(), ledger.newest(), ledger.standing(), [*ledger.entries()]) == (None, None, None, [])
    good, bad = entry("1"), entry("2", outcome="rolled back")
    for one in (good, bad):
        machine.remote.push(ledger.update(one))
    assert (ledger.newest(), ledger.standing(), [*ledger.entries()]) == (bad, good, [bad, good])


def test_an_entry_is_a_commit_with_a_message_for_people(scene: Scene, machine: Machine) -> None:
    ledger = machine.job().ledger
    machine.remote.push(ledger.update(entry("1")))
    commit = scene.server.objects.at(scene.refs[LEDGER])
    assert commit.message == "staging: 1 (1111111111) complete\n\nrun 1\n"
    assert (commit.author, commit.time, commit.parents) == (ADA, 2, ())


def test_two_entries_at_once_are_one(machine: Machine, scene: Scene) -> None:
    other = scene.machine()
    ours, theirs = machine.job().ledger.update(entry("1")), other.job().ledger.update(entry("2"))
    machine.remote.push(ours)
    with pytest.raises(LeaseLost):
        other.remote.push(theirs)


def test_another_machine_reads_it(machine: Machine, scene: Scene) -> None:
    one = replace(entry("1"), url="https://ci.example/1", schema="0001", fence=7)
    machine.remote.push(machine.job().ledger.update(one))
    assert scene.machine().entries == [one]


NO_TIME = as_json(replace(entry("1"), ended=10**17))


@pytest.mark.parametrize("data", [b"", b"{}", b"not JSON", NO_TIME])
def test_what_another_shipit_wrote_is_refused(machine: Machine, scene: Scene, data: bytes) -> None:
    objects = scene.server.objects
    files = {"deployment.json": data, "decision.json": data, "lock.json": data}
    commit = objects.commit(objects.change_tree(None, files), [], "staging\n", ADA, 0)
    scene.server.refs[LEDGER] = scene.server.refs[LOCK] = commit
    with pytest.raises(Refused) as caught:
        machine.job().ledger.newest()
    assert caught.value.what == "the ledger of staging cannot be read by this version of shipit"
    assert caught.value.evidence == (f"{LEDGER} at {commit[:10]}",)
    with pytest.raises(Refused) as caught:
        machine.held  # noqa: B018 - reading it is what fails
    assert caught.value.what == f"{LOCK} does not hold a deployment of this version of shipit"

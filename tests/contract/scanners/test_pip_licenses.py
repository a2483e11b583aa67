"""The real pip-licenses on a made-up environment."""

from tests.contract.scanners.conftest import Make, scan


def test_facts_18_and_19_refused_and_unknown_licences_are_found_and_classifiers_are_understood(make: Make) -> None:
    found = scan(make("pip-licenses"))
    assert (found.seen, found.expected, found.alive, found.fault) == (5, 5, True, "")
    assert found.tool == "pip-licenses 5.5.5"
    assert [(one.package, one.rule, one.severity.value) for one in found.findings] == [
        ("gnuish", "GPL-3.0-only", "high"),
        ("nobodys", "unknown", "medium"),
    ]


def test_fact_19_an_environment_without_packages_is_a_fault(make: Make) -> None:
    found = scan(make("pip-licenses", packages={}))
    assert (found.seen, found.expected, found.alive) == (0, 0, True)
    assert found.fault.startswith("flask is not installed, gnuish is not installed in ")

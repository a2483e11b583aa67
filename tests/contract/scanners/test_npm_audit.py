"""The real npm with a stand-in of its registry."""

from collections.abc import Iterator

import pytest

from tests.contract.scanners.conftest import Make, scan
from tests.support import seeded
from tests.support.npm_advisories import GHSA, Registry, served


@pytest.fixture
def registry() -> Iterator[Registry]:
    with served({"ms": "moderate", "minimist": "critical"}) as made:
        yield made


def at(registry: Registry, **more: str) -> dict[str, str | None]:
    return {"npm_config_registry": registry.url, **more}


def test_fact_15_it_finds_what_is_locked_even_where_npm_is_configured_to_be_offline(
    make: Make, registry: Registry
) -> None:
    found = scan(make("npm-audit", variables=at(registry, npm_config_offline="true")))
    assert (found.seen, found.expected, found.alive, found.fault) == (1, 1, True, "")
    [one] = found.findings
    assert (one.rule, one.severity.value, one.package, one.version) == (GHSA, "medium", "ms", "2.1.3")
    assert one.path == "web/package-lock.json"
    assert registry.asked == [{"ms": ["2.1.3"], "minimist": ["0.0.8"]}]


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}"])
def test_fact_15_a_registry_that_knows_nothing_is_never_clean(make: Make, registry: Registry, body: bytes) -> None:
    registry.body = body
    found = scan(make("npm-audit", variables=at(registry)))
    assert (found.seen, found.alive) == (0, False)


def test_fact_15_a_registry_that_is_down_is_a_fault(make: Make) -> None:
    variables = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}
    found = scan(make("npm-audit", variables=variables))
    assert not found.alive
    assert found.fault.startswith("web: npm could not audit: request to http://127.0.0.1:9/")


def test_fact_15_dependencies_without_a_lock_are_a_fault(make: Make, registry: Registry) -> None:
    files = {name: text for name, text in seeded.files().items() if not name.endswith("package-lock.json")}
    found = scan(make("npm-audit", files, variables=at(registry)))
    assert found.fault == "web: package.json has no tracked lock"

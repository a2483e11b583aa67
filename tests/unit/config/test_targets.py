"""How the values of an environment go together."""

from typing import Any

import pytest

from shipit.config.crossing import cross_mistakes

DIRECTORY = {"kind": "directory", "path": "live", "source": "site"}
PROCESS = {"kind": "process", "path": "live", "run": "serve {port}", "address": "127.0.0.1:80"}


def mistakes(**environment: Any) -> set[str]:
    return {f"{one.key}: {one.what}" for one in cross_mistakes({"environments": {"staging": environment}})}


def test_whole_targets_are_no_mistake() -> None:
    assert mistakes(targets={"a": DIRECTORY, "b": PROCESS}) == set()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"kind": "directory", "path": "x"}, "source: missing, since the kind is directory"),
        ({**DIRECTORY, "address": "a:1"}, "address: unknown to a target of kind directory"),
        ({**DIRECTORY, "variables": {}}, "variables: unknown to a target of kind directory"),
        ({**PROCESS, "source": "site"}, "source: unknown to a target of kind process"),
        (
            {**PROCESS, "run": "serve '{port}"},
            "run: expected a command that can be split into words, found no closing quotation",
        ),
    ],
)
def test_keys_go_with_the_kind(target: dict[str, Any], said: str) -> None:
    assert mistakes(targets={"web": target}) == {f"environments.staging.targets.web.{said}"}


def test_each_version_of_a_process_has_a_port_of_its_own() -> None:
    [found] = mistakes(targets={"web": {**PROCESS, "run": ["serve", "--port", "80"]}})
    assert (
        found
        == "environments.staging.targets.web.run: expected {port} in it: each version listens on a port of its own"
    )


def test_what_is_nearly_a_placeholder_is_a_mistake() -> None:
    checks = [{"get": "http://a/{commit}", "json": {"v": "{versoin}", "x": "{other}", "n": 3}}, 3]
    web = {**PROCESS, "variables": {"A": "{comit}", "B": "{path}/{anything}"}}
    found = list(
        cross_mistakes({"environments": {"staging": {"smoke": {"checks": checks}, "targets": {"web": web}}}})
    )
    assert [(one.key, one.what, one.nearest) for one in found] == [
        ("environments.staging.smoke.checks[0].json.v", "unknown placeholder {versoin}", "{version}"),
        ("environments.staging.targets.web.variables.A", "unknown placeholder {comit}", "{commit}"),
    ]


def test_a_process_needs_a_command_and_an_address() -> None:
    at = "environments.staging.targets.web"
    assert mistakes(targets={"web": {"kind": "process", "path": "x"}}) == {
        f"{at}.run: missing, since the kind is process",
        f"{at}.address: missing, since the kind is process",
    }


def test_gates_are_those_of_the_project() -> None:
    raw = {"gates": {"lint": {}}, "environments": {"staging": {"gates": ["lint", "test", 3]}, "live": {"gates": 3}}}
    assert {f"{one.key}: {one.what}" for one in cross_mistakes(raw)} == {
        'environments.staging.gates[1]: expected the name of a gate, found "test"; known: lint'
    }
    [alone] = mistakes(gates=["lint"])
    assert alone.endswith("known: none")


def test_only_releases_are_published() -> None:
    assert mistakes(**{"from": "tags", "publish": True}) == mistakes(publish=False) == set()
    [found] = mistakes(**{"from": "develop", "publish": True})
    assert found.startswith('environments.staging.publish: expected only where from is "tags"')


def test_checks_are_waited_for_only_where_it_is_said_which() -> None:
    [found] = mistakes(**{"wait-for-checks": True})
    assert found.startswith("environments.staging.wait-for-checks: expected only with protection.required-checks")
    assert mistakes(**{"wait-for-checks": False}) == set()
    raw = {"environments": {"staging": {"wait-for-checks": True}}, "protection": {"required-checks": ["lint"]}}
    assert list(cross_mistakes(raw)) == []


def test_the_name_of_releases_is_taken() -> None:
    found = [one.key for one in cross_mistakes({"environments": {"release": {}}})]
    assert found == ["environments.release"]


@pytest.mark.parametrize(
    "environment", [3, {"targets": 3}, {"targets": {"web": 3}}, {"targets": {"web": {"kind": 3}}}]
)
def test_values_of_a_wrong_type_are_left_to_others(environment: Any) -> None:
    assert list(cross_mistakes({"environments": {"staging": environment}})) == []


@pytest.mark.parametrize(
    ("environment", "key"),
    [
        ({"smoke": {"run": "a 'b"}}, "smoke.run"),
        ({"database": {"backup": {"store": "a 'b"}}}, "database.backup.store"),
        ({"database": {"url": "command:a 'b"}}, "database.url"),
    ],
)
def test_commands_must_be_split_into_words(environment: dict[str, Any], key: str) -> None:
    [found] = mistakes(**environment)
    said = "expected a command that can be split into words, found no closing quotation"
    assert found == f"environments.staging.{key}: {said}"

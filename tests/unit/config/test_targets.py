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


def test_a_command_knows_its_variables_and_a_webhook_none() -> None:
    command = {"kind": "command", "deploy": "x", "live": "y", "variables": {"KEY": "env:KEY", "A": "{comit}"}}
    webhook = {"kind": "webhook", "url": "env:HOOK", "variables": {"KEY": "env:KEY"}}
    unknown = "environments.staging.targets.hook.variables: unknown to a target of kind webhook"
    assert unknown in mistakes(targets={"api": command, "hook": webhook})
    found = list(cross_mistakes({"environments": {"staging": {"targets": {"api": command}}}}))
    assert [(one.key, one.nearest) for one in found] == [
        ("environments.staging.targets.api.variables.A", "{commit}")
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
        'environments.staging.gates[1]: expected the name of a gate, found "test"; known: lint, security'
    }
    [alone] = mistakes(gates=["lint"])
    assert alone.endswith("known: security")
    assert mistakes(gates=["security"]) == set()


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


ANSWERS = {"checks": [{"get": "http://a/healthz", "json": {"commit": "{commit}"}}]}
WEBHOOK = {"kind": "webhook", "url": "env:DEPLOY_HOOK", "image": "web"}
COMMAND = {"kind": "command", "deploy": "roll-out {image}", "live": "what-is-live", "image": "web"}


def with_images(**environments: Any) -> set[str]:
    raw = {"images": {"web": {"file": "Dockerfile"}}, "environments": environments}
    return {f"{one.key.removeprefix('environments.')}: {one.what}" for one in cross_mistakes(raw)}


def test_whole_targets_elsewhere_are_no_mistake() -> None:
    staging = {"smoke": ANSWERS, "targets": {"a": WEBHOOK, "b": COMMAND}, "image-tag": "{environment}-now"}
    production = {"targets": {"b": {"kind": "command", "deploy": "x", "live": "y", "image": "web"}}}
    assert with_images(staging=staging, production={**production, "promote-from": "staging"}) == set()


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"kind": "process", "run": "serve {port}", "address": "a:1"}, "path: missing, since the kind is process"),
        ({"kind": "directory", "source": "site"}, "path: missing, since the kind is directory"),
        ({"kind": "webhook", "image": "web"}, "url: missing, since the kind is webhook"),
        ({"kind": "command", "live": "x"}, "deploy: missing, since the kind is command"),
        ({**WEBHOOK, "path": "x"}, "path: unknown to a target of kind webhook"),
        ({**WEBHOOK, "deploy": "x"}, "deploy: unknown to a target of kind webhook"),
        ({**COMMAND, "url": "env:HOOK"}, "url: unknown to a target of kind command"),
        ({**COMMAND, "keep": 3}, "keep: unknown to a target of kind command"),
        ({**DIRECTORY, "image": "web"}, "image: unknown to a target of kind directory"),
        ({**COMMAND, "image": "wep"}, 'image: expected the name of an image, found "wep"; known: web'),
        (
            {"kind": "command", "deploy": "x", "rollback": ["y", "{image}"], "live": "z"},
            "image: missing, since {image} stands in rollback",
        ),
        ({**COMMAND, "deploy": "roll-out {imag}"}, "deploy: unknown placeholder {imag}"),
        (
            {**COMMAND, "live": "say '"},
            "live: expected a command that can be split into words, found no closing quotation",
        ),
        (
            {**WEBHOOK, "url": "command:pass '"},
            "url: expected a command that can be split into words, found no closing quotation",
        ),
    ],
)
def test_keys_go_with_the_kind_elsewhere(target: dict[str, Any], said: str) -> None:
    assert with_images(staging={"smoke": ANSWERS, "targets": {"web": target}}) == {f"staging.targets.web.{said}"}


@pytest.mark.parametrize("smoke", [{}, {"checks": [{"get": "http://a/{commit}"}, 3]}, {"checks": 3}])
@pytest.mark.parametrize("target", [WEBHOOK, {"kind": "command", "deploy": "x"}])
def test_somebody_must_know_what_is_live(target: dict[str, Any], smoke: dict[str, Any]) -> None:
    [found] = with_images(staging={"smoke": smoke, "targets": {"web": target}})
    assert found.startswith("staging.targets.web: expected smoke.checks with {version} or {commit}")


def test_one_answer_speaks_of_one_target() -> None:
    targets = {"a": WEBHOOK, "b": {"kind": "command", "deploy": "x"}, "c": COMMAND}
    [found] = with_images(staging={"smoke": ANSWERS, "targets": targets})
    assert found.startswith("staging.targets.b: expected the only target of which the smoke checks alone")


@pytest.mark.parametrize("key", ["image-tag", "promote-from"])
def test_what_is_about_images_wants_one(key: str) -> None:
    environments = {"staging": {"targets": {"a": DIRECTORY}, key: "other"}, "other": {}}
    assert with_images(**environments) == {f"staging.{key}: expected only where a target has an image"}


@pytest.mark.parametrize("source", ["nowhere", "staging"])
def test_images_come_from_another_environment(source: str) -> None:
    staging = {"targets": {"b": COMMAND}, "promote-from": source}
    assert with_images(staging=staging) == {
        f'staging.promote-from: expected the name of another environment, found "{source}"; known: none'
    }


def test_what_is_no_table_or_text_is_left_to_others() -> None:
    targets = {"a": 3, "b": {**COMMAND, "image": 3, "deploy": 3}, "c": {"kind": ["command"], "x": 3}}
    assert with_images(staging={"smoke": ANSWERS, "targets": targets, "promote-from": 3}) == set()

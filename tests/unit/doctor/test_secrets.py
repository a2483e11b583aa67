"""Secrets by name: which are set, and which an environment requires."""

from shipit.config import Entry
from shipit.doctor.secrets import Secret, secrets
from tests.unit.doctor.ward import FakeTools, surroundings

DATABASE = "environments.staging.database.url"


def entry(key: str, value: object, *, secret: bool = True, origin: str = "pyproject.toml") -> Entry:
    return Entry(key=key, value=value, origin=origin, secret=secret)


def found(*entries: Entry, environment: str = "", **variables: str) -> dict[str, Secret]:
    forge = () if any(one.key == "forge.kind" for one in entries) else (entry("forge.kind", "auto", secret=False),)
    tools = FakeTools(files=("token.txt",))
    rows = secrets((*forge, *entries), surroundings(variables=variables), tools, environment)
    return {one.key: one for one in rows}


def test_a_variable_is_set_or_not_and_an_empty_one_is_not() -> None:
    index = entry("index.password", "env:TOKEN")
    assert found(index)["index.password"].state == "not set here"
    assert found(index, TOKEN="")["index.password"].state == "not set here"
    assert found(index, TOKEN="any")["index.password"].state == "set"


def test_a_file_is_readable_or_not() -> None:
    assert found(entry("index.password", "file:token.txt"))["index.password"].state == "readable"
    assert found(entry("index.password", "file:other.txt"))["index.password"].state == "not readable here"


def test_a_command_is_neither_run_nor_shown() -> None:
    secret = found(entry(DATABASE, "command:pass show db"), environment="staging")[DATABASE]
    assert (secret.state, secret.source, secret.is_here, secret.lacks) == ("not run", "command", None, False)


def test_what_is_no_reference_is_no_secret() -> None:
    assert not found(entry(DATABASE, "sqlite:///acme.db"), entry("index.password", None))


def test_variables_of_a_target_may_be_secrets() -> None:
    key = "environments.staging.targets.backend.variables"
    rows = found(entry(key, {"HOOK": "env:HOOK_SECRET", "PORT": "80"}, secret=False))
    assert list(rows) == [f"{key}.HOOK"]


def test_those_of_the_environment_that_is_named_are_required_and_no_others() -> None:
    entries = (entry(DATABASE, "env:DATABASE_URL"), entry("index.password", "env:TOKEN"))
    assert not any(one.lacks for one in found(*entries).values())
    assert [key for key, one in found(*entries, environment="staging").items() if one.lacks] == [DATABASE]
    assert not any(one.lacks for one in found(*entries, environment="stag").values())
    assert not any(one.lacks for one in found(*entries, environment="staging", DATABASE_URL="any").values())


def test_the_usual_token_of_the_forge_is_asked_for_on_github_alone() -> None:
    usual = entry("forge.token", "env:GITHUB_TOKEN", origin="default")
    assert not found(usual)
    assert "forge.token" in found(entry("forge.kind", "github", secret=False), usual)
    assert "forge.token" in found(entry("forge.token", "env:GITHUB_TOKEN"))

"""Which variables the project's own commands do not see, by their names."""

import pytest

from shipit import masking
from shipit.adapters import withheld


@pytest.mark.parametrize(
    "name",
    [
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_URL",
        "ACTIONS_RUNTIME_TOKEN",
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "PYPI_TOKEN",
        "TWINE_USERNAME",
        "TWINE_PASSWORD",
        "NPM_CONFIG__AUTH",
        "PGPASSWORD",
        "MYSQL_PWD",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GPG_PASSPHRASE",
        "SSH_PRIVATE_KEY",
        "github_token",
    ],
)
def test_tokens_and_passwords_are_withheld(name: str) -> None:
    assert withheld.names({name: "x", "PATH": "/bin"}) == {name}


@pytest.mark.parametrize(
    "name",
    ["TOKENIZERS_PARALLELISM", "SSH_AUTH_SOCK", "PATH", "PATHEXT", "COMPATIBILITY", "KEYBOARD", "PWD", "OLDPWD"],
)
def test_what_only_looks_a_little_like_one_is_not(name: str) -> None:
    assert withheld.names({name: "x"}) == frozenset()


def test_what_the_configuration_takes_a_secret_from_is_withheld_too() -> None:
    assert withheld.names({"HOME": "/root"}, ["DATABASE_URL"]) == {"DATABASE_URL"}


def test_a_value_is_masked_unless_it_may_be_an_everyday_word(monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []
    monkeypatch.setattr(masking, "register", masked.append)
    withheld.names({"GH_TOKEN": "0123456789", "MY_SECRET": "release", "TWINE_USERNAME": "a-long-user-name"})
    assert masked == ["0123456789"]


def test_a_user_name_is_withheld_and_not_masked_whatever_its_variable_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    masked: list[str] = []
    monkeypatch.setattr(masking, "register", masked.append)
    variables = {"PYPI_TOKEN_USER": "released", "PYPI_TOKEN": "0123456789"}
    assert withheld.names(variables, ["PYPI_TOKEN_USER"], ["PYPI_TOKEN_USER"]) == {*variables}
    assert masked == ["0123456789"]

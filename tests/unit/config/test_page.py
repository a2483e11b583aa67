"""Where the repository's page is."""

import pytest

from shipit.config import Forge, page
from shipit.errors import UsageError

SSH = "git@github.com:acme/tool.git"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (SSH, "acme/tool"),
        ("https://github.com/acme/tool", "acme/tool"),
        ("https://user:word@github.com/acme/tool.git/", "acme/tool"),
        ("ssh://git@github.com:22/acme/tool.git", "acme/tool"),
        ("https://example.com/acme/tool.git", None),
        ("/srv/git/tool.git", None),
        (None, None),
    ],
)
def test_the_address_of_the_remote_names_the_repository(url: str | None, expected: str | None) -> None:
    assert page.repository(Forge(), {}, lambda: url) == expected


def test_an_enterprise_server_is_looked_for_where_the_workflow_says() -> None:
    environment = {"GITHUB_SERVER_URL": "https://git.acme.example/"}
    assert page.server(environment) == "https://git.acme.example"
    assert page.repository(Forge(), environment, lambda: "git@git.acme.example:acme/tool.git") == "acme/tool"
    assert page.repository(Forge(), environment, lambda: SSH) is None


def test_the_configured_name_wins_and_the_remote_is_not_asked() -> None:
    assert page.repository(Forge(repository="a/b"), {}, lambda: pytest.fail("asked")) == "a/b"


def test_without_a_forge_there_is_no_page() -> None:
    assert page.repository(Forge(kind="none", repository="a/b"), {}, lambda: SSH) is None


def test_a_forge_that_must_be_there_is_missed() -> None:
    with pytest.raises(UsageError, match="repository is not known") as caught:
        page.repository(Forge(kind="github"), {}, lambda: None)
    assert caught.value.hint

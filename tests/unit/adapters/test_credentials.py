"""Credentials in a remote's address go to git by its environment, and nothing else does."""

import os

import pytest

from shipit.adapters.git.credentials import apart_from_urls, secrets_in

URL = "https://ada:p%40ss@git.example:8443/acme/tool.git"
CLEAN = "https://git.example:8443/acme/tool.git"


def settings(environment: dict[str, str]) -> list[tuple[str, str]]:
    """What git reads from its environment, in order."""
    numbers = range(int(environment.get("GIT_CONFIG_COUNT", 0)))
    return [(environment[f"GIT_CONFIG_KEY_{one}"], environment[f"GIT_CONFIG_VALUE_{one}"]) for one in numbers]


class TestSecrets:
    def test_a_password_is_secret_as_it_is_written_and_as_it_is_meant(self) -> None:
        assert secrets_in(URL) == ["p%40ss", "p@ss"]

    def test_a_password_without_escapes_is_told_once_however_many_addresses_have_it(self) -> None:
        assert secrets_in("https://ada:word@one.example/x", "https://bea:word@two.example/x") == ["word"]

    @pytest.mark.parametrize(
        "url", [CLEAN, "git@git.example:acme/tool.git", "/srv/tool.git", "https://ada@git.example/"]
    )
    def test_an_address_without_a_password_has_none(self, url: str) -> None:
        assert secrets_in(url) == []


class TestSettingThemAside:
    @pytest.mark.parametrize(
        "url", [CLEAN, "git@git.example:acme/tool.git", "ssh://ada:word@git.example/tool.git", "/srv/tool.git"]
    )
    def test_an_address_that_git_asks_no_helper_for_is_left_alone(self, url: str) -> None:
        assert apart_from_urls(url, environment={"GIT_CONFIG_COUNT": "2"}) == {}

    def test_git_uses_the_address_without_its_credentials(self) -> None:
        assert (f"url.{CLEAN}.insteadOf", URL) in settings(apart_from_urls(URL, environment={}))

    def test_no_helper_but_ours_is_asked_and_the_last_word_is_ours(self) -> None:
        helpers = [
            value
            for key, value in settings(apart_from_urls(URL, environment={}))
            if key == "credential.https://git.example:8443.helper"
        ]
        empty, ours = helpers  # the empty one makes git forget those of before
        assert empty == ""
        assert ours.startswith("!")
        assert '"$SHIPIT_REMOTE_USER_0" "$SHIPIT_REMOTE_PASSWORD_0"' in ours

    def test_the_helper_is_told_names_and_the_environment_what_they_mean(self) -> None:
        made = apart_from_urls(URL, environment={})
        assert (made["SHIPIT_REMOTE_USER_0"], made["SHIPIT_REMOTE_PASSWORD_0"]) == ("ada", "p@ss")
        assert [key for key, value in settings(made) if "p@ss" in value or "p%40ss" in value] == [
            f"url.{CLEAN}.insteadOf"
        ]

    def test_a_token_without_a_user_has_an_empty_one(self) -> None:
        made = apart_from_urls("https://:token@git.example/tool.git", environment={})
        assert (made["SHIPIT_REMOTE_USER_0"], made["SHIPIT_REMOTE_PASSWORD_0"]) == ("", "token")

    def test_what_others_say_by_the_environment_stays(self) -> None:
        made = apart_from_urls(URL, environment={"GIT_CONFIG_COUNT": "2"})
        assert made["GIT_CONFIG_COUNT"] == "5"
        assert not {"GIT_CONFIG_KEY_0", "GIT_CONFIG_KEY_1"} & {*made}
        assert {"GIT_CONFIG_KEY_2", "GIT_CONFIG_KEY_3", "GIT_CONFIG_KEY_4"} <= {*made}

    def test_the_address_for_pushes_has_credentials_of_its_own(self) -> None:
        made = apart_from_urls(URL, "https://bea:other@push.example/tool.git", environment={})
        assert (made["SHIPIT_REMOTE_USER_1"], made["SHIPIT_REMOTE_PASSWORD_1"]) == ("bea", "other")
        assert len(settings(made)) == 6

    def test_the_same_address_for_both_is_told_once(self) -> None:
        assert apart_from_urls(URL, URL, environment={}) == apart_from_urls(URL, environment={})

    def test_without_a_word_it_is_this_process_that_git_is_started_from(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(os.environ, "GIT_CONFIG_COUNT", "1")
        assert apart_from_urls(URL)["GIT_CONFIG_COUNT"] == "4"

"""What GitHub's refusals mean, without a socket."""

import httpx
import pytest

from shipit import masking
from shipit.adapters.github.client import GitHubClient, hint, is_rate_limit
from shipit.errors import UsageError


def refusal(status: int, message: str, **headers: str) -> httpx.Response:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, json={"message": message})


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal(401, "Bad credentials"), "forge.token"),
        (refusal(403, "Resource not accessible by integration"), "permissions: contents: write"),
        (refusal(403, "Resource not accessible by personal access token"), "widen the token"),
        (refusal(403, "Resource protected by organization SAML enforcement"), "single sign-on"),
        (refusal(403, "Must have admin rights"), "contents: write"),
        (refusal(404, "Not Found"), "forge.repository"),
    ],
)
def test_a_refusal_comes_with_what_a_person_can_do(answer: httpx.Response, words: str) -> None:
    assert words in (hint(answer) or "")


def test_a_refusal_that_speaks_for_itself_needs_no_hint() -> None:
    assert hint(refusal(422, "Validation Failed")) is None


@pytest.mark.parametrize(
    "answer",
    [
        refusal(429, "API rate limit exceeded"),
        refusal(403, "API rate limit exceeded for user", x_ratelimit_remaining="0"),
        refusal(403, "You have exceeded a secondary rate limit"),
        refusal(403, "slow down", retry_after="30"),
    ],
)
def test_too_fast_is_told_from_not_allowed(answer: httpx.Response) -> None:
    assert is_rate_limit(answer)


@pytest.mark.parametrize(
    "answer", [refusal(403, "Forbidden"), refusal(404, "Not Found"), refusal(200, "rate limit")]
)
def test_not_allowed_is_told_from_too_fast(answer: httpx.Response) -> None:
    assert not is_rate_limit(answer)


@pytest.mark.parametrize("token", ["tok\nen", "tökén", "to\x00ken"])
def test_a_token_that_cannot_stand_in_a_header_is_refused_without_being_shown(token: str) -> None:
    with pytest.raises(UsageError, match="characters that no token has") as mistake:
        GitHubClient("https://forge.invalid", "acme/widget", token)
    assert token not in str(mistake.value)


def test_a_token_is_masked_from_then_on() -> None:
    GitHubClient("https://forge.invalid", "acme/widget", "ghp_0123456789")
    assert masking.mask("token ghp_0123456789") == "token ***"
    masking.forget_all()

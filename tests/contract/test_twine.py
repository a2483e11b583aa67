"""What is known about an index over HTTP without asking it: addresses, credentials, twine's words."""

from pathlib import Path

import pytest

from shipit import masking
from shipit.adapters.pypi.index import TwineIndex
from shipit.adapters.pypi.reader import Reader
from shipit.adapters.pypi.twine import explain, shorten
from shipit.errors import Denied, ExternalError, Unavailable

PASSWORD = "sentinel-4711-password"


@pytest.fixture(autouse=True)
def _readable(monkeypatch: pytest.MonkeyPatch) -> None:
    """No question leaves: every index answers that it does not know the project."""
    monkeypatch.setattr(Reader, "page", lambda *_: None)


def test_the_public_addresses_are_the_ones_that_twine_knows() -> None:
    from twine import utils

    for kind, expected in (("pypi", utils.DEFAULT_REPOSITORY), ("testpypi", utils.TEST_REPOSITORY)):
        index = TwineIndex.public(kind, None, PASSWORD)  # type: ignore[arg-type]
        assert index.upload_url == expected
        assert index.simple_url.endswith("pypi.org/simple/")
        assert not index.problems("acme")


def test_a_public_index_without_credentials_is_a_problem() -> None:
    (problem,) = TwineIndex.public("pypi", None, None).problems("acme")
    assert problem.evidence == "neither password nor trusted publishing"
    assert "index.password" in problem.hint


def test_on_github_the_hint_is_the_permission_that_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    (problem,) = TwineIndex.public("pypi", None, None).problems("acme")
    assert "id-token: write" in problem.hint


def test_where_the_ci_proves_who_it_is_nothing_is_missing_and_nothing_is_passed_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("GITHUB_ACTIONS", "ACTIONS_ID_TOKEN_REQUEST_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_URL"):
        monkeypatch.setenv(name, "given")
    index = TwineIndex.public("testpypi", None, None)
    assert not index.problems("acme")
    assert (index._variables["TWINE_USERNAME"], index._variables["TWINE_PASSWORD"]) == (None, None)


def test_another_index_does_not_know_trusted_publishing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "given")
    monkeypatch.setenv("ACTIONS_ID_TOKEN_REQUEST_URL", "given")
    assert TwineIndex(upload_url="https://index.invalid/", simple_url="https://index.invalid/simple/").problems(
        "acme"
    )


def test_a_user_without_a_password_is_a_problem() -> None:
    (problem,) = TwineIndex(
        upload_url="https://index.invalid/", simple_url="https://index.invalid/simple/", username="me"
    ).problems("acme")
    assert problem.evidence == "a user name without a password"


def test_a_password_alone_is_an_api_token() -> None:
    index = TwineIndex(
        upload_url="https://index.invalid/",
        simple_url="https://index.invalid/simple/",
        username=None,
        password=PASSWORD,
    )
    assert index._variables["TWINE_USERNAME"] == "__token__"


def test_a_password_is_masked_from_the_start_and_never_shown() -> None:
    index = TwineIndex(
        upload_url="https://index.invalid/",
        simple_url="https://index.invalid/simple/",
        username="me",
        password=PASSWORD,
    )
    assert PASSWORD not in repr(index)
    assert PASSWORD not in masking.mask(f"it is {PASSWORD}")


@pytest.mark.parametrize(
    ("said", "kind", "evidence"),
    [
        ("HTTPError: 403 Forbidden from x\nInvalid or non-existent authentication", Denied, "authentication"),
        ("HTTPError: 400 Bad Request from x\nFile already exists", Denied, "already exists"),
        ("HTTPError: 409 Conflict from x", Denied, "409"),
        ("HTTPError: 429 Too Many Requests from x", Unavailable, "429"),
        ("HTTPError: 500 Internal Server Error from x", Unavailable, "500"),
        ("requests.exceptions.ConnectionError: refused", Unavailable, "refused"),
        (
            "Traceback (most recent call last):\n  File x\nrequests.exceptions.ReadTimeout: late",
            Unavailable,
            "late",
        ),
        ("InvalidDistribution: Unknown distribution format", Denied, "Unknown distribution"),
        ("TrustedPublishingFailure: The token request failed", Denied, "token request"),
        ("", Denied, ""),
    ],
)
def test_twines_words_become_trouble(said: str, kind: type[ExternalError], evidence: str) -> None:
    trouble = explain("index.invalid", "acme-1.0.0.tar.gz", said)
    assert type(trouble) is kind
    assert evidence in "\n".join(trouble.evidence)
    assert "Traceback" not in "\n".join(trouble.evidence)


def test_a_page_of_html_becomes_evidence_without_markup() -> None:
    said = "\x1b[34mINFO    \x1b[0m Response from x\n<style>a {b: c}</style><p>No &amp; never</p>\nHTTPError: 403 x"
    assert explain("i", "f", said).evidence == ("x", "No & never", "HTTPError: 403 x")


def test_only_the_lines_worth_following_are_said() -> None:
    lines: list[str] = []
    say = shorten(lines.append)
    for line in (
        "Uploading acme.whl",
        "\x1b[33mWARNING \x1b[0m Received",
        "<html>",
        "INFO    x",
        "Traceback (most",
    ):
        say(line)
    assert lines == ["Uploading acme.whl", "Received"]


def test_what_is_no_distribution_has_no_version(tmp_path: Path) -> None:
    from shipit.adapters.python import distribution

    for name in ("notes.txt", "a.whl", "a-1-py3.whl", "acme.tar.gz", "acme-x.y.tar.gz", ".acme-1.0.tar.gz.part"):
        assert distribution.parse(name) is None
    assert not distribution.is_of("acme-1.0.tar.gz", "acme", "not a version")

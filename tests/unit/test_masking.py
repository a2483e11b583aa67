"""No spelling of a secret leaves."""

import base64
import json
import random
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shipit.masking import MASK, forget_all, known_forms, mask, register

SECRET = 'hunter2/+ä€ "q\\x'
SECRETS = st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"]), min_size=4, max_size=40)


@pytest.mark.parametrize(
    "spelling",
    [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        quote_plus(SECRET),
        quote(SECRET, safe="!$&'()*+,;=\"").lower(),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET).replace("/", "\\/")[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        json.dumps(SECRET)
        .upper()
        .replace("\\U", "\\u")
        .replace("HUNTER", "hunter")
        .replace("Q\\\\X", "q\\\\x")[1:-1],
        repr(SECRET)[1:-1],
    ],
)
def test_every_spelling_is_masked(spelling: str) -> None:
    register(SECRET)
    assert mask(f"<{spelling}>") == f"<{MASK}>"


@pytest.mark.parametrize("before", ["", "u", "me", "user:", "__token__:", "x-access-token:"])
@pytest.mark.parametrize("after", ["", "x", "yz", ":more"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_masked_wherever_the_secret_stands_in_it(before: str, after: str, encode: object) -> None:
    assert callable(encode)
    register(SECRET)
    header = mask(encode(f"{before}{SECRET}{after}".encode()).decode())
    assert MASK in header
    rest = header.replace(MASK, "")
    assert len(rest) <= 4 * (len(before) // 3 + len(after) // 3 + 2)


def test_base64_inside_an_address_is_masked_too() -> None:
    register("~~~???>>>~~~???")
    assert "%2B" in quote(base64.b64encode(b"~~~???>>>~~~???").decode(), safe="")
    assert mask(quote(base64.b64encode(b"~~~???>>>~~~???").decode(), safe="")) == MASK


def test_each_line_of_a_secret_of_several_lines_is_masked() -> None:
    register("-----BEGIN KEY-----\nabcdefgh\nij\n-----END KEY-----\n")
    assert mask("abcdefgh") == MASK
    assert mask("> -----END KEY-----") == f"> {MASK}"
    assert mask("ij") == "ij"
    assert mask("-----BEGIN KEY-----\nabcdefgh\nij\n-----END KEY-----\n") == MASK
    assert mask(json.dumps("-----BEGIN KEY-----\nabcdefgh\nij\n-----END KEY-----\n")) == f'"{MASK}"'


def test_of_two_secrets_the_longer_is_masked_first() -> None:
    register("abcd")
    register("abcdefgh")
    assert mask("abcdefgh abcd") == f"{MASK} {MASK}"


def test_without_secrets_text_is_as_it_was() -> None:
    assert mask("anything") == "anything"


def test_an_empty_secret_masks_nothing() -> None:
    register("")
    assert mask("anything") == "anything"
    assert known_forms() == frozenset()


def test_a_short_secret_is_masked_as_it_is() -> None:
    register("ab")
    assert mask("xaby") == f"x{MASK}y"


def test_bytes_of_the_environment_that_are_not_utf8_can_be_a_secret() -> None:
    secret = b"caf\xe9-secret".decode("utf-8", "surrogateescape")
    register(secret)
    assert mask(secret) == MASK
    assert mask("caf%E9-secret") == MASK
    assert mask("caf%e9-secret") == MASK


def test_after_forgetting_nothing_is_masked() -> None:
    register("hunter2")
    forget_all()
    assert mask("hunter2") == "hunter2"
    assert known_forms() == frozenset()


def test_the_known_forms_are_what_github_needs_to_be_told() -> None:
    register("a b/c+d")
    assert {"a b/c+d", "a%20b%2Fc%2Bd", "a%20b/c%2Bd", "a+b%2Fc%2Bd"} <= known_forms()
    assert not any("\n" in form for form in known_forms())


@given(SECRETS, st.text(max_size=10), st.text(max_size=10), st.randoms(use_true_random=False))
def test_no_mixture_of_escapes_gets_through(secret: str, before: str, after: str, chance: random.Random) -> None:
    forget_all()
    register(secret)

    def escaped(character: str) -> str:
        percent = "".join(f"%{byte:02X}" for byte in character.encode())
        if character.isascii() and character.isalnum():
            return character
        return chance.choice([character, percent, percent.lower(), json.dumps(character)[1:-1]])

    spelled = "".join(map(escaped, secret))
    masked = mask(f"{before}\0{spelled}\0{after}")
    assert MASK in masked
    assert spelled not in masked


@given(SECRETS, st.binary(max_size=5), st.binary(max_size=5))
def test_no_base64_gets_through(secret: str, before: bytes, after: bytes) -> None:
    forget_all()
    register(secret)
    text = base64.b64encode(before + secret.encode() + after).decode()
    assert MASK in mask(text) or len(secret.encode()) < 4

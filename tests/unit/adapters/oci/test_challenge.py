"""The header in which a registry says how it wants to know who asks."""

import time

import pytest

from shipit.adapters.oci import challenge
from shipit.adapters.oci.challenge import Challenge

GITHUB = 'Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:acme/x:pull"'


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ([], ()),
        ([""], ()),
        (["="], ()),
        (
            [GITHUB],
            (
                Challenge(
                    scheme="bearer",
                    realm="https://ghcr.io/token",
                    service="ghcr.io",
                    scope="repository:acme/x:pull",
                ),
            ),
        ),
        (['BASIC Realm = "x"'], (Challenge(scheme="basic", realm="x"),)),
        (['Basic realm="a \\"b\\", Bearer realm=c"'], (Challenge(scheme="basic", realm='a "b", Bearer realm=c'),)),
        (
            ["Bearer realm=plain, error=insufficient_scope"],
            (Challenge(scheme="bearer", realm="plain", error="insufficient_scope"),),
        ),
        (["Negotiate"], (Challenge(scheme="negotiate"),)),
        (
            ['Negotiate, Basic realm="x", Bearer realm="y",service="z"'],
            (
                Challenge(scheme="negotiate"),
                Challenge(scheme="basic", realm="x"),
                Challenge(scheme="bearer", realm="y", service="z"),
            ),
        ),
        (
            ['Basic realm="x"', 'Bearer realm="y"'],
            (Challenge(scheme="basic", realm="x"), Challenge(scheme="bearer", realm="y")),
        ),
        (
            ['Bearer realm="x",scope="repository:a:pull,push repository:b:pull"'],
            (Challenge(scheme="bearer", realm="x", scope="repository:a:pull,push repository:b:pull"),),
        ),
        (['Bearer realm="'], (Challenge(scheme="bearer"),)),
    ],
)
def test_every_challenge_is_read(headers: list[str], read: tuple[Challenge, ...]) -> None:
    assert challenge.read(headers) == read


@pytest.mark.parametrize(
    "text", ['Bearer realm="' + "\\" * 60_000, "a" * 60_000, "a=" * 30_000, '="' * 30_000, "Bearer " + " " * 60_000]
)
def test_a_header_that_makes_no_sense_takes_no_time(text: str) -> None:
    began = time.process_time()
    challenge.read([text])
    assert time.process_time() - began < 2

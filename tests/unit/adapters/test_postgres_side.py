"""Names, programs and settings around a restored database, where no server is needed to tell."""

from pathlib import Path

import pytest

from shipit.adapters.postgres import side, surroundings, tools
from shipit.adapters.postgres.tools import Tools


def of(version: str) -> Tools:
    return Tools(dump=Path("/bin/pg_dump"), restore=Path("/bin/pg_restore"), version=version)


def test_a_name_says_whose_it_is() -> None:
    assert side.named("shop", "_kept_", "r1") == "shop_kept_r1"


@pytest.mark.parametrize("live", ["shop" * 30, "läden" * 20, "店" * 40])
def test_a_long_name_is_cut_so_that_the_run_stays(live: str) -> None:
    name = side.beside(live, "20240501T120000-abcd")
    assert len(name.encode()) <= 63
    assert name.endswith("_shipit_side_20240501T120000-abcd")
    assert live.startswith(name.partition("_shipit_side_")[0])


@pytest.mark.parametrize(
    ("version", "server", "what"),
    [
        ("15.18", 150018, ""),
        ("16.2", 150018, ""),
        ("18.6", 170000, ""),
        ("18beta1", 180000, ""),
        ("15.18", 180006, "pg_dump is older than the server"),
        ("17.1", 160001, "what this pg_dump writes cannot be restored into this server"),
    ],
)
def test_a_program_that_does_not_fit_is_named(version: str, server: int, what: str) -> None:
    assert [problem.what for problem in tools.problems(of(version), server)] == ([what] if what else [])


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("work_mem", "4MB", ["4MB"]),
        ("acme.list", "a, b", ["a, b"]),
        ("search_path", '"$user", public', ["$user", "public"]),
        ("search_path", '"a, ""b""",c', ['a, "b"', "c"]),
        ("search_path", "", [""]),
        ("Temp_Tablespaces", "x", ["x"]),
    ],
)
def test_a_setting_that_is_a_list_of_names_is_given_as_one(setting: str, value: str, expected: list[str]) -> None:
    assert [literal._obj for literal in surroundings._values(setting, value)] == expected


def test_what_differs_is_told_and_a_record_brings_back_the_same() -> None:
    one = surroundings.Surroundings(
        owner="ada",
        encoding="UTF8",
        tablespace="pg_default",
        locale={"LC_COLLATE": "C"},
        limit=-1,
        template=False,
        comment=None,
        rights=(("ada", "", "CONNECT", False),),
        settings=(),
    )
    record = {**one.as_record(), "rights": [["ada", "", "CONNECT", False]], "settings": []}
    assert surroundings.Surroundings.of_record(record) == one
    other = surroundings.Surroundings.of_record({**record, "owner": "bea", "rights": None})
    assert one.differences(other)[0] == "owner: ada is now bea"
    assert one.differences(one) == []

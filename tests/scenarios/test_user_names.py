"""A user name is no secret: masked, an everyday word would break whatever holds it, such as a version or a tag."""

import re
from pathlib import Path

import pytest

from tests.support.place import NO_FORGE, Stage
from tests.support.pypi import pypiserver

PASSWORD = "an-index-password-5f1c"
VALUE = re.compile(r"^([\w-]+)<<(\w+)\n(.*)\n\2\n", re.MULTILINE)


@pytest.mark.parametrize(
    ("variable", "name"), [("INDEX_USER", "ci"), ("INDEX_USER", "1.1"), ("PYPI_TOKEN_USER", "released")]
)
def test_the_user_name_of_the_index_breaks_no_value_of_github_s_outputs(
    theatre: Stage, tmp_path: Path, variable: str, name: str
) -> None:
    output = tmp_path / "output"
    with pypiserver(tmp_path / "packages", name, PASSWORD) as address:
        place = theatre.place(
            f"""
[tool.shipit.index]
kind = "url"
url = "{address.upload}"
simple = "{address.simple}"
username = "env:{variable}"
password = "env:INDEX_PASSWORD"
{NO_FORGE}""",
            work_in_hand=False,
        )
        place.env.update({variable: name, "INDEX_PASSWORD": PASSWORD})
        ran = place.shipit(
            "release", "--type", "minor", env={"GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": str(output)}
        ).ended(0)

    assert {key: value for key, _, value in VALUE.findall(output.read_text())} == {
        "released": "true",
        "version": "1.1.0",
        "tag": "v1.1.0",
    }
    assert "v1.1.0 is released and complete" in ran.said
    assert f"::add-mask::{name}\n" not in ran.said
    assert f"::add-mask::{PASSWORD}\n" in ran.said
    theatre.clear(place)

"""The picture in the README is drawn from the JSON lines of a run."""

from docs import picture

from shipit.engine.preview import Preview
from shipit.errors import Refused
from tests.unit.output.stage import Stage, checked, failure, looked, success


def recorded() -> list[str]:
    stage = Stage(json=True)
    stage.renderer.preview(
        Preview(
            title="Release acme 1.1.0",
            looked=looked(bad=True),
            checked=checked(bad=True),
            point_of_no_return="build",
        )
    )
    stage.show(*success(), *failure())
    stage.renderer.summary("v1.1.0 is out")
    stage.renderer.error(Refused("no", evidence=["because"], hint="do"))
    stage.renderer.close()
    return stage.stdout.getvalue().splitlines()


def test_the_same_lines_make_the_same_picture() -> None:
    svg = picture.draw(recorded(), "shipit release")
    assert svg == picture.draw(recorded(), "shipit release")
    assert svg.startswith("<svg")
    text = svg.replace("&#160;", " ")
    for words in ("✗ problem", "point of no return", "Build sdist and wheel", "v1.1.0 is out", "hint:"):
        assert words in text
    assert "→ 2/3" not in text  # nothing moves in a picture

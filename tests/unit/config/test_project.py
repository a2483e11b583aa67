"""A project is a repository or one of its packages."""

import pytest

from shipit.config import open_project
from shipit.errors import UsageError
from tests.unit.config.conftest import Tree

PACKAGES = '[packages.tool]\npath = "packages/tool/"\nname = "acme-tool"\n'


def test_a_repository_has_the_whole_configuration_and_no_folder(tree: Tree) -> None:
    project = open_project(tree.write("", PACKAGES).top)
    assert project.config is project.whole
    assert (project.name, project.package, project.folder) == ("acme", "", "")


def test_a_package_has_a_configuration_name_and_folder_of_its_own(tree: Tree) -> None:
    project = open_project(tree.write("", PACKAGES).top, "tool")
    assert (project.name, project.folder) == ("acme-tool", "packages/tool")
    assert project.config.version.tag_format == "tool-v{version}"
    assert project.whole.version.tag_format == "v{version}"


def test_one_leads_to_the_other(tree: Tree) -> None:
    project = open_project(tree.write("", PACKAGES).top)
    package = project.of("tool")
    assert package.of("tool") is package
    assert package.of("") == project


def test_the_key_of_the_first_version_is_its_own_where_one_is_set(tree: Tree) -> None:
    more = PACKAGES + '[packages."a.b"]\npath = "a"\ninitial = "1.0.0"\n'
    project = open_project(tree.write("", more).top)
    tool, own = project.of("tool"), project.of("a.b")
    assert (project.initial_key, project.initial_origin) == ("version.initial", "version.initial")
    assert (tool.initial_key, tool.initial_origin) == ("packages.tool.initial", "version.initial")
    assert (own.initial_key, own.initial_origin) == ('packages."a.b".initial', 'packages."a.b".initial')


def test_an_unknown_package_is_a_usage_error_once_its_configuration_is_needed(tree: Tree) -> None:
    project = open_project(tree.write("", PACKAGES).top, "other")
    with pytest.raises(UsageError, match="no package is named `other`"):
        project.config  # noqa: B018

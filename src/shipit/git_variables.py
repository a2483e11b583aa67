"""Variables that lead git to another repository than the one around the current folder, or change what it sees."""

from collections.abc import MutableMapping

OF_A_REPOSITORY = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"),
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_QUARANTINE_PATH", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS"),
    *("GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE", "GIT_REPLACE_REF_BASE", "GIT_NAMESPACE"),
    *("GIT_CEILING_DIRECTORIES", "GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_ATTR_SOURCE", "GIT_TEMPLATE_DIR"),
    *("GIT_DEFAULT_HASH", "GIT_DEFAULT_REF_FORMAT", "GIT_REFERENCE_BACKEND", "GIT_LFS_SKIP_SMUDGE"),
    *("GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
)
"""What git sets for its hooks and aliases, or a user for one repository: a child in another one would heed it."""
MEANT = ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG_PARAMETERS", "GIT_DISCOVERY_ACROSS_FILESYSTEM")
"""What a user may have set for the very repository that shipit is called in."""
MISLEADING = tuple(name for name in OF_A_REPOSITORY if name not in MEANT)


def forget(environment: MutableMapping[str, str]) -> None:
    """Take out what a hook of git or of another repository has set: the current folder alone says where we are."""
    for name in MISLEADING:
        environment.pop(name, None)

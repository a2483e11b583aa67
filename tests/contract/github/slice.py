"""Cut the operations that shipit uses out of GitHub's full OpenAPI description.

    npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-*.tgz
    cd tests/contract/github && python slice.py …/package/generated/api.github.com.json > github.json

Components that no kept operation refers to are left out, and so is prose: descriptions, examples, `x-` keys.
Every rule that a request or an answer can break stays as it is, but one: a list of words that may be null holds
null, too. OpenAPI 3.0 refuses null there, though the description says `nullable` and GitHub sends it.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

OPERATIONS = (
    "repos/get",
    "repos/get-branch",
    "repos/get-branch-protection",
    "repos/update-branch-protection",
    "repos/get-branch-rules",
    "repos/get-repo-rulesets",
    "repos/get-repo-ruleset",
    "repos/create-repo-ruleset",
    "repos/update-repo-ruleset",
    "repos/get-content",
    "apps/get-by-slug",
    "teams/get-by-name",
    "users/get-by-username",
    "apps/list-repos-accessible-to-installation",
    "users/get-authenticated",
    "repos/list-releases",
    "repos/get-release-by-tag",
    "repos/get-latest-release",
    "repos/get-release",
    "repos/create-release",
    "repos/update-release",
    "repos/list-release-assets",
    "repos/upload-release-asset",
    "repos/get-release-asset",
    "repos/delete-release-asset",
    "checks/list-for-ref",
    "repos/get-combined-status-for-ref",
    "pulls/list",
    "pulls/get",
    "pulls/create",
    "pulls/update",
    "actions/get-workflow",
    "actions/list-workflow-runs",
    "actions/create-workflow-dispatch",
    "repos/list-deployments",
    "repos/create-deployment",
    "repos/list-deployment-statuses",
    "repos/create-deployment-status",
    "code-scanning/upload-sarif",
    "code-scanning/get-sarif",
    "issues/list-comments",
    "issues/create-comment",
    "issues/update-comment",
    "issues/delete-comment",
)

METHODS = ("get", "head", "post", "put", "patch", "delete")
PROSE = frozenset({"description", "summary", "example", "examples", "externalDocs", "tags", "title"})
IGNORED = frozenset({"servers"})  # uploads go to another host; the stand-in has one
NAMED = frozenset({"properties", "schemas", "parameters", "responses", "headers", "paths"})


def cut(full: Mapping[str, Any], operations: Iterable[str]) -> dict[str, Any]:
    """A description of these operations with only the components they need; KeyError for an unknown one."""
    wanted = set(operations)
    paths: dict[str, Any] = {}
    for path, item in full["paths"].items():
        kept = {method: item[method] for method in METHODS if item.get(method, {}).get("operationId") in wanted}
        if kept:
            paths[path] = {method: _operation(operation) for method, operation in kept.items()}
            wanted -= {operation["operationId"] for operation in kept.values()}
    if wanted:
        raise KeyError(f"no such operations: {', '.join(sorted(wanted))}")
    info = {"title": full["info"]["title"], "version": full["info"]["version"]}
    return {"openapi": full["openapi"], "info": info, "paths": paths, "components": _components(full, paths)}


def _operation(full: Mapping[str, Any]) -> dict[str, Any]:
    operation = _without_prose(full)
    return {**operation, "responses": _with_descriptions(operation["responses"])}


def _components(full: Mapping[str, Any], paths: object) -> dict[str, Any]:
    """Everything that the paths refer to, directly or through other components."""
    components: dict[str, Any] = {}
    waiting = list(_references(paths))
    while waiting:
        kind, name = waiting.pop().removeprefix("#/components/").split("/", 1)
        if name not in components.setdefault(kind, {}):
            components[kind][name] = _without_prose(full["components"][kind][name])
            waiting += _references(components[kind][name])
    components["responses"] = _with_descriptions(components.get("responses", {}))
    return {kind: dict(sorted(members.items())) for kind, members in sorted(components.items())}


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _without_prose(node: Any, *, names: bool = False) -> Any:
    """`names`: the keys of this object are names somebody chose (a field called `title`), not keywords."""
    if isinstance(node, list):
        return [_without_prose(value) for value in node]
    if not isinstance(node, dict):
        return node
    if node.get("nullable") is True and isinstance(node.get("enum"), list) and None not in node["enum"]:
        node = {**node, "enum": [*node["enum"], None]}
    return {
        key: _without_prose(value, names=not names and key in NAMED and isinstance(value, dict))
        for key, value in node.items()
        if names or not (key in PROSE or key in IGNORED or key.startswith("x-"))
    }


def _with_descriptions(responses: Mapping[str, Any]) -> dict[str, Any]:
    """The one piece of prose that OpenAPI requires."""
    return {name: value if "$ref" in value else {"description": "", **value} for name, value in responses.items()}


def main() -> None:
    full = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    json.dump(cut(full, OPERATIONS), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

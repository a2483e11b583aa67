#!/usr/bin/env bash
# GitHub's OpenAPI description 23.0.2 (npm @octokit/openapi) marks 150 lists of words as nullable; 71 of them leave null
# out of the list, among them the conclusion of a check run and of a job, which is null as long as it runs.
# Seen: OpenAPI 3.0 lets nullable widen the type, not the list, so openapi-schema-validator 0.9.0 and Ajv 8.17.1 both
# refuse {"conclusion": null}, which GitHub sends of every run in progress. A gate that validates answers stays green until
# it meets a job that has not ended. Where null is in the list, as in 79 others, both let it pass.
# Fails if this changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet openapi-schema-validator==0.9.0 2>/dev/null
npm install --silent --no-audit --no-fund --prefix . @octokit/openapi@23.0.2 ajv@8.17.1 >/dev/null

cat >look.py <<'PYTHON'
import json
from pathlib import Path

from openapi_schema_validator import OAS30Validator

full = json.loads(Path("node_modules/@octokit/openapi/generated/api.github.com.json").read_text())
lists = []


def walk(node):
    if isinstance(node, dict):
        if node.get("nullable") is True and isinstance(node.get("enum"), list):
            lists.append(node)
        for value in node.values():
            walk(value)
    elif isinstance(node, list):
        for value in node:
            walk(value)


walk(full)
print(len(lists), "nullable lists,", sum(None not in one["enum"] for one in lists), "without null")
schemas = full["components"]["schemas"]
words = {name: schemas[name]["properties"]["conclusion"] for name in ("check-run", "job")}
words["with null"] = {**words["job"], "enum": [*words["job"]["enum"], None]}
kept = {name: {key: one[key] for key in ("type", "nullable", "enum")} for name, one in words.items()}
Path("words.json").write_text(json.dumps(kept))
for name, schema in kept.items():
    print("openapi-schema-validator:", name, [error.message[:26] for error in OAS30Validator(schema).iter_errors(None)])
PYTHON
cat >look.js <<'NODE'
const Ajv = require("ajv");
for (const [name, schema] of Object.entries(require("./words.json"))) {
  const validate = new Ajv().compile(schema);
  console.log("ajv:", name, validate(null) ? "passes" : validate.errors[0].keyword);
}
NODE
venv/bin/python look.py | tee seen
node look.js | tee -a seen
diff seen - <<'EXPECTED'
150 nullable lists, 71 without null
openapi-schema-validator: check-run ["None is not one of ['succe"]
openapi-schema-validator: job ["None is not one of ['succe"]
openapi-schema-validator: with null []
ajv: check-run enum
ajv: job enum
ajv: with null passes
EXPECTED
echo "as described"

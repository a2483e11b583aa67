"""Cut the operations that shipit, and the vendor's own command line, use out of Vercel's full OpenAPI description.

    npm pack @vercel/sdk@1.19.11 && tar xzf vercel-sdk-*.tgz
    python -m tests.contract.vercel.slice …/package/vercel-spec.json > tests/contract/vercel/vercel.json

Later packages have no description in them. What is left out is what tests/contract/github/slice.py leaves out.
"""

import json
import sys
from pathlib import Path

from tests.contract.github.slice import cut

OPERATIONS = (
    "uploadFile",
    "createDeployment",
    "getDeployment",
    "getDeployments",
    "deleteDeployment",
    "listDeploymentAliases",
    "getProject",
    "getProjectDomains",
    "listAliases",
    "requestPromote",
    "requestRollback",
    "listPromoteAliases",
    "getTeam",
    "getTeams",
    "getAuthUser",
)


def main() -> None:
    full = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    json.dump(cut(full, OPERATIONS), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()

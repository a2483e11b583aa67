#!/usr/bin/env bash
# In SARIF a column counts characters as `columnKind` says, and UTF-16 code units without it. bandit 1.9.4 and
# zizmor 1.32.0 count bytes of UTF-8, ruff 0.17.6 counts characters, and none of them writes `columnKind`: of two findings
# in one line, whose text before them has an accent, the one is marked beside what it is about in a viewer that keeps to
# the format. Seen: after six accented letters bandit is six columns further to the right than ruff, which is right.
# Fails if this changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet 'bandit[sarif]==1.9.4' ruff==0.17.6 zizmor==1.32.0 2>/dev/null
cd "$work"
printf 'NAMES = {"éééééé": eval("1")}\n' >accents.py
printf 'NAMES = {"eeeeee": eval("1")}\n' >plain.py
mkdir -p .github/workflows
for name in accents plain; do
  letters=$([ $name = accents ] && echo éééééé || echo eeeeee)
  printf 'on: push\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - {name: %s, uses: actions/checkout@v7}\n' \
    "$letters" >.github/workflows/$name.yml
done

column() { # RULE FILE < SARIF: where the first such finding of this file begins, and the run's columnKind
  python3 -c '
import json, sys
[run] = json.load(sys.stdin)["runs"]
places = [(one["locations"][0]["physicalLocation"]) for one in run["results"] if one["ruleId"] == sys.argv[1]]
[at] = [one["region"]["startColumn"] for one in places if one["artifactLocation"]["uri"].endswith(sys.argv[2])][:1]
print(at, run.get("columnKind"))' "$1" "$2"
}
bandit() { "$work/venv/bin/bandit" -q --format sarif "$1.py" 2>/dev/null | column B307 "$1.py"; }
ruff() { "$work/venv/bin/ruff" check --quiet --isolated --select S307 --output-format sarif "$1.py" | column S307 "$1.py"; }
zizmor() {
  "$work/venv/bin/zizmor" --offline --no-config --quiet --format sarif . 2>/dev/null |
    column zizmor/unpinned-uses "$1.yml"
}
for tool in bandit ruff zizmor; do
  plain=$($tool plain || true) accents=$($tool accents || true)
  printf '%-7s plain %-10s accents %s\n' $tool "$plain" "$accents"
  [ "${plain#* } ${accents#* }" = "None None" ]
  case $tool in
    ruff) [ "${accents% *}" = "${plain% *}" ] ;;
    *) [ "${accents% *}" = $((${plain% *} + 6)) ] ;;
  esac
done
echo "as described"

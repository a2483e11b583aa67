#!/usr/bin/env bash
# hatch-vcs 0.5.0 (setuptools-scm 10.3.4) and pdm-backend 2.5.0 take the version from the nearest tag, also where it is
# another package's or none at all. Seen, in a project tagged v1.0.0 whose next commit carries the tag named here:
#   other-v7.0.0         hatch-vcs builds 7.0.0   pdm-backend builds 7.0.0           uv-dynamic-versioning 1.0.0.post1…
#   nightly-2026-01-15   hatch-vcs builds 15      pdm-backend builds 1.0.1.dev1+g…   uv-dynamic-versioning 1.0.0.post1…
# A repository of several packages, or one with nightly tags, publishes numbers that nobody chose. Fails if it changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet build==1.6.1 hatchling==1.33.0 hatch-vcs==0.5.0 setuptools-scm==10.3.4 \
  pdm-backend==2.5.0 uv-dynamic-versioning==0.14.1 dunamai==1.26.5 2>/dev/null
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Someone GIT_AUTHOR_EMAIL=someone@example.org
export GIT_COMMITTER_NAME=Someone GIT_COMMITTER_EMAIL=someone@example.org

project() { # NAME BACKEND REQUIREMENTS SETTINGS
  mkdir -p "$work/$1/demo"
  touch "$work/$1/demo/__init__.py"
  printf '[build-system]\nrequires = [%s]\nbuild-backend = "%s"\n[project]\nname = "demo"\ndynamic = ["version"]\n%s\n' \
    "$3" "$2" "$4" >"$work/$1/pyproject.toml"
}
project hatch hatchling.build '"hatchling", "hatch-vcs"' '[tool.hatch.version]
source = "vcs"'
project pdm pdm.backend '"pdm-backend"' '[tool.pdm.version]
source = "scm"'
project uv hatchling.build '"hatchling", "uv-dynamic-versioning"' '[tool.hatch.version]
source = "uv-dynamic-versioning"'

built() { # NAME TAG: the version of the wheel
  cd "$work/$1"
  rm -rf .git
  git init --quiet .
  git add pyproject.toml demo
  git commit --quiet --message start
  git tag v1.0.0
  git commit --quiet --allow-empty --message next
  git tag "$2"
  "$work/venv/bin/python" -m build --wheel --no-isolation --outdir "$work/out" . >"$work/log" 2>&1
  (cd "$work/out" && echo demo-*.whl | cut -d- -f2)
  rm -rf "$work/out"
}
for tag in other-v7.0.0 nightly-2026-01-15; do
  hatch=$(built hatch "$tag") pdm=$(built pdm "$tag") uv=$(built uv "$tag")
  printf '%-20s hatch-vcs %-10s pdm-backend %-24s uv-dynamic-versioning %s\n' "$tag" "$hatch" "$pdm" "$uv"
  [[ $uv == 1.0.0.post1* ]]
  case $tag in
    other*) [ "$hatch" = 7.0.0 ] && [ "$pdm" = 7.0.0 ] ;;
    *) [ "$hatch" = 15 ] && [[ $pdm == 1.0.1.dev1+g* ]] ;;
  esac
done
echo "as described"

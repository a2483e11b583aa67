#!/usr/bin/env bash
# hatch-vcs 0.5.0 reads its version through setuptools-scm 10.3.4, but not the variable that setuptools-scm recommends.
# Seen, with a checkout that is tagged v1.0.0: SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO=3.0.0 makes setuptools build
# 3.0.0 and hatch-vcs 1.0.0; only SETUPTOOLS_SCM_PRETEND_VERSION=3.0.0, which names no project, makes both build 3.0.0.
# Who sets it for hatch-vcs gives that version also to every dependency that is built from source meanwhile.
# Fails if this changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet build==1.6.1 setuptools==80.9.0 setuptools-scm==10.3.4 hatchling==1.33.0 \
  hatch-vcs==0.5.0 2>/dev/null
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Someone GIT_AUTHOR_EMAIL=someone@example.org
export GIT_COMMITTER_NAME=Someone GIT_COMMITTER_EMAIL=someone@example.org
unset SETUPTOOLS_SCM_PRETEND_VERSION

project() { # NAME BACKEND REQUIREMENTS SETTINGS
  mkdir -p "$work/$1/demo"
  touch "$work/$1/demo/__init__.py"
  printf '[build-system]\nrequires = [%s]\nbuild-backend = "%s"\n[project]\nname = "demo"\ndynamic = ["version"]\n%s\n' \
    "$3" "$2" "$4" >"$work/$1/pyproject.toml"
  cd "$work/$1"
  git init --quiet .
  git add pyproject.toml demo
  git commit --quiet --message start
  git tag v1.0.0
}
project setuptools setuptools.build_meta '"setuptools", "setuptools-scm"' '[tool.setuptools_scm]'
project hatch hatchling.build '"hatchling", "hatch-vcs"' '[tool.hatch.version]
source = "vcs"'

built() { # NAME VARIABLE: the version of the wheel
  cd "$work/$1"
  env "$2=3.0.0" "$work/venv/bin/python" -m build --wheel --no-isolation --outdir "$work/out" . >"$work/log" 2>&1
  (cd "$work/out" && echo demo-*.whl | cut -d- -f2)
  rm -rf "$work/out" build
}
for variable in SETUPTOOLS_SCM_PRETEND_VERSION_FOR_DEMO SETUPTOOLS_SCM_PRETEND_VERSION; do
  setuptools=$(built setuptools "$variable") hatch=$(built hatch "$variable")
  printf '%-40s setuptools-scm %s   hatch-vcs %s\n' "$variable" "$setuptools" "$hatch"
  [ "$setuptools" = 3.0.0 ]
  case $variable in
    *_FOR_DEMO) [ "$hatch" = 1.0.0 ] ;;
    *) [ "$hatch" = 3.0.0 ] ;;
  esac
done
echo "as described"

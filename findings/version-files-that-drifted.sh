#!/usr/bin/env bash
# The same configuration mistake, three answers: one listed version file says 0.9.0 beside 1.0.0, another is gone.
# Seen, releasing 1.0.1:
#   commitizen 4.19.3              ends with 0, commits and tags; the drifted file stays at 0.9.0, the missing one is
#                                  not mentioned
#   python-semantic-release 10.7.0 ends with 1 because of the missing file, but has already written 1.0.1 into the
#                                  files listed before it, the drifted one included; nothing is committed
#   bump-my-version 1.8.1          ends with 2 at the drifted file, and has changed nothing
# A wheel built after the first one has a stale __version__; a second try after the second one starts from a dirty
# work tree. Fails if it changes.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet commitizen==4.19.3 python-semantic-release==10.7.0 bump-my-version==1.8.1 2>/dev/null
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=Someone GIT_AUTHOR_EMAIL=someone@example.org
export GIT_COMMITTER_NAME=Someone GIT_COMMITTER_EMAIL=someone@example.org

lay_out() { # SETTINGS
  rm -rf "$work/project"
  mkdir "$work/project"
  cd "$work/project"
  git init --quiet --initial-branch=main .
  git remote add origin https://example.org/someone/demo.git
  printf '[project]\nname = "demo"\nversion = "1.0.0"\n%s\n' "$1" >pyproject.toml
  echo '__version__ = "0.9.0"' >drifted.py
  echo '__version__ = "1.0.0"' >right.py
  git add .
  git commit --quiet --message "feat: start"
  git tag v1.0.0
  git commit --quiet --allow-empty --message "fix: next"
}
seen() { # NAME CODE: what the files say, and whether there is a tag
  drifted=$(grep -o '[0-9.]*[0-9]' drifted.py) right=$(grep -o '[0-9.]*[0-9]' right.py)
  tags=$(git tag --list v1.0.1 | wc -l)
  echo "$1 ended with $2: drifted.py $drifted, right.py $right, tags of 1.0.1: $tags"
  result="$2 $drifted $right $tags"
}

lay_out '[tool.commitizen]
version = "1.0.0"
tag_format = "v$version"
version_files = ["drifted.py:__version__", "right.py:__version__", "gone.py"]'
code=0
"$work/venv/bin/cz" bump --yes >"$work/log" 2>&1 || code=$?
seen commitizen "$code"
[ "$result" = "0 0.9.0 1.0.1 1" ]

lay_out '[tool.semantic_release]
version_variables = ["drifted.py:__version__", "right.py:__version__", "gone.py:__version__"]'
code=0
"$work/venv/bin/semantic-release" version --no-push --no-vcs-release --no-changelog >"$work/log" 2>&1 || code=$?
seen python-semantic-release "$code"
[ "$result" = "1 1.0.1 1.0.1 0" ]

lay_out '[tool.bumpversion]
current_version = "1.0.0"
commit = true
tag = true
files = [{ filename = "drifted.py" }, { filename = "right.py" }, { filename = "gone.py" }]'
code=0
"$work/venv/bin/bump-my-version" bump patch >"$work/log" 2>&1 || code=$?
seen bump-my-version "$code"
[ "$result" = "2 0.9.0 1.0.0 0" ]
echo "as described"

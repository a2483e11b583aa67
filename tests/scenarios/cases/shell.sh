# What commits.sh and the lines of expected.txt can call. Every date and id is the same on every machine.

export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.com GIT_COMMITTER_NAME=Ann GIT_COMMITTER_EMAIL=ann@example.com

shipit() { "$PYTHON" -m shipit "$@"; }

# c "message", or c < file: an empty commit (or one of what `file` has staged) with exactly these bytes as message
c() {
  _later
  { if (($#)); then printf '%s' "$1"; else cat; fi; } |
    git commit --quiet --allow-empty --allow-empty-message --cleanup=verbatim --file=-
  _numbered
}

# raw < file: like c, for messages that `git commit` would repair
raw() {
  _later
  local parent
  parent=$(git rev-parse --quiet --verify HEAD || true)
  git update-ref HEAD "$({
    printf 'tree %s\n' "$(git write-tree)"
    if [[ $parent ]]; then printf 'parent %s\n' "$parent"; fi
    printf 'author Ann <ann@example.com> %s\ncommitter Ann <ann@example.com> %s\n\n' "$GIT_AUTHOR_DATE" "$GIT_AUTHOR_DATE"
    cat
  } | git hash-object -t commit -w --stdin)"
  _numbered
}

# undo REV ["title"]: what `git revert` writes; another title if one is given
undo() {
  c "${2-Revert \"$(git log -1 --format=%s "$1")\"}"$'\n\n'"This reverts commit $(sha "$1")."$'\n'
}

# merge BRANCH ["message"]: a merge commit, also where git would only move the branch
merge() {
  _later
  git merge --quiet --no-ff --no-edit ${2+-m "$2"} "$1"
  _numbered
}

branch() { git switch --quiet --create "$@"; }           # branch NAME [START]: make it and stand on it
on() { git switch --quiet "$1"; }                         # on BRANCH
tag() { _later; git tag --annotate --message "$1" "$@"; } # tag NAME [WHAT]: annotated
light() { git tag "$@"; }                                 # light NAME [WHAT]: a lightweight tag
sha() { git rev-parse "$1"; }                             # sha REV: the full id
push() { git push --quiet "$@" origin --all; git push --quiet origin --tags; } # everything to $REMOTE

# file PATH: standard input becomes the file, and goes into the next commit
file() {
  mkdir -p "$(dirname "$1")"
  cat > "$1"
  git add -- "$1"
}

_later() {
  local now
  read -r now < "$CLOCK"
  printf '%s\n' $((now + 60)) > "$CLOCK"
  export GIT_AUTHOR_DATE="$now +0000" GIT_COMMITTER_DATE="$now +0000"
}

_numbered() { git rev-parse HEAD >> "$COMMITS"; }

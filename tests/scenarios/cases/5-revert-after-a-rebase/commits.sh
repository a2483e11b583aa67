c "feat: start"
tag v1.0.0
c "feat: y"
git reset --quiet --hard HEAD~1
c "docs: before"
c "feat: y"
undo "$(sed -n 2p "$COMMITS")"

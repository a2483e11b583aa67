c "feat: start"
tag v1.0.0
c "feat: a"
tag v1.1.0
git reset --quiet --hard v1.0.0
c "docs: first"
c "feat: a"

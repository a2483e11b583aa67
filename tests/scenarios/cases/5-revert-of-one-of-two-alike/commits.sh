c "feat: start"
tag v1.0.0
c "fix: typo"
c "docs: between"
c "fix: typo"
undo HEAD~2

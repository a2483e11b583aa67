c "feat: start"
tag v1.0.0
c "feat: y"
tag v1.1.0
undo HEAD

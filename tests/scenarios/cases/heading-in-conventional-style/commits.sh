c "feat: start"
tag v1.0.0
c "feat: y"

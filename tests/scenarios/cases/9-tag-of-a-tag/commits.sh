c "feat: start"
tag v0.9.0
tag v1.0.0 v0.9.0
c "feat: a"

c "feat: start"
tag v9.0.0
tag pkg/1.0.0
c "feat: a"

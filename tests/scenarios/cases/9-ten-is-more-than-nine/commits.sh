c "feat: start"
tag v1.9.0
c "feat: a"
tag v1.10.0
c "fix: b"

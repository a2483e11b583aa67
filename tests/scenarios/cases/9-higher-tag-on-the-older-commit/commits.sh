c "feat: start"
tag v1.10.0
c "fix: a"
tag v1.9.1
c "fix: b"

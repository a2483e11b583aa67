c "feat: start"
tag v1.0.0
c "feat: a"
tag v1.1.0-alpha.9
tag v1.1.0-alpha.10
c "fix: b"

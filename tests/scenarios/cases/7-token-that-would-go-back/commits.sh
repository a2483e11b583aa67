c "feat: start"
tag v1.0.0
c "feat: a"
tag v1.1.0-rc.1
c "fix: b"

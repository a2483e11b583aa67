c "feat: start"
light v1.0.0
c "feat: a"
light v1.1.0
c "fix: b"

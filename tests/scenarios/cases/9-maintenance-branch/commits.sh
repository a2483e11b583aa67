c "feat: start"
tag v1.0.0
c "feat!: a"
tag v2.0.0
branch 1.x v1.0.0
c "fix: b"

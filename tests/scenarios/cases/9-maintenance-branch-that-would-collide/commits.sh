c "feat: start"
tag v1.0.0
c "feat: a"
tag v1.1.0
branch 1.0.x v1.0.0
c "feat: b"

c "chore: begin"
tag v1.0.0
c "feat: a"
tag v1.1.0-beta.1

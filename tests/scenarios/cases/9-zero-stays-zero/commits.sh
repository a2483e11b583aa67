c "feat: start"
tag v0.4.0
c "feat!: a"

c "feat: start"
tag v1.2.0
branch v1.x
c "feat: fits"

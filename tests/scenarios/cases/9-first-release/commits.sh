c "chore: start"
c "feat: a"

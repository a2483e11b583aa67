c "feat: start"
tag v1.0.0
{
  printf 'feat: many footers\n\n'
  head -4000 < <(yes "Some-Token: value")
  echo "BREAKING CHANGE: at the very end"
} > ../message
c < ../message

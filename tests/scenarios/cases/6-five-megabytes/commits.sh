c "feat: start"
tag v1.0.0
{
  echo "feat: large"
  echo
  head -c 5000000 < <(yes "some words of prose, and more of them")
  printf '\n\nRefs: #4\n'
} > ../message
c < ../message
c "fix: z"

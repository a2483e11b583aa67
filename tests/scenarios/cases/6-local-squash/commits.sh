c "feat: start"
tag v1.0.0
branch topic
c "feat: form"
c "fix: typo"
on main
c "$(printf 'Squashed commit of the following:\n\n'; git log --format=medium main..topic)"

c "feat: start"
tag v1.0.0
branch topic
c "feat: form"
on main
c "$(printf 'Squashed commit of the following:\n\n'; git log --format=medium main..topic)"
undo HEAD
c "fix: z"

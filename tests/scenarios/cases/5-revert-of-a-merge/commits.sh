c "feat: start"
tag v1.0.0
branch topic
c "feat: y"
c "fix: of y"
on main
merge topic
undo HEAD
c "fix: z"

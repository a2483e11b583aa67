c "feat: start"
tag v1.0.0
c "fix: x"
branch side HEAD~1
c "fix: x

(cherry picked from commit $(sha main))"
on main
merge side

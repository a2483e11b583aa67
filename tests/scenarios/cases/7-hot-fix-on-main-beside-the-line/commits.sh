c "feat: start"
tag v1.0.0
branch develop
c "feat: a"
tag v1.1.0-rc.1
on main
c "fix: urgent"

c "feat: start"
tag v1.0.0
branch develop
c "feat: a"
tag v1.1.0-rc.1
c "fix: b"
tag v1.1.0-rc.2
on main
c "fix: urgent"
tag v1.0.1
on develop
merge main

c "feat: start"
tag v1.0.0
branch inner
c "feat: form"
on main
branch outer
merge inner
on main
merge outer

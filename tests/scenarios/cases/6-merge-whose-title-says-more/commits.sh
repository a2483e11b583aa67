c "feat: start"
tag v1.0.0
branch topic
c "wip"
c "more of it"
on main
merge topic "Merge pull request #3 from ann/topic

feat!: another form"

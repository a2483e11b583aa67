c "feat: start"
tag v1.0.0
branch topic
c "feat: form"
c "fix: typo"
on main
merge topic "Merge pull request #3 from ann/topic

feat: form"

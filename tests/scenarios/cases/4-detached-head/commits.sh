c "feat: start"
tag v1.0.0
c "feat: say it louder"
push
git switch --quiet --detach HEAD~1
c "fix: off the road"

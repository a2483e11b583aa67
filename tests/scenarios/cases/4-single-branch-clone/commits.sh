c "feat: start"
tag v1.0.0
branch develop
c "feat: say it louder"
on main
c "fix: elsewhere"
push
git clone --quiet --single-branch --branch=develop "file://$REMOTE" ../clone

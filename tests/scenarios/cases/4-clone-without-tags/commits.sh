c "feat: start"
tag v1.0.0
c "feat: say it louder"
push
git clone --quiet --no-tags "file://$REMOTE" ../clone

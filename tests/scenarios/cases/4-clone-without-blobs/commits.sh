c "feat: start"
tag v1.0.0
c "feat: say it louder"
push
git -C "$REMOTE" config uploadpack.allowFilter true
git clone --quiet --filter=blob:none "file://$REMOTE" ../clone

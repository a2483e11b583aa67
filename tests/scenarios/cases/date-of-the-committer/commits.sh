c "feat: start"
tag v1.0.0
file a.txt <<< a
git add a.txt
git commit --quiet --date=2020-02-02T00:00:00Z --message="feat: written long ago"
tag v1.1.0

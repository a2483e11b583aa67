c "feat: start"
tag v1.0.0
c "feature: a"
c "feat:no space"
c "feat : b"
c "fixup! feat: c"
c "http://fix: d"
c "fix(): e"

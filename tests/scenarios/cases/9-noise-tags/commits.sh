c "feat: start"
tag v1.0.0
c "feat: a"
for name in v1.1 release-5 pkg-v2.0.0 3.0.0 v4 vv5.0.0 v6.0.0.0 v07.0.0 nightly v8.0.0-; do tag $name; done
c "fix: b"

c "feat: start"
tag v1.0.0
c "feat: a"
for name in v1.0 release-5 pkg-v2.0.0 v4 vv5.0.0 2026.01.15 v1.2.0-abc nightly v8.0.0-; do tag $name; done
c "fix: b"

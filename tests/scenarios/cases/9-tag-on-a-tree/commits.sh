c "feat: start"
tag v1.0.0
c "feat: a"
light v1.1.0 "HEAD^{tree}"
tag v3.0.0 "HEAD^{tree}"

c "feat: start"
tag v1.0.0
c "feat(a): use foo(b): bar"
c "fix(a(b)): no header"

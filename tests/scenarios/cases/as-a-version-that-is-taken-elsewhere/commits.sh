c "feat: start"
tag v1.0.0
branch other
c "feat: there"
tag v1.1.0
on main
c "docs: here"

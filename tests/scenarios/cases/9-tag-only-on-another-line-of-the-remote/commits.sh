file pyproject.toml << END
[project]
name = "tool"
version = "1.0.0"
END
c "feat: start"
tag v1.0.0
branch side
c "feat: a"
tag v1.1.0
on main
c "fix: b"
push
git tag --delete v1.1.0

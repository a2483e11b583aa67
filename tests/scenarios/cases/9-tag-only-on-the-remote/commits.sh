file pyproject.toml << END
[project]
name = "tool"
version = "1.0.0"
END
c "feat: start"
tag v1.0.0
c "feat: a"
tag v1.1.0
push
git tag --delete v1.1.0
c "fix: b"
push

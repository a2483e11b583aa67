file pyproject.toml << END
[project]
name = "tool"
version = "1.0.0"
END
c "feat: start"
tag v1.0.0
c "feat: a"
shipit version bump --pre rc
git add pyproject.toml
c "chore(release): v1.1.0-rc.1"
tag v1.1.0-rc.1

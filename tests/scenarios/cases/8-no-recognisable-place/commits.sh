file pyproject.toml << 'END'
[project]
name = "tool"
version = "1.0.0"
END
file CHANGELOG.md << 'END'
# Changelog

## Policy

Be kind.

## Thanks
END
c "feat: start"
tag v1.0.0
c "feat: say it louder"
push

file CHANGELOG.md << 'END'
# Changelog

## [Unreleased]

- by hand

## [1.0.0] - 2024-01-01

- first
END
c "feat: start"
tag v1.0.0
c "feat: say it louder"

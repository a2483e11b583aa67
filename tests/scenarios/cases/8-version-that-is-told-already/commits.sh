file CHANGELOG.md << 'END'
# Changelog

## [1.1.0] - 2024-02-02

- by hand

## [1.0.0] - 2024-01-01

- first
END
c "feat: start"
tag v1.0.0
c "feat: say it louder"

file CHANGELOG.md << 'END'
# Changelog

## [1.0.0] - 2024-01-01

- first

[1.0.0]: https://example.com/1.0.0
END
c "feat: start"
tag v1.0.0
c "feat: say it louder"

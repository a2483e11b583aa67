file CHANGELOG.md << 'END'
# Changelog

## Policy

Be kind.
END
c "feat: start"
tag v1.0.0
c "feat: say it louder"

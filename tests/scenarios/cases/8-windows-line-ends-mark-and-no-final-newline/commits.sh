printf '\xef\xbb\xbf# Changelog\r\n\r\n## [1.0.0] - 2024-01-01\r\n\r\n- first' | file CHANGELOG.md
c "feat: start"
tag v1.0.0
c "feat: say it louder"

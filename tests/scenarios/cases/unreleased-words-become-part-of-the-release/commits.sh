printf '# Changelog\n\n## [Unreleased]\n\n### Added\n\n- By hand.\n\n## [1.0.0] - 2024-01-01\n\n- First.\n' | file CHANGELOG.md
c "feat: start"
tag v1.0.0
c "feat: y"

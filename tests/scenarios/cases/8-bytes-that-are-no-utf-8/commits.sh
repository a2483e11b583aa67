printf '# Changelog\n\n## 1.0.0\n\n- caf\xe9\n' | file CHANGELOG.md
c "feat: start"
tag v1.0.0
c "feat: say it louder"

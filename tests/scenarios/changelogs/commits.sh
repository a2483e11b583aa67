c "feat: start"
tag v1.2.0
c "feat: say it louder"
c "fix(parser): read the file twice (#7)"

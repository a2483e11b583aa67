c "feat: start"
tag v1.0.0
c $'fix: z\r\n\r\nthe body\r\n\r\nBREAKING CHANGE: the old way\r\nis gone\r\nCloses #4\r\n'

c "feat: start"
tag v1.0.0
c $'feat: ring \a the \e[31mbell\e[0m'

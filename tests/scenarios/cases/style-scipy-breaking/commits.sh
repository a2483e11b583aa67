c "ENH: start"
tag v1.0.0
c $'API: core: gone\n\nUse the other one.'

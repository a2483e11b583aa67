c ":sparkles: start"
tag v1.0.0
c ":bug: (core): mend (#3)"
c ":zap: faster"
c ":memo: tell"
c ":construction_worker: build"
c "feat: unknown here"
c $':boom: gone\n\nUse the other one.'

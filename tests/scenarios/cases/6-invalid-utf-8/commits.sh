c "feat: start"
tag v1.0.0
printf 'feat: caf\351 \377\376\n' > ../message
raw < ../message

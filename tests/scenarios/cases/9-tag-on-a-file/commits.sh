c "feat: start"
tag v1.0.0
c "feat: a"
light v2.0.0 "$(echo x | git hash-object -w --stdin)"

c $'feat: start\n\nCo-authored-by: Bea <bea@example.com>'
tag v1.0.0
c $'feat: y\n\nCo-authored-by: Bea <BEA@example.com>\nCo-authored-by: Cem <cem@example.com>'

c "feat: start"
tag v1.0.0
c "feat: y (#7)"
c "fix: z"
c 'Revert "feat: y" (#9)'

c "feat: start"
tag v1.0.0
c "FEAT(API)!: shout"
c "Fix: z"

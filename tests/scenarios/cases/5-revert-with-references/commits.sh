c "feat: start"
tag v1.0.0
c "feat: a"
a=$(sha HEAD)
c "feat!: b"
b=$(sha HEAD)
c "fix: z"
c "revert: both of them

Refs: ${a:0:7}, ${b:0:7}"

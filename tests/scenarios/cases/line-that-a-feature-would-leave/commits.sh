c "feat: start"
tag v1.2.0
c "feat: later"
tag v1.3.0
branch maintenance/1.2.x v1.2.0
c "fix: small"
c "feat(api): big"

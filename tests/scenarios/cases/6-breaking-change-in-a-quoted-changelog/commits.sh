c "feat: start"
tag v1.0.0
c "fix: update to tool 3

Its changelog says

\`\`\`
feat!: new config

BREAKING CHANGE: the old config is gone
\`\`\`

> BREAKING CHANGE: and so is the older one"

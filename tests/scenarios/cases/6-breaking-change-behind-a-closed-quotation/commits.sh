c "feat: start"
tag v1.0.0
c "fix: z

\`\`\`
a log
\`\`\`

BREAKING CHANGE: the log is gone"

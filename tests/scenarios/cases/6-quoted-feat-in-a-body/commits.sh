c "feat: start"
tag v1.0.0
c "docs: explain commits

Write for instance

feat: allow provided config object to extend other configs

or, shorter, \`feat: x\`."
c "fix: z

* feat: this is a list in prose"

c "feat: start"
tag v1.0.0
c "Login (#3)

* feat: form

* fix(form): typo"
c "fix: z"

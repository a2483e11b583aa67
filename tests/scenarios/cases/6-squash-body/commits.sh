c "feat: start"
tag v1.0.0
c "Login (#3)

* feat: form

with a body of its own

* fix(form): typo

* wip

---------

Co-authored-by: Bea <bea@example.com>"

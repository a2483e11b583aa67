c "ENH: start"
tag v1.0.0
c "BUG: mend: it
"
c "DOC: tell"
c $'ENH: core: more (#7)\n\nCo-authored-by: Bea <bea@example.com>'
c "words"
c "MAINT: tidy"
undo HEAD

c "feat: start"
tag v1.0.0
c "fix(core): mend (#3)"
c "feature: unknown here"
c $'docs: tell\n\nBREAKING CHANGE: gone'

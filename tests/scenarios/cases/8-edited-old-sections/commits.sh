file CHANGELOG.md << 'END'
# Changelog

## [1.0.0] - 2024-01-01

- first
- and a word that nobody generated

## [0.9.0]   -  once upon a time

* Other bullets,   spaces, 	tabs 
END
c "feat: start"
tag v1.0.0
c "feat: say it louder"

printf '[project]\nname = "acme"\nversion = "1.0.0"\n' | file pyproject.toml
printf '__version__ = "1.0.0"\n' | file src/acme/__init__.py
c "feat: start"
tag v1.0.0
c "fix: y"

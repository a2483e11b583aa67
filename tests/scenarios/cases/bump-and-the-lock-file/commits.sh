printf '[project]\nname = "acme"\nversion = "1.0.0"\n' | file pyproject.toml
printf 'version = 1\n\n[[package]]\nname = "acme"\nversion = "1.0.0"\nsource = { virtual = "." }\n\n[[package]]\nname = "other"\nversion = "1.0.0"\n' | file uv.lock
c "feat: start"
tag v1.0.0
c "fix: y"

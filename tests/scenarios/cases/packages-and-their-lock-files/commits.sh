printf '[project]\nname = "acme-a"\nversion = "1.0.0"\n' | file packages/a/pyproject.toml
for folder in "packages/a" "packages/b"; do
  printf '[[package]]\nname = "acme-%s"\nversion = "1.0.0"\nsource = { editable = "%s" }\n\n' "${folder#packages/}" "$folder"
done | file uv.lock
c "feat: start"
tag a-v1.0.0
echo 1 | file packages/a/one.py
c "feat: one"

for name in a b; do
  printf '[project]\nname = "acme-%s"\nversion = "1.0.0"\n' $name | file packages/$name/pyproject.toml
done
c "feat: start"
tag a-v1.0.0
tag b-v1.0.0
echo 1 | file packages/a/one.py
c "feat: for a"
echo 2 | file packages/b/two.py
c "fix: for b"
branch topic
echo 3 | file packages/b/three.py
c "a step"
on main
echo 0 | file README.md
c "feat: for nobody"
merge topic "feat: whole topic for b"
tag v9.0.0
tag a-v1.1.0-rc.1

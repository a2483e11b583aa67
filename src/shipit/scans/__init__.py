"""What scanners say of a tree, as values: findings, what was seen, the verdict that follows. Pure; nothing runs."""

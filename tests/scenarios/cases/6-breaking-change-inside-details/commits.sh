c "feat: start"
tag v1.0.0
c "build(deps): bump tool from 2 to 3 (#12)

<details>
<summary>Release notes</summary>
<blockquote>

BREAKING CHANGE: needs Node 22

</blockquote>
</details>

Signed-off-by: dependabot[bot] <support@github.com>"
c "fix: z"

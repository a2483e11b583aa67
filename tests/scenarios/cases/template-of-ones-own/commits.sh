file notes.md.jinja <<'T'
{% for heading, changes in sections.items() %}
{{ heading }}: {% for change in changes %}{{ change.description | markdown }}{{ ", " if not loop.last }}{% endfor %}

{% endfor %}
{{ compare }}
T
file unknown.jinja <<'T'
one
{{ versoin }}
T
file wrong.jinja <<'T'
{% for %}
T
file sly.jinja <<'T'
one

{{ "".__class__.__mro__ }}
T
c "feat: start"
tag v1.0.0
c "feat: say *it*"
c "fix: mend"
c "feat: more"

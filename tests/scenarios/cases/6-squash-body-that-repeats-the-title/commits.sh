c "feat: start"
tag v1.0.0
c "feat: form (#3)

* feat: form

* feat!: form without captcha"

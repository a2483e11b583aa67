"""The actions of the repository itself, and the settings of the linters of workflows."""

from shipit.project.workflows.product import Product
from shipit.project.workflows.text import indented, uses

TOOL = "shipit-release"
"""The name of shipit on the index."""
_PIP = 'python -m pip install --quiet {option}"$SHIPIT" $PACKAGES'
_TRUFFLEHOG = "3.95.9"
_TRUFFLEHOG_SHA256 = "f6d1106b85107d79527ed7a5b98b592beadd8b770dc3c9e8c1ad99e1b2cf127e"


def install_action(product: Product) -> str:
    """Python, shipit, and the packages that a job names; shipit itself is installed from its own work tree."""
    wanted, option = (".", "--editable ") if product.is_tool else (TOOL, "")
    python = uses("actions/setup-python", {"python-version": "${{ inputs.python }}"})
    lines = [
        "name: shipit",
        "description: Install Python, shipit and what its commands need",
        "inputs:",
        *_input("python", "Version of Python", f'"{product.python}"'),
        *_input("extras", "Extras of shipit, separated by commas", '""'),
        *_input("packages", "Further packages, separated by spaces", '""'),
        "runs:",
        "  using: composite",
        "  steps:",
        *indented(python, 4),
        "    - shell: bash",
        "      env:",
        f"        SHIPIT: {wanted}${{{{ inputs.extras && format('[{{0}}]', inputs.extras) }}}}",
        "        PACKAGES: ${{ inputs.packages }}",
        f"      run: {_PIP.format(option=option)} # one word for each package",
    ]
    return "\n".join(lines) + "\n"


def trufflehog_action() -> str:
    """TruffleHog, which no index of Python or Node carries."""
    archive = f"trufflehog_{_TRUFFLEHOG}_linux_amd64.tar.gz"
    root = "https://github.com/trufflesecurity/trufflehog/releases/download"
    return f"""name: TruffleHog
description: Put the program on PATH, in one version whose bytes are known
runs:
  using: composite
  steps:
    - shell: bash
      env:
        ARCHIVE: {archive}
        RELEASE: {root}/v{_TRUFFLEHOG}
        SHA256: {_TRUFFLEHOG_SHA256}
      run: |
        curl --fail --silent --show-error --location --retry 3 --output "$RUNNER_TEMP/$ARCHIVE" "$RELEASE/$ARCHIVE"
        echo "$SHA256  $RUNNER_TEMP/$ARCHIVE" | sha256sum --check --strict
        mkdir -p "$HOME/.local/bin" # on PATH of GitHub's runners
        tar -xzf "$RUNNER_TEMP/$ARCHIVE" -C "$HOME/.local/bin" trufflehog
"""


def zizmor_settings() -> str:
    """What zizmor is not to ask for."""
    return """rules:
  self-repository:
    disable: true # older runners know an action of the repository by its path alone
"""


def actionlint_settings(product: Product) -> str:
    """The labels of the project's own runners."""
    return f"self-hosted-runner:\n  labels: [{product.label}]\n"


def _input(name: str, description: str, default: str) -> list[str]:
    return [f"  {name}:", f"    description: {description}", f"    default: {default}"]

from pathlib import Path

from setuptools import setup

here = Path(__file__).parent

with open(here / "demo" / "VERSION", encoding="utf-8") as file:
    version = file.read().strip()

setup(name="demo", version=version, packages=["demo"], package_data={"demo": ["VERSION"]})

import os

from setuptools import setup

about = {}
here = os.path.abspath(os.path.dirname(__file__))
with open(os.path.join(here, "src", "demo", "__version__.py"), encoding="utf-8") as file:
    exec(file.read(), about)

setup(
    name=about["__title__"],
    version=about["__version__"],
    package_dir={"": "src"},
    packages=["demo"],
)

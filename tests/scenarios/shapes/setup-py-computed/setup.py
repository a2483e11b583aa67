import os

from setuptools import setup

setup(name="demo", version=os.environ.get("DEMO_VERSION", "0"), py_modules=["demo"])

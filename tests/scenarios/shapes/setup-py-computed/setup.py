import pathlib

from setuptools import setup


def read(name):
    return pathlib.Path(name).read_text().strip()


setup(name="demo", version=read("VERSION"), py_modules=["demo"])

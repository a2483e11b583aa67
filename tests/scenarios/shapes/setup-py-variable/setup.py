import setuptools

RELEASE = "1.0.0"

setuptools.setup(
    name="demo",
    version=RELEASE,
    py_modules=["demo"],
)

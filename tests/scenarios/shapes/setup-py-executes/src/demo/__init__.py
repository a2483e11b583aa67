from demo.__version__ import __version__

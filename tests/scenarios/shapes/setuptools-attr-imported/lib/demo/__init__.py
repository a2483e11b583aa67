from ._version import number as __version__

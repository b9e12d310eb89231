"""Unpacks the headers of TensorFlow's C API from its wheel: unpack_headers.py WHEEL FOLDER."""

import sys
import zipfile

root = "tensorflow/include/"
folders = tuple(root + name for name in ("tensorflow/c/", "tensorflow/core/platform/", "tsl/platform/", "xla/tsl/c/"))

with zipfile.ZipFile(sys.argv[1]) as wheel:
    headers = [name for name in wheel.namelist() if name.startswith(folders) and name.endswith(".h")]
    if not headers:
        sys.exit(f"{sys.argv[1]} holds no {root}")
    wheel.extractall(sys.argv[2], headers)

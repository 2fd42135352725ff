"""Fills web/vendor/ from npm packages. Checks the hash of each package and file against web/vendor/vendored.toml."""

import base64
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

VENDOR = Path(__file__).resolve().parent.parent / "web" / "vendor"
LIST = VENDOR / "vendored.toml"


def main(arguments: list[str]) -> int:
    """Writes all files. Returns the exit code."""
    text = LIST.read_text()
    for package in tomllib.loads(text)["package"]:
        for file, content in _contents(package):
            digest = hashlib.sha256(content).hexdigest()
            if digest != file["sha256"]:
                if "--renew" not in arguments:
                    print(f"{file['to']} has the hash {digest}, not {file['sha256']}. To accept it, use --renew.")
                    return 1
                text = text.replace(file["sha256"], digest)
            target = VENDOR / file["to"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    LIST.write_text(text)
    return 0


def _contents(package: dict[str, Any]) -> list[tuple[dict[str, Any], bytes]]:
    """Returns the files of a package as they are served. Raises SystemExit if its integrity differs."""
    named = f"{package['name']}@{package['version']}"
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", named, "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        (archive,) = Path(folder).iterdir()
        digest = hashlib.sha512(archive.read_bytes()).digest()
        integrity = f"sha512-{base64.b64encode(digest).decode()}"
        if integrity != package["integrity"]:
            raise SystemExit(f"{named} has the integrity {integrity}, not {package['integrity']}.")
        with tarfile.open(archive) as opened:
            return [(file, served(opened.extractfile(f"package/{file['from']}"), file)) for file in package["file"]]


def served(content: Any, file: dict[str, Any]) -> bytes:
    """Returns a file without its source map comment, with bare module names replaced that browsers can't resolve."""
    # Source maps are not served, and developer tools would request them.
    data = re.sub(rb"\n?//# sourceMappingURL=\S+\s*$", b"\n", content.read())
    if "replace" in file:
        old, new = (each.encode() for each in file["replace"])
        if data.count(old) != 1:
            raise SystemExit(f"{file['from']} names {old.decode()} {data.count(old)} times, not once.")
        data = data.replace(old, new)
    return data


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

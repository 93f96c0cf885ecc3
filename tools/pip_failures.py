"""Why an installation failed, in one plain line: pip's own words fill screens, and go to a file."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

FEW_BYTES = 20_000_000  # less is as good as none: some wheels are larger

NO_NETWORK = (
    r"NewConnectionError|NameResolutionError|ConnectTimeout|ReadTimeout|Read timed out|ConnectionResetError|"
    r"Connection aborted|Connection broken|Connection refused|Network is unreachable|Max retries exceeded|"
    r"Name or service not known|failure in name resolution|5\d\d Server Error|too many 5\d\d error|IncompleteRead"
)
# The first that fits is the reason: each is more certain than those below it.
REASONS = [
    (r"DO NOT MATCH THE HASHES", "{index} serves another file than the one that is pinned; nothing of it was used"),
    (
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSLError|Could not find a suitable TLS CA",
        "the certificate of {index} is not trusted; name your authority's file in PIP_CERT",
    ),
    (
        r"ProxyError|Tunnel connection failed|Cannot connect to proxy|proxy URL",
        "the proxy does not let this through to {index}; look at HTTPS_PROXY and PIP_PROXY",
    ),
    (r"ssl module in Python is not available", "this Python was built without ssl; name another one in PYTHON"),
    (r"\b401\b|\b403\b|\b407\b|Unauthorized", "{index} refuses the login; look at PIP_INDEX_URL or pip.conf"),
    (r"from versions: (?!none)[^)]", "{index} has no {package} for this Python and this kind of machine"),
    (NO_NETWORK, "{index} can't be reached; look at the network, at HTTPS_PROXY, or name a mirror in PIP_INDEX_URL"),
    (r"from versions: none", "{index} does not have {package}; look at PIP_INDEX_URL or pip.conf"),
    (
        r"Configuration file .*could not be loaded|contains parsing errors",
        "pip's own settings (pip.conf) can't be read",
    ),
    (r"Permission denied|Operation not permitted", "{folder} may not be written by this user; remove it or its owner"),
    (r"Read-only file system", "{folder} lies on a disk that is read-only"),
]
NO_SPACE = r"No space left on device|Disk quota exceeded|not enough space"


def reason(words: str, folder: Path, index: str) -> str | None:
    """Return what went wrong by pip's or venv's words; nothing when they are of no known kind."""
    full = without_space(folder)
    if re.search(NO_SPACE, words, re.IGNORECASE) or full:
        return f"no space left in {full or folder}; an installation needs up to 700 MB"
    for pattern, sentence in REASONS:
        if re.search(pattern, words):
            found = re.search(r"No matching distribution found for ([\w.\[\]=-]+)", words)
            return sentence.format(index=index, folder=folder, package=found[1] if found else "this package")
    return None


def without_space(folder: Path) -> Path | None:
    """Return the folder that an installation writes to and whose disk is full."""
    for used in (folder, Path(tempfile.gettempdir())):
        there = next(parent for parent in (used, *used.parents) if parent.exists())
        if shutil.disk_usage(there).free < FEW_BYTES:
            return used
    return None


def named_index(url: str | None) -> str:
    """Return how a message names the package index: never with the login that its address may hold."""
    try:
        host = urlsplit(url or "").hostname
    except ValueError:
        host = None
    return f"the package index at {host}" if host else "the package index"

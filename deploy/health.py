"""Exit 0 where the server of this container answers; for the image's HEALTHCHECK.

It asks `/healthz`, which tells that the process runs; `/readyz` would end a server that waits for
its model.
"""

import os
import ssl
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection

TIMEOUT_S = 4


def connection() -> HTTPConnection:
    """Return a connection to this machine; whose certificate it is does not matter here."""
    port = int(os.environ.get("CAC_PORT", "8700"))
    if not os.environ.get("CAC_TLS_CERTIFICATE"):
        return HTTPConnection("127.0.0.1", port, timeout=TIMEOUT_S)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return HTTPSConnection("127.0.0.1", port, timeout=TIMEOUT_S, context=context)


def main() -> int:
    """Ask once."""
    try:
        asked = connection()
        asked.request("GET", "/healthz")
        return 0 if asked.getresponse().status == 200 else 1
    except (OSError, HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())

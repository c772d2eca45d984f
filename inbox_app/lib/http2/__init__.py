"""The guarded way out over HTTP/2, for the services that speak nothing else.

Same rules and same errors as `lib.http`: the address is judged when the socket opens, nothing is
redirected, and an error tells whether the request may have arrived.
"""

from inbox_app.lib.http2.client import Http2

__all__ = ["Http2"]

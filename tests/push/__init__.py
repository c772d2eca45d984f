"""Web push in real browsers: the push services, the desktop and the browsers to test with.

`service` plays the push services of Firefox and Chromium: `front` to application servers (RFC 8030,
`vapid`), `autopush` to Firefox, `gcm` and `mcs` (over `protobuf`) to Chromium; what they share is
in `store` and `lines`. `desktop` shows notifications and clicks on them. `browser` says what tests
ask of a browser, `firefox` (over `bidi`) and `chromium` do it. `conftest` has a fixture for each.
"""

"""The built filter in a real Envoy: every case, and what only a real proxy can show.

    client (http1, http2)  ──▶  Envoy with the guard  ──▶  upstream (programmed per exchange)

An exchange is found again on the other side of Envoy, and in its access log, by the header
`x-exchange`. Cases are read, and outcomes are judged, by the same Rust code as natively.
"""

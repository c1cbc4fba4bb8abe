"""WebSockets (RFC 6455), as far as a server has to know of them; loaded when a client first asks for one."""

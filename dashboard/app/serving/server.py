"""The command that starts the dashboard's server, with every option that a safe, offline one needs.

Streamlit is not imported here, so that the command line stays quick. Colours are in `.streamlit/config.toml`
beside `application.py`, where Streamlit finds them from any working directory.
"""

from __future__ import annotations

import sys
from pathlib import Path

MAIN = Path(__file__).parents[1] / "main.py"
APPLICATION = Path(__file__).with_name("application.py")
ADDRESS = "127.0.0.1"  # this machine alone
CATALOG_VARIABLE = "WATCHFLOOR_CATALOG"  # where main.py finds the path of indicators.yaml
STATE_VARIABLE = "WATCHFLOOR_STATE"  # and the folder of what is kept between runs


def server_flags(port: int, address: str = ADDRESS) -> list[str]:
    """Options for `streamlit run`: bound to this machine, protected, silent to the outside."""
    options = {
        "server.port": str(port),
        "server.address": address,
        "server.headless": "true",  # no browser is opened, no e-mail asked for
        "server.fileWatcherType": "none",  # a monitor does not change its own code while it runs
        "server.enableCORS": "true",  # protections; despite its name, this one guards origins when true
        "server.enableXsrfProtection": "true",
        "server.enableStaticServing": "false",
        "server.enableAgentApi": "false",
        "server.maxUploadSize": "0",  # megabytes; no page asks for a file
        "logger.hideWelcomeMessage": "true",  # `serve` prints the address
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "viewer",
        "client.showErrorLinks": "false",  # no links to search engines beside an error
        "client.showErrorDetails": "type",  # tracebacks belong in the log, not on an officer's screen
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    # Only these names may stand in a request's Host header, which defeats DNS rebinding.
    return [*flags, *(f"--server.allowedHosts={host}" for host in dict.fromkeys((address, "localhost")))]


def serve_command(port: int, address: str = ADDRESS) -> list[str]:
    """The whole command that starts the dashboard."""
    return [sys.executable, "-m", "streamlit", "run", str(APPLICATION), *server_flags(port, address)]

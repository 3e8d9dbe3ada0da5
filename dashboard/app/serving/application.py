"""The application of the dashboard's server: the pages of `main.py` behind the gate, with its headers."""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit import config, file_util, net_util

from dashboard.app.serving.gate import Gate
from dashboard.app.serving.headers import Headers
from dashboard.app.serving.server import ADDRESS, MAIN
from dashboard.app.serving.warm_up import warmed_up

# Streamlit asks the internet for this machine's address unless it knows one. Behind the gate nothing makes it ask; this
# answer is for a path that the gate should have missed.
net_util._internal_ip = net_util._external_ip = ADDRESS

_HOSTS = tuple(config.get_option("server.allowedHosts"))
_INDEX = Path(file_util.get_static_dir()) / "index.html"
_SOCKETS = tuple(f"ws://{host}:{config.get_option('server.port')}" for host in _HOSTS)

app = st.App(
    MAIN,
    lifespan=warmed_up,
    middleware=[  # the first one is the outermost, so that refusals carry the headers too
        Middleware(Headers, index=_INDEX, sockets=_SOCKETS),
        Middleware(Gate, hosts=_HOSTS),
    ],
)

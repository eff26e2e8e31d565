"""What the notebooks share: the way to the vault, and how things are drawn.

Connections are read-only. Where the vault is, and as whom to read it, say the environment's
ONEVAULT_VAULT_URL (as in the configuration, with or without "jdbc:"), ONEVAULT_VAULT_USER and
ONEVAULT_VAULT_PASSWORD. A reader's login sees the tenant whose hash ONEVAULT_TENANT names, and
without it what belongs to no tenant; an administrator's sees everything.
"""

import os
import sys

import matplotlib
import matplotlib.dates as mdates
import matplotlib.pyplot as plt
import pandas as pd
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

PAST = "#1f3b57"
FORECAST = "#d1701f"
TRUTH = "#2a8a5b"
LIMIT = "#b3261e"
QUIET = "#8a8f98"

# Units of the vault that are drawn in another: factor and name.
UNITS = {"bytes": (1e-9, "GB"), "percent": (1.0, "%")}


def style():
    """One look for all plots."""
    matplotlib.rcParams.update(
        {
            "figure.dpi": 110,
            "figure.constrained_layout.use": True,
            "font.size": 9,
            "axes.grid": True,
            "grid.alpha": 0.25,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 10,
            "axes.titleweight": "bold",
            "legend.frameon": False,
        }
    )
    pd.set_option("display.max_columns", 40, "display.width", 200, "display.max_colwidth", 90)


def connect():
    """An engine for reading, or the end with one clear sentence."""
    missing = [n for n in ("ONEVAULT_VAULT_URL", "ONEVAULT_VAULT_USER") if not os.environ.get(n)]
    if missing:
        sys.exit("Set " + " and ".join(missing) + " to say where the vault is and who reads it.")
    url = make_url(os.environ["ONEVAULT_VAULT_URL"].removeprefix("jdbc:")).set(
        drivername="postgresql+psycopg",
        username=os.environ["ONEVAULT_VAULT_USER"],
        password=os.environ.get("ONEVAULT_VAULT_PASSWORD") or None,
    )
    settings = "-c default_transaction_read_only=on -c statement_timeout=5min -c timezone=UTC"
    if os.environ.get("ONEVAULT_TENANT"):
        settings += " -c app.current_tenant_id=" + os.environ["ONEVAULT_TENANT"]
    return create_engine(
        url, connect_args={"options": settings, "application_name": "onevault-notebook"}
    )


def read(engine, query, **parameters):
    """The rows of a query."""
    with engine.connect() as connection:
        return pd.read_sql_query(text(query), connection, params=parameters)


def truth():
    """What is true of the resources of a demo, None for a vault that is not the demo's."""
    path = os.environ.get("ONEVAULT_DEMO_TRUTH")
    if not path:
        return None
    rows = pd.read_csv(path, parse_dates=["time"])
    rows["day"] = rows["time"].dt.tz_convert(None).dt.normalize() - pd.Timedelta(days=1)
    return rows


def unit(name):
    """Factor and name of the unit that values of the vault's unit are drawn in."""
    return UNITS.get(name, (1.0, name))


def short(name, width=48):
    """A name that fits beside a plot; its end tells more than its beginning."""
    return name if len(name) <= width else "…" + name[1 - width :]


def dates(axes):
    """Ticks that name months and days without running into each other."""
    locator = mdates.AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))


def nothing(what):
    """Says that there is nothing to be drawn."""
    figure, axes = plt.subplots(figsize=(9, 1.2))
    axes.axis("off")
    axes.text(0.5, 0.5, what, ha="center", va="center", color=QUIET)
    return figure

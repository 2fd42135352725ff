"""Parley: the ASGI application, and the command line.

`python server.py` serves; `python server.py --help` names the other commands. Settings come from the environment.
"""

from starlette.applications import Starlette
from starlette.middleware import Middleware

import app.commands.categories
import app.commands.data
import app.commands.people
import app.commands.policy
import app.commands.serving
import app.operations
import transports.routes
import web.routes
from app.commands.root import commands
from app.logs import set_up_logging
from app.process import Process
from app.settings import hosts, public_url, settings
from transports.held import BoundedHolding
from transports.hosts import AllowedHosts
from transports.request_ids import RequestIds


def create_app() -> Starlette:
    """The ASGI application, by the settings of the environment; uvicorn calls it in every worker."""
    chosen = settings()
    set_up_logging(chosen.log_format)
    process = Process(chosen)
    site = web.routes.site(process.pages, public_url=public_url(chosen), site_name=chosen.site_name, demo=chosen.demo)
    graphql = transports.routes.routes(
        process.engine,
        process.identify,
        allowed_origins=chosen.allowed_origins,
        addresses=process.addresses,
        sockets=process.sockets,
        streams=process.streams,
        observer=process.metrics,
    )
    application = Starlette(
        routes=[
            *graphql,
            *site.routes,
            *app.operations.routes(process),
        ],
        middleware=[
            Middleware(RequestIds),
            Middleware(AllowedHosts, hosts=hosts(chosen), paths_of_any_host=app.operations.PATHS_OF_OPERATORS),
            Middleware(BoundedHolding, held=process.held, network_of=process.network_of),
            Middleware(transports.routes.Shortcut, route=graphql[0]),
        ],
        exception_handlers={404: site.not_found},
        lifespan=process.lifespan,
    )
    # An address with a slash too many is not found: a redirect would be to whatever host the request names.
    application.router.redirect_slashes = False
    return application


if __name__ == "__main__":
    commands()

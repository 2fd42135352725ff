"""Mirrors a whole Parley in memory, and says how much there is.

    python -m mirror [--once]

PARLEY_URL is where Parley answers. It polls `feedEvents`; `FEED` in client.py is the same as a subscription.
"""

import json
import os
import sys
import time
import urllib.request
from typing import Any

from .client import catch_up, crawl, run
from .reducer import Data, shown


def asked(document: str, variables: dict[str, Any]) -> Data:
    url = os.environ.get("PARLEY_URL", "http://127.0.0.1:8000") + "/graphql"
    body = json.dumps({"query": document, "variables": variables}).encode()
    while True:
        # The address is that of the user.
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310
            answer, seconds = json.load(response), response.headers["Retry-After"]
        if "errors" not in answer:
            data: Data = answer["data"]
            return data
        # To read a few hundred discussions spends the budget of a minute.
        if seconds is None:
            raise SystemExit(answer["errors"][0]["message"])
        time.sleep(int(seconds))


def main() -> None:
    position = run(crawl(), asked)
    while True:
        site = shown(position.mirror)
        replies = sum(len(discussion["thread"]) for discussion in site["discussions"].values())
        print(f"{len(site['discussions'])} discussions, {replies} replies, {len(site['people'])} people", flush=True)
        if "--once" in sys.argv:
            return
        before = position.cursor
        while position.cursor == before:
            time.sleep(2)
            position = run(catch_up(position), asked)


if __name__ == "__main__":
    main()

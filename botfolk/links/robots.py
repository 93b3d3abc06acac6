"""Who opened a link: a person, or a robot that looks ahead (a preview, a prefetch, a scanner). Pure.

A robot's visit is recorded apart and never counted. Services fetch a link to show a card of it as soon as it is sent;
browsers fetch ahead of a tap and say so (Sec-Purpose).
"""

import re
from collections.abc import Mapping
from functools import lru_cache

SOON = 1.0
"""Seconds after sending in which nobody has read a message and tapped on it."""

# The services whose previews we know, search engines, chat programs, monitors, and what programs call themselves.
# Each is matched at the beginning of a word, in lower case, and begins with letters.
_NAMES = (
    # messengers and networks
    r"telegrambot", r"facebookexternalhit", r"facebookcatalog", r"facebookbot", r"facebot", r"meta-externalagent",
    r"meta-externalfetcher", r"whatsapp/", r"slackbot", r"slack-imgproxy", r"skypeuripreview", r"skype preview",
    r"microsoftpreview", r"msteams-?preview", r"applebot", r"twitterbot", r"linkedinbot", r"discordbot",
    r"pinterestbot", r"pinterest/0", r"redditbot", r"viber/?\d*(?:\.\d+)* ?(?:url|preview)", r"viberurldownloader",
    r"line-?poker", r"linespider", r"vkshare", r"snap url preview", r"snapchatads", r"tumblr/", r"flipboardproxy",
    r"mastodon/", r"signal-?(?:link-?)?preview", r"kakaotalk-scrap", r"zoombot", r"google-pagerenderer",
    r"iframely", r"embedly", r"quora link preview", r"bitlybot", r"outbrain", r"developers\.google\.com/\+/web/snippet",
    r"threemalinkpreview", r"mattermost-bot", r"rocket\.chat",
    # search engines and machines that read
    r"googlebot", r"google-[a-z\-]+", r"googleother", r"adsbot", r"mediapartners", r"feedfetcher", r"apis-google",
    r"bingbot", r"bingpreview", r"adidxbot", r"msnbot", r"yandex[a-z]*", r"baiduspider", r"duckduckbot", r"duckassist",
    r"slurp", r"sogou", r"exabot", r"ia_archiver", r"archive\.org_bot", r"petalbot", r"bytespider", r"yisouspider",
    r"naver(?:bot)?/", r"yeti/", r"seznambot", r"qwantify", r"gptbot", r"chatgpt-user", r"oai-searchbot", r"claude",
    r"anthropic", r"perplexity", r"ccbot", r"amazonbot", r"ahrefs", r"semrush", r"mj12bot", r"dotbot", r"dataforseo",
    # scanners and monitors
    r"safelinks", r"barracuda", r"proofpoint", r"mimecast", r"symantec", r"virustotal", r"urlscan", r"pingdom",
    r"uptimerobot", r"statuscake", r"site24x7", r"newrelicpinger", r"checkly", r"datadog",
    # browsers without anybody in front of them
    r"phantomjs", r"chrome-lighthouse", r"prerender", r"selenium",
    # libraries and tools
    r"curl/", r"wget", r"python", r"aiohttp", r"httpx", r"urllib", r"requests/", r"scrapy", r"go-http-client", r"java/",
    r"apache-httpclient", r"okhttp", r"axios", r"node-fetch", r"node(?:/|$)", r"undici", r"got[ /]", r"ruby",
    r"faraday", r"php/", r"guzzle", r"libwww", r"lwp", r"perl", r"dart/", r"rust", r"reqwest", r"hyper/", r"postman",
    r"insomnia", r"httpie", r"powershell", r"winhttp", r"cfnetwork",
)  # fmt: skip
_BEGINNING = re.compile(r"(?<![a-z])[a-z]{2,3}")


def _by_beginning() -> dict[str, re.Pattern[str]]:
    """Return the names by their first letters, up to three: most words of an agent begin no name."""
    names: dict[str, list[str]] = {}
    for name in _NAMES:
        names.setdefault(name[:3] if name[:3].isalpha() else name[:2], []).append(name)
    return {beginning: re.compile("|".join(alike)) for beginning, alike in names.items()}


_NAMED = _by_beginning()
# "SomethingBot/1.0", "a crawler", "(+http://whoever.example/bot.html)". Not "Cubot", which is a telephone.
_ANY_ROBOT = re.compile(
    r"(?<!cu)bot(?![a-z])|crawl|spider|scraper|preview|unfurl|link ?check|fetcher|monitor|\+https?://"
)
# Browsers inside apps hold the app's name too: these are people.
_IN_APP = re.compile(r"(?<![a-z])(?:fban|fbav|fb_iab|instagram|line/|micromessenger|messengerforios)")
_TELLS = ("bot", "crawl", "spider", "scraper", "preview", "unfurl", "check", "fetcher", "monitor", "+http")
"""One of these is in whatever `_ANY_ROBOT` finds."""
SAYING_AHEAD = ("purpose", "sec-purpose", "x-purpose", "x-moz")
_AHEAD = ("prefetch", "preview", "prerender", "preconnect")


ASKED = frozenset(("user-agent", "accept-language", *SAYING_AHEAD))
"""The headers that tell."""


def is_robot(method: str, headers: Mapping[str, str], seconds_since_sent: float | None) -> bool:
    """Say whether a request for a link was a robot's. `headers`: those of ASKED by name; `seconds_since_sent`: since
    the message left, 0 while it has not, None when that is not known."""
    if method != "GET" or _is_ahead(headers):
        return True
    agent = headers.get("user-agent", "").strip().lower()
    if not agent or _is_robots(agent):
        return True
    # What comes at once and does not even name a language is a program that calls itself a browser.
    return seconds_since_sent is not None and seconds_since_sent < SOON and not headers.get("accept-language")


def _is_ahead(headers: Mapping[str, str]) -> bool:
    said = " ".join([headers[name] for name in SAYING_AHEAD if name in headers]).lower()
    return bool(said) and any(word in said for word in _AHEAD)


@lru_cache(maxsize=4096)
def _is_robots(agent: str) -> bool:
    named = any(
        beginning[0] in _NAMED and _NAMED[beginning[0]].match(agent, beginning.start())
        for beginning in _BEGINNING.finditer(agent)
    )
    if not named and not (any(word in agent for word in _TELLS) and _ANY_ROBOT.search(agent)):
        return False
    in_app = _IN_APP.search(agent) and "mozilla/" in agent
    return not in_app or re.search(r"facebookexternalhit|facebot|bot/", agent) is not None

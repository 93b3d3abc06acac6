"""Real agents: who is a person with a browser, and who looks ahead."""

import pytest

from botfolk.links.robots import is_robot

ROBOTS = [
    "TelegramBot (like TwitterBot)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "facebookexternalhit/1.1",
    "facebookcatalog/1.0",
    "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "WhatsApp/2.23.20.0 A",
    "WhatsApp/2.2413.51 W",
    "WhatsApp/2.24.9.78 i",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy 0.19 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) MicrosoftPreview/2.0 Chrome/100",
    # Messages on iPhone and Mac
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1"
    " Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1"
    " Safari/605.1.15 (Applebot/0.1; +http://www.apple.com/go/applebot)",
    "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0"
    " Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"
    " Google-PageRenderer Google (+https://developers.google.com/+/web/snippet/)",
    "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) AppleWebKit/534+ (KHTML, like Gecko) BingPreview/1.0b",
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
    "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)",
    "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "Mozilla/5.0 (compatible; vkShare; +http://vk.com/dev/Share)",
    "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)",
    "Mozilla/5.0 (compatible; Pinterestbot/1.0; +http://www.pinterest.com/bot.html)",
    "facebookexternalhit/1.1;line-poker/1.0",
    "Viber URL Downloader",
    "Mozilla/5.0 (compatible; SomeUnknownCrawler/1.0)",
    "ShopMonitor/2 (+https://monitor.example)",
    "curl/8.5.0", "Wget/1.21.4", "python-requests/2.32.3", "python-httpx/0.27.0", "Python/3.11 aiohttp/3.9.5",
    "Python-urllib/3.11", "Go-http-client/2.0", "Java/17.0.2", "okhttp/4.12.0", "axios/1.7.2", "node-fetch/1.0",
    "PostmanRuntime/7.39.0", "Apache-HttpClient/4.5.14 (Java/17.0.2)", "Ruby", "libwww-perl/6.72",
    "",
]  # fmt: skip

_WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
_IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
PEOPLE = [
    # telephones
    f"{_IPHONE} Version/17.5 Mobile/15E148 Safari/604.1",
    f"{_IPHONE} CriOS/125.0.6422.80 Mobile/15E148 Safari/604.1",
    f"{_IPHONE} FxiOS/126.0 Mobile/15E148 Safari/605.1.15",
    f"{_IPHONE} GSA/317.0.634488990 Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 10; K) {_WEBKIT} Chrome/125.0.0.0 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) {_WEBKIT} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile"
    " Safari/537.36",
    f"Mozilla/5.0 (Linux; U; Android 12; ms-my; Redmi Note 11) {_WEBKIT} Version/4.0 Chrome/100.0.4896.127 Mobile"
    " Safari/537.36 XiaoMi/MiuiBrowser/13.30.1-gn",
    "Mozilla/5.0 (Android 14; Mobile; rv:126.0) Gecko/126.0 Firefox/126.0",
    f"Mozilla/5.0 (Linux; Android 9; CUBOT X19) {_WEBKIT} Chrome/96.0.4664.45 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 9; CUBOT) {_WEBKIT} Chrome/96.0.4664.45 Mobile Safari/537.36",
    f"Mozilla/5.0 (Linux; Android 13) {_WEBKIT} Chrome/124.0.0.0 Mobile Safari/537.36 OPR/82.0.4342.79407",
    "Opera/9.80 (Android; Opera Mini/78.0.2254/191.303; U; id) Presto/2.12.423 Version/12.16",
    f"Mozilla/5.0 (Linux; U; Android 10; en-US; RMX1941) {_WEBKIT} Version/4.0 Chrome/100 UCBrowser/13.4 Mobile"
    " Safari/537.36",
    # desktops
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/125.0.0.0 Safari/537.36",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Chrome/125.0.0.0 Safari/537.36 Edg/125.0.2535.67",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5"
    " Safari/605.1.15",
    "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {_WEBKIT} Chrome/124.0.0.0 Safari/537.36",
    # browsers inside apps
    f"Mozilla/5.0 (Linux; Android 13; SM-A536E; wv) {_WEBKIT} Version/4.0 Chrome/124.0.6367.179 Mobile Safari/537.36"
    " Telegram-Android/10.12.0 (Samsung SM-A536E; Android 13; SDK 33; AVERAGE)",
    f"Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) {_WEBKIT} Version/4.0 Chrome/125.0.6422.53 Mobile Safari/537.36"
    " [FB_IAB/FB4A;FBAV/465.0.0.35.104;]",
    f"{_IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/465.0.0.26.105;FBBV/603168113;FBDV/iPhone14,5;FBMD/iPhone;FBSN/iOS;"
    "FBSV/17.5.1;FBSS/3;FBID/phone;FBLC/en_GB;FBOP/5;FBRV/604989613]",
    f"Mozilla/5.0 (Linux; Android 12; CPH2211; wv) {_WEBKIT} Version/4.0 Chrome/124 Mobile Safari/537.36"
    " [FB_IAB/Orca-Android;FBAV/459.0.0.46.109;]",
    f"{_IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/460.0.0.46.104;FBBV/602116533]",
    f"{_IPHONE} Mobile/15E148 Instagram 333.0.2.30.109 (iPhone14,5; iOS 17_5_1; en_GB; en-GB; scale=3.00)",
    f"Mozilla/5.0 (Linux; Android 13; 2201117TG; wv) {_WEBKIT} Version/4.0 Chrome/124 Mobile Safari/537.36"
    " Instagram 331.0.0.37.90 Android (33/13; 440dpi; 1080x2177; Xiaomi/Redmi)",
    f"{_IPHONE} Mobile/15E148 Safari Line/14.7.0",
    f"Mozilla/5.0 (Linux; Android 13; SM-G991B; wv) {_WEBKIT} Version/4.0 Chrome/124 Mobile Safari/537.36"
    " Line/14.6.1/IAB",
    f"{_IPHONE} Mobile/15E148 MicroMessenger/8.0.49(0x18003137) NetType/WIFI Language/zh_CN",
    f"Mozilla/5.0 (Linux; Android 13; SM-G991N; wv) {_WEBKIT} Version/4.0 Chrome/124 Mobile Safari/537.36"
    " KAKAOTALK 10.7.5",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_WEBKIT} Teams/24102.2223.2870.9480 Edg/124.0 Safari/537.36",
    f"{_IPHONE} Mobile/15E148 Snapchat/12.88.0.38 (like Safari/8617.1.17.10.9, panda)",
    f"{_IPHONE} Mobile/15E148 [Pinterest/iOS]",
]


@pytest.mark.parametrize("agent", ROBOTS)
def test_a_robot_is_known_by_its_agent(agent: str) -> None:
    assert is_robot("GET", {"user-agent": agent, "accept-language": "en"}, 3600)


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_person_is_not_taken_for_a_robot(agent: str) -> None:
    assert not is_robot("GET", {"user-agent": agent, "accept-language": "en"}, 3600)
    assert not is_robot("GET", {"user-agent": agent, "accept-language": "en"}, 0.2)
    assert not is_robot("GET", {"user-agent": agent}, None)


@pytest.mark.parametrize(
    "header",
    [
        {"purpose": "prefetch"}, {"sec-purpose": "prefetch"}, {"sec-purpose": "prefetch;prerender"},
        {"x-purpose": "preview"}, {"x-moz": "prefetch"}, {"purpose": "PREVIEW"},
    ],
)  # fmt: skip
def test_a_browser_that_fetches_ahead_is_not_a_person(header: dict[str, str]) -> None:
    assert is_robot("GET", {"user-agent": PEOPLE[0], "accept-language": "en"} | header, 3600)


def test_a_head_request_is_a_robots() -> None:
    assert is_robot("HEAD", {"user-agent": PEOPLE[0], "accept-language": "en"}, 3600)


def test_what_comes_at_once_without_a_language_is_a_robot() -> None:
    assert is_robot("GET", {"user-agent": PEOPLE[4]}, 0.3)
    assert not is_robot("GET", {"user-agent": PEOPLE[4]}, 1.0)


def test_without_an_agent_nobody_is_there() -> None:
    assert is_robot("GET", {"accept-language": "en"}, 3600)

"""Links are found in what people write, in any script, without what surrounds them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botfolk.channels.contract import Button, TemplateUse
from botfolk.links.codes import LENGTH, codes_for, new_code, tracks, with_codes
from botfolk.links.find import find, is_tracked, to_track, tracked

FOUND = [
    ("see https://shop.example/offer now", ["https://shop.example/offer"]),
    ("https://shop.example", ["https://shop.example"]),
    ("HTTPS://Shop.Example/Offer", ["HTTPS://Shop.Example/Offer"]),
    ("http://a.example and https://b.example/x", ["http://a.example", "https://b.example/x"]),
    ("end of it: https://shop.example/offer.", ["https://shop.example/offer"]),
    ("really https://shop.example/offer?!", ["https://shop.example/offer"]),
    ("(https://shop.example/offer)", ["https://shop.example/offer"]),
    ("(see https://en.wikipedia.org/wiki/Tea_(drink))", ["https://en.wikipedia.org/wiki/Tea_(drink)"]),
    ("[the offer](https://shop.example/offer)", ["https://shop.example/offer"]),
    ("<https://shop.example/offer>", ["https://shop.example/offer"]),
    ('"https://shop.example/offer"', ["https://shop.example/offer"]),
    ("“https://shop.example/offer”, she said", ["https://shop.example/offer"]),
    ("‘https://shop.example/offer’", ["https://shop.example/offer"]),
    ("«https://shop.example/offer»", ["https://shop.example/offer"]),
    ("*https://shop.example/offer*", ["https://shop.example/offer"]),
    ("_https://shop.example/offer_", ["https://shop.example/offer"]),
    ("https://shop.example/offer_", ["https://shop.example/offer_"]),
    ("https://shop.example/a,b;c?d=e&f=g%20h#i!j", ["https://shop.example/a,b;c?d=e&f=g%20h#i!j"]),
    ("https://shop.example/offer,\nhttps://shop.example/two", ["https://shop.example/offer", "https://shop.example/two"]),
    ("https://shop.example:8443/x", ["https://shop.example:8443/x"]),
    ("https://[2001:db8::1]/x", ["https://[2001:db8::1]/x"]),
    ("http://localhost:3000/a", ["http://localhost:3000/a"]),
    ("https://shop.example/offer…", ["https://shop.example/offer"]),
    # Chinese, Japanese, Korean, Thai: no space around it
    ("请看https://shop.example/offer。谢谢", ["https://shop.example/offer"]),
    ("点击https://shop.example/offer查看", ["https://shop.example/offer"]),
    ("（https://shop.example/offer）", ["https://shop.example/offer"]),
    ("「https://shop.example/offer」をご覧ください", ["https://shop.example/offer"]),
    ("https://shop.example/offerをご覧ください", ["https://shop.example/offer"]),
    ("https://shop.example/offer에서 보세요", ["https://shop.example/offer"]),
    ("ดูที่https://shop.example/offerนะคะ", ["https://shop.example/offer"]),
    ("https://zh.wikipedia.org/wiki/中国", ["https://zh.wikipedia.org/wiki/中国"]),
    ("https://例え.jp/道", ["https://例え.jp/道"]),
    # Arabic, Hindi, Tamil, Armenian, Russian, German
    ("انظر https://shop.example/offer، شكرا", ["https://shop.example/offer"]),
    ("हाँ https://shop.example/offer।", ["https://shop.example/offer"]),
    ("இங்கே https://shop.example/offer பார்க்கவும்", ["https://shop.example/offer"]),
    ("смотри https://магазин.example/скидка!", ["https://магазин.example/скидка"]),
    ("https://müller.example/größe", ["https://müller.example/größe"]),
    # emoji, and what nobody sees
    ("https://shop.example/offer😀", ["https://shop.example/offer"]),
    ("👉https://shop.example/offer👈", ["https://shop.example/offer"]),
    ("\u2067https://shop.example/offer\u2069", ["https://shop.example/offer"]),
    ("https://shop.example/offer\u200b", ["https://shop.example/offer"]),
    # none
    ("shop.example/offer", []), ("www.shop.example", []), ("ftp://shop.example/a", []), ("https://", []),
    ("https:// shop.example", []), ("xhttps://shop.example", []), ("https://.", []), ("https://?x", []),
    ("mailto:a@shop.example", []), ("javascript://shop.example", []), ("https://shop.example:99999/x", []),
    ("https://[nonsense/x", []), ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "urls"), FOUND)
def test_a_link_is_found_without_what_surrounds_it(text: str, urls: list[str]) -> None:
    assert [each.url for each in find(text)] == urls
    assert all(text[each.start : each.end] == each.url for each in find(text))


def test_each_link_is_replaced_in_its_place_and_nothing_else() -> None:
    text = "First https://a.example/x. Then (https://b.example/y), and https://a.example/x?z again."
    codes = {"https://a.example/x": "A" * 12, "https://b.example/y": "B" * 12}
    assert tracked(text, codes, "https://go.example") == (
        f"First https://go.example/l/{'A' * 12}. Then (https://go.example/l/{'B' * 12}),"
        " and https://a.example/x?z again."
    )


def test_a_text_without_links_stays_the_same_object() -> None:
    assert tracked("hello", {"https://a.example": "A" * 12}, "https://go.example") == "hello"
    assert codes_for("hello") == {}


def test_each_address_of_a_message_gets_one_code_of_its_own() -> None:
    buttons = [Button(title="Go", url="https://a.example/x"), Button(title="Other", url="https://c.example")]
    codes = codes_for("https://a.example/x https://b.example https://a.example/x", buttons)
    assert list(codes) == ["https://a.example/x", "https://b.example", "https://c.example"]
    assert len(set(codes.values())) == 3
    text, replaced, template = with_codes("at https://b.example", buttons, None, codes, "https://go.example")
    assert text == f"at https://go.example/l/{codes['https://b.example']}"
    assert [each.url for each in replaced] == [
        f"https://go.example/l/{codes[url]}" for url in ("https://a.example/x", "https://c.example")
    ]
    assert [each.title for each in replaced] == ["Go", "Other"]
    assert template is None


def test_of_a_template_only_what_fills_it_is_tracked() -> None:
    use = TemplateUse(name="t", language="en", parameters=("Aisha", "https://a.example/x"))
    codes = codes_for("Hello Aisha, https://a.example/x, https://fixed.example", (), use)
    assert list(codes) == ["https://a.example/x"]
    _, _, template = with_codes("as it reads", (), use, codes, "https://go.example")
    assert template is not None
    assert template.parameters == ("Aisha", f"https://go.example/l/{codes['https://a.example/x']}")


def test_a_tracked_link_is_not_tracked_again() -> None:
    assert is_tracked("https://go.example/l/0aZ0aZ0aZ0aZ")
    assert not is_tracked("https://go.example/l/0aZ0aZ0aZ0aZ/more")
    assert to_track(["https://go.example/l/0aZ0aZ0aZ0aZ https://shop.example"]) == ["https://shop.example"]


def test_codes_are_long_enough_and_differ() -> None:
    codes = {new_code() for _ in range(1000)}
    assert len(codes) == 1000
    assert {len(code) for code in codes} == {LENGTH}
    assert 62**LENGTH >= 2**64
    assert all(code.isalnum() and code.isascii() for code in codes)


@pytest.mark.parametrize(("config", "on"), [({}, True), ({"track_links": True}, True), ({"track_links": False}, False)])
def test_a_channel_tracks_unless_it_says_no(config: dict[str, bool], on: bool) -> None:
    assert tracks(config) is on


@given(st.text(max_size=80), st.text(max_size=20))
def test_any_text_can_be_searched_and_only_links_change(before: str, after: str) -> None:
    text = f"{before} https://shop.example/offer {after}"
    codes = codes_for(text)
    changed = tracked(text, codes, "https://go.example")
    for url, code in codes.items():
        changed = changed.replace(f"https://go.example/l/{code}", url)
    assert changed == text
    assert "https://shop.example/offer" in codes

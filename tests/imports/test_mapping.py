"""What columns become: by their headers in many languages, by what stands in them, by the service the file is from."""

from uuid import UUID

import pytest

from botfolk.imports.delimited import Row
from botfolk.imports.mapping import BadMapping, Plan, Target, check, read_target, signature
from botfolk.imports.people import Asked, Reader, keys_of, language_code, split_name
from botfolk.imports.presets import PRESETS, find_preset
from botfolk.imports.suggest import suggest, type_of
from botfolk.users import edits as e
from botfolk.users.fields import BadValue

TELEGRAM, WHATSAPP = UUID(int=1), UUID(int=2)
CHANNELS = {TELEGRAM: "telegram", WHATSAPP: "whatsapp"}


def suggested(names: list[str], *rows: list[str]) -> list[str]:
    """What is suggested for a file, as texts."""
    return [str(target) for target in suggest(names, rows, {"plan": ("Plan", "text")}, CHANNELS, find_preset(names))]


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("E-Mail", "email"), ("EMAIL_ADDRESS", "email"), ("emailAddress", "email"), ("Correo electrónico", "email"),
        ("メールアドレス", "email"), ("邮箱", "email"), ("البريد الإلكتروني", "email"), ("ईमेल", "email"),
        ("อีเมล", "email"),
        ("Vorname", "first_name"), ("Prénom", "first_name"), ("Nom", "last_name"), ("Фамилия", "last_name"),
        ("姓名", "name"), ("Nama penuh", "name"), ("No. HP", "phone"), ("Téléphone", "phone"), ("手机号", "phone"),
        ("Time Zone", "timezone"), ("Bahasa", "language"), ("Etiquetas", "tags"), ("Notes", "note"),
        ("plan", "attribute:Plan:text"), ("Shoe size", "attribute:shoe_size:number"),
    ],
)  # fmt: skip
def test_a_header_says_what_its_column_becomes(header: str, target: str) -> None:
    assert suggested([header], ["42"]) == [target]


def test_what_stands_in_a_column_says_it_where_the_header_does_not() -> None:
    names = ["who", "reach", "when", "ok", "zip", "blank", "score"]
    rows = (
        ["a@example.com", "+60123456789", "2026-01-31", "yes", "01234", "", "1.5"],
        ["b@example.com", "+60123456780", "2026-02-01 10:00:00 UTC", "no", "99999", "", "-2"],
    )
    assert suggested(names, *rows) == [
        "email", "phone", "attribute:when:datetime", "attribute:ok:yes_no", "attribute:zip:text", "skip",
        "attribute:score:number",
    ]  # fmt: skip


def test_nothing_is_suggested_twice() -> None:
    assert suggested(["Email", "E-mail", "Email (2)"], ["a", "b", "c"])[0] == "email"
    assert suggested(["First name", "الاسم"], ["a", "b"]) == ["first_name", "attribute:الاسم:text"]
    assert suggested(["Email", "E-mail"], ["a@x.example", "b"]) == ["email", "attribute:e_mail:text"]


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_each_ready_mapping_is_found_and_can_be_used(preset: object) -> None:
    ready = next(each for each in PRESETS if each is preset)
    names = sorted(ready.known_by | ready.columns.keys())
    assert find_preset(names) is ready
    targets = suggest(names, [[""] * len(names)], {}, CHANNELS, ready)
    check(Plan(columns=[str(target) for target in targets]), names, CHANNELS, {})


def test_an_export_of_textit_is_understood() -> None:
    names = ["Contact UUID", "Name", "Language", "Status", "URN:Tel", "URN:Telegram", "Field:Age", "Group:Testers"]
    row = ["8b2e", "Ann Lee", "eng", "Stopped", "+60123456789", "77", "41", "True"]
    assert suggested(names, row)[4:] == ["phone", f"identity:{TELEGRAM}", "attribute:age:number", "tag:Testers"]
    asked = read(names, row)
    assert (asked.phone, asked.identities, asked.status) == ("+60123456789", [(TELEGRAM, "77")], "archived")
    assert e.SetField("language", "en") in asked.edits
    assert e.AddTag("Testers") in asked.edits
    assert asked.problem == ""


def test_an_export_of_chatwoot_is_understood() -> None:
    names = ["id", "name", "email", "phone_number", "labels"]
    row = ["7", "Ann Lee", "", "'+60123456789", "vip,new lead"]
    assert suggested(names, row) == ["attribute:chatwoot_id:text", "name", "email", "phone", "tags"]
    asked = read(names, row)
    assert (asked.phone, asked.problem) == ("+60123456789", "")
    assert {e.AddTag("vip"), e.AddTag("new lead")} <= set(asked.edits)


def test_an_export_of_manychat_is_understood() -> None:
    names = ["Subscriber ID", "First Name", "Phone", "Subscribed", "Last Interaction", "custom_fields", "key"]
    row = ["1234567890", "Ann", "+60123456789", "2025-01-01", "2025-02-01", "[]", "user:1"]
    assert suggested(names, row)[:3] == ["attribute:manychat_id:text", "first_name", "phone"]
    assert suggested(names, row)[5:] == ["skip", "skip"]


def read(names: list[str], row: list[str], **more: str) -> Asked:
    """A row read under what is suggested."""
    targets = suggest(names, [row], {}, CHANNELS, find_preset(names))
    plan = Plan(columns=[str(target) for target in targets], **more)  # type: ignore[arg-type]
    return Reader(names, targets, plan).read(Row(2, row))


def test_targets_are_texts_and_back() -> None:
    for text in ("skip", "id", "email", "attribute:plan:text", "tags", "tag:vip", f"identity:{TELEGRAM}", "note"):
        assert str(read_target(text)) == text
    assert read_target("attribute:plan") == Target("attribute", "plan", "text")
    for wrong in ("nonsense", "attribute:email", "attribute:a b", "attribute:plan:colour", "tag:", "identity:x"):
        with pytest.raises(BadValue):
            read_target(wrong)


def test_a_mapping_that_cannot_be_used_says_why_by_column() -> None:
    def errors(names: list[str], *columns: str, **more: str) -> dict[str, str]:
        with pytest.raises(BadMapping) as caught:
            check(Plan(columns=list(columns), **more), names, CHANNELS, {})  # type: ignore[arg-type]
        return caught.value.errors

    assert "the same already" in errors(["A", "B"], "email", "email")["B"]
    assert "a part of the name" in errors(["A", "B", "C"], "email", "name", "last_name")["B"]
    assert "no column says who" in errors(["A"], "first_name")["columns"]
    assert "1 columns, and 2" in errors(["A"], "email", "phone")["columns"]
    assert "no such channel" in errors(["A"], f"identity:{UUID(int=9)}")["A"]
    assert set(errors(["A"], "email", country="Malaysia", clear="x" * 50)) == {"country", "clear"}


def test_a_blank_leaves_and_the_marker_clears() -> None:
    names = ["Email", "First name", "Last name", "Plan", "Tags"]
    asked = read(names, ["a@example.com", "", "--", "--", "--"])
    assert asked.edits == [
        e.SetField("email", "a@example.com"), e.SetField("last_name", None), e.RemoveAttribute("plan"), e.SetTags([]),
    ]  # fmt: skip
    assert read(["Email", "Plan"], ["a@example.com", "--"], clear="").edits[1:] == [
        e.SetAttribute("plan", "--", "text")
    ]


def test_all_that_is_wrong_with_a_row_is_said_with_line_and_column() -> None:
    asked = read(["Email", "Phone", "Timezone"], ["nope", "12", "Mars/Base"])
    assert asked.problem.count("line 2, “") == 3
    assert "“Phone” (“12”): not a phone number; write it with its country code" in asked.problem
    assert "or say which country such numbers are of" in asked.problem
    assert "nothing says who this is" in read(["Email", "Plan"], ["", "gold"]).problem


def test_cells_that_look_like_formulas_are_only_text() -> None:
    asked = read(["Email", "Plan", "Phone"], ["a@example.com", "'=cmd|' /C calc'!A0", "'+60123456789"])
    assert asked.edits[1:] == [
        e.SetAttribute("plan", "=cmd|' /C calc'!A0", "text"),
        e.SetField("phone", "+60123456789"),
    ]
    assert read(["Email", "Plan"], ["a@example.com", "'tis"]).edits[1:] == [e.SetAttribute("plan", "'tis", "text")]


def test_phone_numbers_of_a_country_get_its_code() -> None:
    assert read(["Phone"], ["012-345 6789"], country="MY").phone == "+60123456789"
    assert read(["Phone"], ["+49 30 123456"], country="MY").phone == "+4930123456"
    assert "country code" in read(["Phone"], ["012-345 6789"]).problem


def test_names_languages_types_and_keys() -> None:
    assert [split_name(name) for name in ("Anna Maria Berg", "Berg, Anna", "王小明")] == [
        ("Anna", "Maria Berg"), ("Anna", "Berg"), ("王小明", ""),
    ]  # fmt: skip
    assert [language_code(text) for text in ("English", "eng", "Deutsch", "pt-BR", "msa")] == [
        "en",
        "en",
        "de",
        "pt-BR",
        "ms",
    ]
    assert [type_of(values) for values in (["1", "2.5"], ["007"], ["true", "no"], ["31/01/2026"], [])] == [
        "number", "text", "yes_no", "text", "text",
    ]  # fmt: skip
    assert keys_of(read(["Email", "Phone"], ["A@Example.com", "+60123456789"])) == [
        "email a@example.com",
        "phone +60123456789",
    ]
    assert signature(["Email ", "NAME"]) == signature(["email", "name"])

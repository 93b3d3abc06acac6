"""A file of people is uploaded, mapped, checked, imported and taken back."""

import secrets
from pathlib import Path

from playwright.async_api import Page, expect

from tests.browser.conftest import Site
from tests.browser.test_axe import SIZES, violations


async def choose(page: Page, path: Path) -> None:
    """Upload a file."""
    await page.goto("/users/imports")
    await page.get_by_label("Choose a file").set_input_files(path)
    await page.get_by_role("button", name="Upload").click()


async def test_people_come_in_by_a_file_and_go_again(page: Page, site: Site, tmp_path: Path) -> None:
    mark = secrets.token_hex(4)
    rows = [f"Person{n},{mark}-{n}@example.com,gold,{n}" for n in range(3)]
    file = tmp_path / f"people {mark}.csv"
    file.write_text(
        "\n".join(["Vorname;E-Mail;Plan;Shoe size", *(row.replace(",", ";") for row in rows), "Bad;nope;x;1"])
    )
    await page.goto("/users")
    await page.get_by_role("link", name="Import", exact=True).click()
    await page.wait_for_url("**/users/imports")
    await choose(page, file)
    await expect(page.get_by_role("heading", level=1)).to_have_text(f"people {mark}.csv")

    await expect(page.get_by_label("Vorname", exact=True)).to_have_value("first_name")
    await expect(page.get_by_label("E-Mail", exact=True)).to_have_value("email")
    await expect(page.get_by_label("Name for Shoe size")).to_have_value("shoe_size")
    await page.get_by_label("Plan", exact=True).select_option("tag")
    await page.get_by_label("Name for Plan").fill("")
    await page.get_by_role("button", name="Check the file").click()
    await expect(page.get_by_role("alert")).to_contain_text("Not saved")
    await expect(page.locator("#e2")).to_contain_text("a tag has 1 to 64 characters")
    await page.get_by_label("Plan", exact=True).select_option("attribute")
    await page.get_by_label("Name for Plan").fill(f"plan_{mark}")
    await page.get_by_role("button", name="Check the file").click()

    progress = page.locator("#progress")
    await expect(progress).to_contain_text("All 4 rows are checked; nothing is changed yet")
    await expect(progress).to_contain_text("line 5, “E-Mail” (“nope”): not an email address")
    count = "SELECT count(*) FROM users WHERE email LIKE %s"
    assert site.rows(count, f"{mark}%") == [(0,)]
    await expect(page.locator("#import-state")).to_have_text("Checked, not imported")
    await expect(page.get_by_text("Map the columns in another way")).to_be_visible()
    async with page.expect_download() as waiting:
        await page.get_by_role("link", name="Download what was not taken").click()
    errors = (await (await waiting.value).path()).read_text(encoding="utf-8-sig")
    assert errors.splitlines()[1].startswith('Bad,nope,x,1,"line 5')
    await page.get_by_role("button", name="Import 3 rows").click()
    await expect(progress).to_contain_text("All 4 rows are imported")
    await expect(page.locator("#import-state")).to_have_text("Imported")
    await expect(page.get_by_text("Map the columns in another way")).to_be_hidden()
    assert site.rows(count, f"{mark}%") == [(3,)]
    await page.reload()
    await expect(progress).to_contain_text("All 4 rows are imported")

    await page.get_by_role("button", name="Undo the import").click()
    await expect(progress).to_contain_text("It has been undone: 3 users are as before")
    assert site.rows(count, f"{mark}%") == [(0,)]
    await page.goto("/jobs")
    titles = page.locator(".job__title", has_text=mark)
    await expect(titles).to_have_text(
        [f"Undo: Import “people {mark}.csv”", f"Import “people {mark}.csv”", f"Check “people {mark}.csv”"]
    )
    checked = page.locator(".job", has_text=f"Check “people {mark}")
    await expect(checked).to_contain_text("3 would change, nothing is changed yet")
    await choose(page, file)
    await expect(page.locator(".notice--good")).to_contain_text("imported before")
    await expect(page.get_by_label("Plan", exact=True)).to_have_value(f"attribute:plan_{mark}:text")


async def test_a_file_that_is_no_table_says_why(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "old.xls"
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
    await choose(page, file)
    await expect(page.get_by_role("alert")).to_contain_text("an Excel file of the old kind")


async def test_an_import_reads_well_on_a_phone(page: Page, tmp_path: Path) -> None:
    await page.set_viewport_size({"width": 360, "height": 720})
    file = tmp_path / "قائمة.csv"
    file.write_text("الاسم,البريد الإلكتروني," + "long" * 40 + "\nعلي,ali@example.com," + "x" * 300 + "\n")
    await choose(page, file)
    await page.get_by_role("button", name="Check the file").click()
    await expect(page.locator("#progress")).to_contain_text("All 1 rows are checked")
    width = await page.evaluate("document.documentElement.scrollWidth")
    assert width == 360
    checked, found = page.url, dict[str, list[str]]()
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme)
        for size in SIZES:
            await page.set_viewport_size({"width": size["width"], "height": size["height"]})
            for address in ("/users/imports", checked):
                await page.goto(address)
                found[f"{address} {size['width']} {scheme}"] = await violations(page)
    assert {where: what for where, what in found.items() if what} == {}

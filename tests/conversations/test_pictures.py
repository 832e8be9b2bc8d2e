"""Pictures are read beside the worker, once for their bytes; what a picture does harms nothing, and what it says is a hint."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from PIL import Image

from aijia.search.finding import find
from cases import operations as cases
from cases.models import Material, WaitingItem
from cases.operations import Fact
from conversations import pictures
from conversations.models import Attachment, Blob, Message, PictureKind, PictureState, PictureText
from conversations.operations import store_attachment
from conversations.pictures import engine, reading
from conversations.pictures.engine import Answer, PictureReader
from conversations.pictures.kinds import findings, has_plate, kind_of
from foundation.masking import masked_text
from people.models import StaffMember, User
from tests.builders import ME, NINE, Company, say, works
from tests.conversations.drawn import (
    CHAT,
    FONT,
    IDENTITY,
    KINDS,
    LATIN,
    ORDER,
    PARCEL,
    PAYMENT,
    PLATE,
    WAYS,
    as_bytes,
    drawn,
)

pytestmark = pytest.mark.once

REQUIRED = os.environ.get("AIJIA_REQUIRE_OCR") == "1"
real = pytest.mark.skipif(not engine.is_available() and not REQUIRED, reason="needs requirements-ocr.txt")

#: A reader that does as the picture says: its "bytes" are a command.
FAKE = """
import sys, time, json
out = sys.stdout
out.write('{"ready": true}\\n'); out.flush()
while header := sys.stdin.buffer.readline():
    word = sys.stdin.buffer.read(int(header)).decode()
    if word == "hang": time.sleep(60)
    if word == "die": sys.exit(3)
    if word == "babble": out.write("no json\\n"); out.flush(); continue
    if word == "bad": out.write(json.dumps({"error": "not_a_picture"}) + "\\n"); out.flush(); continue
    out.write(json.dumps({"lines": [[word, 0.9]]}) + "\\n"); out.flush()
"""


def fake_reader(seconds: float = 30.0) -> PictureReader:
    return PictureReader(command=[sys.executable, "-c", FAKE], seconds=seconds)


@pytest.fixture
def shop(ready: Company) -> Company:
    return ready


# --- what a picture is of, and what it names ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "lines"), KINDS.items())
def test_a_picture_is_told_by_its_words(kind: str, lines: list[str]) -> None:
    assert kind_of("\n".join(lines)) == kind


@pytest.mark.parametrize(
    "text",
    ["今天天气真好\n出去玩", "新品上市 全场八折", "厨房水槽", "支付宝", "型号", "营业时间 9:00-21:00", "Hello world"],
)
def test_words_of_no_kind_are_something_else(text: str) -> None:
    assert kind_of(text) == PictureKind.OTHER


def test_a_picture_without_words_has_no_kind_but_that() -> None:
    assert kind_of(" \n ") == PictureKind.NO_TEXT


def test_what_a_picture_names() -> None:
    def named(lines: list[str]) -> set[tuple[str, str]]:
        return {(one.kind, one.text) for one in findings("\n".join(lines))}

    assert named(PLATE) == {("model", "JSQ30-16VA2"), ("serial", "2209A13F00482")}
    assert named(LATIN) == {("model", "JSQ30-16VA2"), ("serial", "2209A13F00482")}
    assert named(PARCEL) == {("tracking", "SF1234567890123"), ("phone", "13900001111")}
    assert named(ORDER) == {("order", "DD20250317001"), ("amount", "¥2,399.00"), ("phone", "13812345678")}
    assert named(["型号 清晰", "订单号：请看下图", "S/N", "联系 400-820-8820"]) == {("phone", "400-820-8820")}


def test_what_has_something_of_a_nameplate() -> None:
    assert has_plate("\n".join(PLATE)) and has_plate("S/N 2209A13F00482") and has_plate("额定电压 220V")
    assert not has_plate("\n".join(PAYMENT)) and not has_plate("楼下停车场 B2") and not has_plate("")


def test_phones_and_numbers_of_persons_and_cards_are_masked_in_a_text_and_orders_are_not() -> None:
    text = "电话 138 1234 5678，身份证 310101199003071234，卡 6222 0212 3456 7890，订单 DD20250317001 单号 20250317001234 a@b.cn"
    shown = masked_text(text)
    for hidden in ("12345678", "1234 5678", "310101199003071234", "6222 0212 3456 7890", "a@b.cn"):
        assert hidden not in shown
    assert "DD20250317001" in shown and "20250317001234" in shown and "138****78" in shown


# --- the reader: whatever a picture does ------------------------------------------------------------------------------------------------


def test_a_picture_that_hangs_ends_or_babbles_stops_nothing() -> None:
    with fake_reader(seconds=1.0) as reader:
        assert reader.read(b"one").text == "one"
        assert reader.read(b"hang").error == "timed_out"
        assert reader.read(b"two").text == "two"
        assert reader.read(b"die").error == "crashed"
        assert reader.read(b"babble").error == "crashed"
        assert reader.read(b"bad").error == "not_a_picture"
        assert reader.read(b"three").text == "three"


def test_a_reader_that_does_not_start_is_said() -> None:
    with PictureReader(command=[sys.executable, "-c", "import sys; sys.exit(1)"]) as reader:
        assert reader.read(b"one").error == "engine_failed"


def test_the_reader_knows_none_of_the_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    tells = 'import os, sys, json; print(json.dumps({"ready": True}), flush=True); sys.stdin.buffer.readline(); print(json.dumps({"lines": [[" ".join(os.environ), 1.0]]}), flush=True)'
    with PictureReader(command=[sys.executable, "-c", tells]) as reader:
        names = reader.read(b"x").text.split()
    assert "PATH" in names and not {"SECRET_KEY", "FIELD_ENCRYPTION_KEYS", "DATABASE_URL"} & set(names)


def test_too_many_bytes_are_not_even_handed_over() -> None:
    with PictureReader(command=["/nonexistent"]) as reader:
        assert reader.read(b"x" * (engine.MAX_BYTES + 1)).error == "too_large"


# --- rows ----------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def switched_on(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures are read, whatever is installed; the reader is the test's."""
    settings.PICTURE_TEXT = True  # type: ignore[attr-defined]
    monkeypatch.setattr(engine, "is_available", lambda: True)


class Told(PictureReader):
    """Says of every picture what the test wants."""

    def __init__(self, *answers: Answer) -> None:
        super().__init__(command=["/nonexistent"])
        self.answers = list(answers)
        self.asked = 0

    def read(self, content: bytes) -> Answer:
        self.asked += 1
        return self.answers.pop(0)


def lines(*words: str, sure: float = 0.97) -> Answer:
    return Answer(lines=tuple((one, sure) for one in words), milliseconds=900)


def sent(shop: Company, content: bytes, *, key: str, text: str = "", at: object = NINE) -> Message:
    message = say(shop.group, "wmchen", text, at=at, key=key, attachments=("image",))  # type: ignore[arg-type]
    store_attachment(attachment_id=message.attachments.get().pk, content=content, at=at)  # type: ignore[arg-type]
    return message


def dot(colour: str = "white") -> bytes:
    return as_bytes(Image.new("RGB", (40, 40), colour), "PNG")


def read_as(answer: Answer, at: object = NINE) -> PictureText:
    row = PictureText.objects.due(at=at).get()  # type: ignore[arg-type]
    assert reading.read_one(picture_id=row.pk, reader=Told(answer), at=at)  # type: ignore[arg-type]
    row.refresh_from_db()
    return row


@pytest.mark.django_db
def test_nothing_waits_where_pictures_are_not_read(shop: Company) -> None:
    sent(shop, dot(), key="a")
    assert (
        not PictureText.objects.exists() and reading.read_waiting(at=NINE) == 0 and reading.sweep_missing(at=NINE) == 0
    )


@pytest.mark.django_db
def test_the_same_bytes_are_read_once(shop: Company, switched_on: None) -> None:
    sent(shop, dot(), key="a")
    row = read_as(lines("型号：BCD-452W", "额定电压 220V"))
    assert (row.state, row.kind, row.engine, row.attempts) == ("read", "nameplate", "rapidocr", 1)
    assert (
        row.text == "型号：BCD-452W\n额定电压 220V"
        and row.confidence == 0.97
        and row.read_at is not None
        and NINE < row.read_at < NINE + timedelta(minutes=1)
    )
    sent(shop, dot(), key="b", at=NINE + timedelta(minutes=1))
    assert Blob.objects.count() == PictureText.objects.count() == 1
    assert not PictureText.objects.due(at=NINE + timedelta(days=1)).exists()


@pytest.mark.django_db
def test_the_words_are_not_readable_in_the_database(shop: Company, switched_on: None) -> None:
    from django.db import connection

    sent(shop, dot(), key="a")
    read_as(lines("居民身份证", "310101199003071234"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM conversations_picturetext")
        assert "3101" not in cursor.fetchone()[0]


@pytest.mark.django_db
def test_pictures_from_before_are_read_once_it_is_on(
    shop: Company, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(shop, dot(), key="a")
    settings.PICTURE_TEXT = True  # type: ignore[attr-defined]
    monkeypatch.setattr(engine, "is_available", lambda: True)
    assert (pictures.sweep_missing(at=NINE), pictures.sweep_missing(at=NINE)) == (1, 0)
    assert PictureText.objects.get().state == PictureState.WAITING


@pytest.mark.django_db
def test_a_lost_worker_s_picture_comes_up_again_and_two_workers_do_not_share_one(
    shop: Company, switched_on: None
) -> None:
    sent(shop, dot(), key="a")
    pk = PictureText.objects.get().pk
    claimed = PictureText.objects.due(at=NINE).filter(pk=pk).update(not_before=NINE + reading.LEASE)
    reader = Told(lines("x"))
    assert claimed and not reading.read_one(picture_id=pk, reader=reader, at=NINE) and reader.asked == 0
    assert reading.read_one(picture_id=pk, reader=reader, at=NINE + reading.LEASE) and reader.asked == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "times"),
    [("timed_out", 2), ("crashed", 2), ("out_of_memory", 2), ("not_a_picture", 1), ("too_many_pixels", 1)],
)
def test_what_may_pass_is_tried_once_more_and_what_fails_says_why(
    shop: Company, switched_on: None, error: str, times: int
) -> None:
    sent(shop, dot(), key="a")
    for number in range(times):
        assert PictureText.objects.get().state == PictureState.WAITING
        read_as(Answer(error=error), at=NINE + timedelta(minutes=2 * number))
    row = PictureText.objects.get()
    assert (row.state, row.error, row.text, row.attempts) == ("failed", error, "", times)
    assert pictures.error_words(error) != error
    assert pictures.try_again(picture_ids=[row.pk], at=NINE) == 1 and PictureText.objects.due(at=NINE).exists()


@pytest.mark.django_db
def test_a_picture_whose_file_is_gone_stops_nothing(shop: Company, switched_on: None) -> None:
    sent(shop, dot(), key="a")
    blob = Blob.objects.get()
    Path(blob.file.path).unlink()
    reader = Told()
    assert reading.read_one(picture_id=blob.reading.pk, reader=reader, at=NINE) and reader.asked == 0
    assert PictureText.objects.get().error == "file_missing"


@pytest.mark.django_db
def test_a_call_reads_what_waits_and_a_second_one_meanwhile_does_nothing(
    shop: Company, switched_on: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(shop, dot("red"), key="a")
    sent(shop, dot("blue"), key="b")
    told = Told(lines("红"), lines("蓝"))
    monkeypatch.setattr(reading, "PictureReader", lambda: told)
    assert reading._reading.acquire(blocking=False)
    try:
        assert pictures.read_waiting(at=NINE) == 0
    finally:
        reading._reading.release()
    assert pictures.read_waiting(at=NINE) == 2 and {row.text for row in PictureText.objects.all()} == {"红", "蓝"}
    assert not reading._reading.locked()


# --- who sees it ------------------------------------------------------------------------------------------------------------------------


def browser_of(staff: StaffMember, *rights: str) -> Client:
    works(staff)
    assert staff.user is not None
    User.objects.filter(pk=staff.user.pk).update(is_staff=True)
    for right in rights:
        staff.user.user_permissions.add(Permission.objects.get(codename=right))
    client = Client()
    client.force_login(User.objects.get(pk=staff.user.pk))
    return client


def material_of(shop: Company, content: bytes, *, need: str = "拍一张铭牌照片", key: str = "m") -> Material:
    wait = cases.open_wait(
        case=shop.case, state="waiting_customer_material", on=shop.contact, on_role="customer_contact", need=need, need_kind="material",
        proof="image", fact=Fact(ME, NINE, NINE),
    )  # fmt: skip
    message = sent(shop, content, key=key)
    cases.receive_materials(
        wait_id=wait.pk, attachments=list(message.attachments.all()), fact=Fact(ME, NINE, NINE, message)
    )
    return Material.objects.get(message=message)


def case_page(client: Client, shop: Company) -> str:
    answer = client.get(reverse("admin:cases_servicecase_change", args=[shop.case.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.django_db
def test_the_page_of_a_case_shows_the_words_beside_the_picture_masked_for_who_may_not_open_customers(
    shop: Company, switched_on: None
) -> None:
    material_of(shop, dot())
    client = browser_of(shop.handler, "view_servicecase")
    assert "正在读取" in case_page(client, shop)
    read_as(lines("型号：BCD-452W", "额定电压 220V", "联系电话 13812345678"))
    page = case_page(client, shop)
    assert "图中文字" in page and "BCD-452W" in page and "铭牌" in page
    assert "13812345678" not in page and "138****78" in page
    full = case_page(browser_of(shop.handler, "view_servicecase", "view_customer"), shop)
    assert "13812345678" in full


@pytest.mark.django_db
def test_what_was_asked_for_and_is_not_read_is_a_hint_and_decides_nothing(shop: Company, switched_on: None) -> None:
    material = material_of(shop, dot())
    read_as(lines("楼下停车场", "B2 出口"))
    client = browser_of(shop.handler, "view_servicecase")
    assert "没有读到型号" in case_page(client, shop)
    material.refresh_from_db()
    assert (
        material.state == Material.State.RECEIVED
        and WaitingItem.objects.get(pk=material.wait_id).state == "material_received"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("need", "words", "hint"),
    [
        ("拍一张铭牌照片", PLATE, ""),
        ("发一下快递面单", PARCEL, ""),
        ("发一下快递面单", PLATE, "没有读到运单号"),
        ("购买发票拍一张", ORDER, "不在本单"),
        ("购买发票拍一张", PLATE, "没有读到发票或小票"),
        ("付款截图发一下", PAYMENT, "付款截图"),
        ("拍一下漏水的地方", CHAT, "聊天截图"),
        ("拍一下漏水的地方", IDENTITY, "个人证件"),
        ("拍一下漏水的地方", PLATE, ""),
    ],
)
def test_each_kind_of_picture_has_its_hints(
    shop: Company, switched_on: None, need: str, words: list[str], hint: str
) -> None:
    shop.case.labels = ["DD9900"]
    shop.case.save()
    material_of(shop, dot(), need=need)
    read_as(lines(*words))
    page = case_page(browser_of(shop.handler, "view_servicecase"), shop)
    marked = page.split('id="materials"')[-1].split('class="aj-materials"')[1].split("</section>")[0]
    assert ("aj-read-hint" in marked) == bool(hint) and hint in marked


@pytest.mark.django_db
def test_the_list_says_how_reading_goes_shows_only_what_one_may_see_and_lets_failed_ones_wait_again(
    shop: Company, switched_on: None
) -> None:
    sent(shop, dot(), key="a")
    read_as(Answer(error="not_a_picture"))
    sent(shop, dot("red"), key="b")
    read_as(lines("型号：BCD-452W", "额定电压 220V", "联系电话 13812345678"))
    lead = browser_of(shop.supervisor, "view_picturetext", "change_picturetext")
    url = reverse("admin:conversations_picturetext_changelist")
    page = lead.get(url).content.decode()
    assert "文件不是图片" in page and "BCD-452W" in page and "138****78" in page and "13812345678" not in page
    stranger = StaffMember.objects.create(name="新来的", visibility="own")
    assert "BCD-452W" not in browser_of(stranger, "view_picturetext").get(url).content.decode()
    assert browser_of(shop.handler).get(url).status_code == 403
    again = {"action": "try_again", "_selected_action": list(PictureText.objects.values_list("pk", flat=True))}
    browser_of(stranger, "view_picturetext").post(url, again)
    assert PictureText.objects.filter(state="failed").count() == 1
    lead.post(url, again)
    assert sorted(PictureText.objects.values_list("state", flat=True)) == ["read", "waiting"]


@pytest.mark.django_db
def test_the_api_tells_what_was_read_masked_for_who_may_not_see_contacts(shop: Company, switched_on: None) -> None:
    message = sent(shop, dot(), key="a")
    row = read_as(lines("型号：BCD-452W", "额定电压 220V", "联系电话 13812345678"))
    url = f"/api/v1/attachments/{message.attachments.get().public_id}/"
    hidden = browser_of(shop.handler).get(url).json()["picture"]
    assert (hidden["state"], hidden["kind"], hidden["confidence"]) == ("read", "nameplate", row.confidence)
    assert "13812345678" not in str(hidden) and {"kind": "model", "text": "BCD-452W"} in hidden["findings"]
    shown = browser_of(shop.handler, "view_customer").get(url).json()["picture"]
    assert {"kind": "phone", "text": "13812345678"} in shown["findings"] and "13812345678" in shown["text"]


@pytest.mark.django_db
def test_a_failure_is_shown_where_the_words_would_be(shop: Company, switched_on: None) -> None:
    material_of(shop, dot())
    read_as(Answer(error="not_a_picture"))
    assert "没能读出" in case_page(browser_of(shop.handler, "view_servicecase"), shop)


@pytest.mark.django_db
def test_messages_are_found_by_the_words_in_their_pictures_but_not_by_phones_in_them(
    shop: Company, switched_on: None
) -> None:
    message = sent(shop, dot(), key="a")
    read_as(lines("序列号：2209A13F00482", "联系电话 13812345678"))
    boss = StaffMember.objects.get(name="何姐")
    assert [one.pk for one in find("2209a13f", staff=boss).messages] == [message.pk]
    assert not find("13812345678", staff=boss).messages
    again = sent(shop, dot(), key="b", text="还是这张", at=NINE + timedelta(minutes=5))
    assert [one.pk for one in find("2209a13f", staff=boss).messages] == [again.pk, message.pk]
    assert not find("2209a13f", staff=StaffMember.objects.create(name="新来的", visibility="own")).messages
    client = browser_of(boss)
    page = client.get(reverse("find"), {"q": "2209a13f"}).content.decode()
    assert "图片中" in page and "13812345678" not in page


# --- the real library ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reader() -> Iterator[PictureReader]:
    with PictureReader() as one:
        yield one


@real
def test_a_plate_is_read_as_it_stands(reader: PictureReader) -> None:
    answer = reader.read(as_bytes(drawn(LATIN)))
    assert not answer.error and kind_of(answer.text) == PictureKind.NAMEPLATE and answer.confidence > 0.9
    assert {(one.kind, one.text) for one in findings(answer.text)} == {
        ("model", "JSQ30-16VA2"),
        ("serial", "2209A13F00482"),
    }


@real
@pytest.mark.skipif(not FONT, reason="needs a font with Chinese characters")
@pytest.mark.parametrize("way", ["as it is", "small, 480 px", "turned by 20°", "turned by 90°", "upside down", "dark"])
def test_chinese_pictures_are_read_in_many_ways(reader: PictureReader, way: str) -> None:
    for words, kind in ((PLATE, "nameplate"), (PAYMENT, "payment")):
        answer = reader.read(as_bytes(WAYS[way](drawn(words)), quality=85))
        assert not answer.error and kind_of(answer.text) == kind, (way, answer.text)


@real
def test_what_one_scrolls_through_is_read_to_its_end(reader: PictureReader) -> None:
    rows = [f"ROW {number:02d} CODE A{number:02d}77" for number in range(60)]
    answer = reader.read(as_bytes(drawn(rows, width=1080), "PNG"))
    read = [line for line, _sure in answer.lines]
    assert sum(any(f"A{number:02d}77" in line for line in read) for number in range(60)) >= 58
    assert len(read) <= 64  # what lies where two pieces overlap is not told twice


@real
def test_pictures_that_are_none_or_too_much_are_refused_and_the_reader_goes_on(reader: PictureReader) -> None:
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 1, 0, 0, 0, 0))
    bomb = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 1_000_000)) + chunk(b"IEND", b"")
    assert reader.read(bomb).error == "too_many_pixels"
    assert reader.read(b"no picture at all").error == "not_a_picture"
    whole = as_bytes(drawn(LATIN))
    assert reader.read(whole[: len(whole) // 3]).error in ("unreadable", "not_a_picture")
    assert reader.read(as_bytes(Image.new("RGB", (5, 900), "white"), "PNG")).error == "too_small"
    blank = reader.read(as_bytes(Image.new("RGB", (300, 200), "white"), "PNG"))
    assert (blank.error, blank.lines) == ("", ())
    assert "JSQ30-16VA2" in reader.read(whole).text


@real
@pytest.mark.django_db
def test_a_stored_picture_is_read_end_to_end(shop: Company, settings: object) -> None:
    settings.PICTURE_TEXT = True  # type: ignore[attr-defined]
    sent(shop, as_bytes(drawn(LATIN)), key="a")
    assert pictures.read_waiting(at=NINE) == 1
    row = PictureText.objects.get()
    assert (row.state, row.kind) == ("read", "nameplate") and row.engine_version and row.milliseconds > 0
    assert threading.active_count() < 20 and Attachment.objects.get().blob is not None

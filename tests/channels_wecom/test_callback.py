"""The callback address: who gets in, who does not, and what is stored."""

from __future__ import annotations

import base64
import logging
import sqlite3
import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from channels_wecom import crypto, views
from channels_wecom.crypto import CallbackRejected
from channels_wecom.models import InboundEvent
from tests.channels_wecom.conftest import AES_KEY, CORP_ID, TOKEN, account_of

URL = "/wecom/callback/main/"
OFFICIAL_CORP = "wx5823bf96d3bd56c7"
OFFICIAL_GET = {
    "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "timestamp": "1409659589",
    "nonce": "263014780",
    "echostr": "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==",
}
OFFICIAL_POST = {
    "msg_signature": "477715d11cdb4164915debcba66cb864d751f3e6",
    "timestamp": "1409659813",
    "nonce": "1372623149",
}
OFFICIAL_ENVELOPE = (
    "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvu"
    "JTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwG"
    "c2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9"
    "EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0"
    "lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
)
MADE = "sKqRbbiSUnDhFHOvPjtUMQgoIhCVYrqoFZwrPoeEjE94XRCWBeLD31Z1JNLASkBqiad3QL3oCKWZVTIeyC/LbWWj60FRBjZPkl1bEdR80hhhQ4SRSsenQMul+/fkEsOJjT+8wPZ+N8CToApy//6EMByM5aXvmniQa/c7uCF5xCE="
BOT = "sKqRbbiSUnDhFHOvPjtUMeJBV1LIPhBLiS/+bDapFbYVhHdUs/DnbaknhbqfAh2BTpK5aJX7/p7a/MUQd1b1sA=="
EVENT = "<xml><ToUserName><![CDATA[ww0123456789abcdef]]></ToUserName><CreateTime>1760000002</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENCfixture]]></Token><OpenKfId><![CDATA[wkFIXTURE0001]]></OpenKfId></xml>"
BOMB = '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;">]><xml><Encrypt>&lol2;</Encrypt></xml>'
EXTERNAL = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><Encrypt>&e;</Encrypt></xml>'
)
KEY = crypto.aes_key(AES_KEY)


def envelope(encrypted: str) -> str:
    return f"<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName><AgentID><![CDATA[1]]></AgentID><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>"


def signed(encrypted: str, token: str = TOKEN, timestamp: str = "1760000002", nonce: str = "n") -> dict[str, str]:
    return {"msg_signature": crypto.sign(token, timestamp, nonce, encrypted), "timestamp": timestamp, "nonce": nonce}


def post(body: str | bytes, query: dict[str, str], url: str = URL) -> Any:
    return Client().post(url, data=body, content_type="text/xml", query_params=query)


def send(message: str, *, corp: str = CORP_ID) -> Any:
    encrypted = crypto.encrypt(KEY, message, corp)
    return post(envelope(encrypted), signed(encrypted))


# --- the published sample ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_published_verification_is_answered_with_the_bare_words() -> None:
    account_of(corp_id=OFFICIAL_CORP)
    answer = Client().get(URL, query_params=OFFICIAL_GET)
    assert (answer.status_code, answer.content) == (200, b"1616140317555161061")
    assert answer["Content-Type"].startswith("text/plain")
    assert InboundEvent.objects.count() == 0


@pytest.mark.django_db
def test_the_published_message_is_stored_once() -> None:
    account_of(corp_id=OFFICIAL_CORP)
    for _time in range(2):
        answer = post(envelope(OFFICIAL_ENVELOPE), OFFICIAL_POST)
        assert (answer.status_code, answer.content) == (200, b"")
    event = InboundEvent.objects.get()
    assert "<Content><![CDATA[hello]]></Content>" in event.body
    assert (event.kind, event.state) == ("text", "pending")


def test_the_published_padding_is_of_32_bytes() -> None:
    assert crypto.decrypt(KEY, OFFICIAL_ENVELOPE, OFFICIAL_CORP).endswith("</xml>")
    crypto.check_signature(TOKEN, OFFICIAL_POST["msg_signature"], "1409659813", "1372623149", OFFICIAL_ENVELOPE)


def test_made_vectors_encrypt_byte_for_byte() -> None:
    sixteen = b"0123456789abcdef"
    text = "<xml><MsgType>text</MsgType><Content>你好</Content></xml>"
    assert crypto.encrypt(KEY, text, CORP_ID, random16=sixteen) == MADE
    assert crypto.sign(TOKEN, "1700000000", "n0nce", MADE) == "b038b5a69411ee2262b1ec568523c265216aa91b"
    assert crypto.decrypt(KEY, MADE, CORP_ID) == text
    bot = '{"msgtype":"text","text":{"content":"hi"}}'
    assert crypto.encrypt(KEY, bot, "", random16=sixteen) == BOT
    assert crypto.sign(TOKEN, "1700000000", "n0nce", BOT) == "2c1d1415f29a0c7976b7cc9d60d9cb5800e705d1"
    assert crypto.decrypt(KEY, BOT, "") == bot


@pytest.mark.parametrize("length", [*range(70), 1000, 4096])
def test_every_length_survives_the_round_trip(length: int) -> None:
    text = "好" * length
    assert crypto.decrypt(KEY, crypto.encrypt(KEY, text, CORP_ID), CORP_ID) == text


# --- the ones that must stay out -----------------------------------------------------------------------------------------


def _damaged(change: Any) -> str:
    data = bytearray(base64.b64decode(crypto.encrypt(KEY, EVENT, CORP_ID)))
    change(data)
    return base64.b64encode(bytes(data)).decode()


def _signed_nonsense(encrypted: str) -> Any:
    return post(envelope(encrypted), signed(encrypted))


def _altered() -> Any:
    encrypted = crypto.encrypt(KEY, EVENT, CORP_ID)
    query = signed(encrypted)
    return post(envelope(crypto.encrypt(KEY, EVENT.replace("0001", "0002"), CORP_ID)), query)


BAD: dict[str, tuple[Any, int]] = {
    "forged signature": (lambda: post(envelope(MADE), {**signed(MADE), "msg_signature": "0" * 40}), 403),
    "signature of another token": (lambda: post(envelope(MADE), signed(MADE, token="other")), 403),
    "no signature": (lambda: post(envelope(MADE), {}), 403),
    "signature that is no ascii": (lambda: post(envelope(MADE), {**signed(MADE), "msg_signature": "签名"}), 403),
    "replayed with an altered body": (_altered, 403),
    "another corporation": (lambda: send(EVENT, corp="wwanother"), 403),
    "no receive id": (lambda: send(EVENT, corp=""), 403),
    "not base64": (lambda: _signed_nonsense("***"), 400),
    "not whole blocks": (lambda: _signed_nonsense(base64.b64encode(b"x" * 17).decode()), 400),
    "random bytes": (lambda: _signed_nonsense(base64.b64encode(b"x" * 64).decode()), 400),
    "cut off": (lambda: _signed_nonsense(_damaged(lambda data: data.__delitem__(slice(-32, None)))), 400),
    "no xml": (lambda: post("this is no xml", signed("x")), 400),
    "half an xml": (lambda: post("<xml><Encrypt>abc", signed("abc")), 400),
    "empty body": (lambda: post("", signed("")), 400),
    "no envelope": (lambda: post("<xml><A>1</A></xml>", signed("")), 400),
    "two envelopes": (lambda: post("<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>", signed("a")), 400),
    "entity bomb outside": (lambda: post(BOMB, signed("lollollollol")), 400),
    "entity bomb inside": (lambda: send(BOMB), 400),
    "external entity": (lambda: post(EXTERNAL, signed("")), 400),
    "document type": (lambda: post(f"<!DOCTYPE xml>{envelope(MADE)}", signed(MADE)), 400),
    "signed words that are no xml": (lambda: send("hello"), 400),
    "bytes that are no utf-8": (lambda: post(b"<xml><Encrypt>\xff\xfe</Encrypt></xml>", signed("x")), 400),
    "too deep": (lambda: send("<a>" * 40 + "</a>" * 40), 400),
    "too large": (lambda: post("x" * 300_000, signed("x")), 413),
    "unknown account": (lambda: post(envelope(MADE), signed(MADE), url="/wecom/callback/nobody/"), 404),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", BAD)
def test_bad_callbacks_are_refused_at_once_and_leave_nothing(name: str, caplog: pytest.LogCaptureFixture) -> None:
    account_of()
    case, status = BAD[name]
    with caplog.at_level(logging.DEBUG):
        assert case().status_code == status
    assert InboundEvent.objects.count() == 0
    assert "FIXTURE" not in caplog.text and "你好" not in caplog.text and "lollol" not in caplog.text


@pytest.mark.django_db
def test_bad_verifications_are_refused() -> None:
    account_of(corp_id=OFFICIAL_CORP)
    assert Client().get(URL, query_params={**OFFICIAL_GET, "nonce": "1"}).status_code == 403
    assert Client().get(URL).status_code == 403
    assert Client().put(URL).status_code == 405


@pytest.mark.django_db
def test_plus_signs_that_were_not_encoded_are_understood() -> None:
    account_of(corp_id=OFFICIAL_CORP)
    bare = "&".join(f"{key}={value}" for key, value in OFFICIAL_GET.items())
    assert Client().get(f"{URL}?{bare}").content == b"1616140317555161061"


@pytest.mark.django_db
def test_an_inactive_account_does_not_exist() -> None:
    account_of(active=False)
    assert send(EVENT).status_code == 404


@pytest.mark.django_db
def test_padding_is_checked_whole() -> None:
    with pytest.raises(CallbackRejected):
        crypto.decrypt(KEY, _damaged(lambda data: data.__setitem__(-17, data[-17] ^ 1)), CORP_ID)


# --- the good ones -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_same_event_under_another_envelope_is_the_same_event() -> None:
    account_of()
    assert send(EVENT).status_code == 200
    assert send(EVENT).status_code == 200
    event = InboundEvent.objects.get()
    assert event.body == EVENT
    assert event.kind == "event:kf_msg_or_event"


@pytest.mark.django_db
def test_the_body_is_encrypted_in_the_database() -> None:
    account_of()
    send(EVENT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM channels_wecom_inboundevent")
        assert "FIXTURE" not in cursor.fetchone()[0]


@pytest.mark.django_db
def test_a_callback_costs_one_statement(django_assert_max_num_queries: Any) -> None:
    account_of()
    send(EVENT)
    most = 4 if connection.vendor == "sqlite" else 1  # SQLite: its time-out is set and set back, in the process
    with django_assert_max_num_queries(most):
        assert send(EVENT.replace("ENCfixture", "ENCother")).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_database_that_cannot_write_is_answered_with_503(monkeypatch: pytest.MonkeyPatch) -> None:
    account_of()
    monkeypatch.setattr(views, "WRITE_MILLISECONDS", 200)
    assert send(EVENT).status_code == 200
    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            answer = send(EVENT.replace("ENCfixture", "ENCother"))
        finally:
            other.execute("ROLLBACK")
            other.close()
    else:
        import psycopg

        with psycopg.connect(**_parameters()) as other:
            other.execute("LOCK TABLE channels_wecom_inboundevent IN ACCESS EXCLUSIVE MODE")
            answer = send(EVENT.replace("ENCfixture", "ENCother"))
            other.rollback()
    assert answer.status_code == 503
    assert InboundEvent.objects.count() == 1
    assert send(EVENT.replace("ENCfixture", "ENCother")).status_code == 200
    assert InboundEvent.objects.count() == 2


def _parameters() -> dict[str, Any]:
    wanted = connection.get_connection_params()
    return {key: wanted[key] for key in ("dbname", "user", "password", "host", "port") if wanted.get(key)}


@pytest.mark.django_db(transaction=True)
def test_the_same_event_at_the_same_moment_is_stored_once() -> None:
    account_of()
    start = threading.Barrier(6)
    answers: list[int] = []

    def work() -> None:
        start.wait()
        try:
            answers.append(send(EVENT).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 6
    assert InboundEvent.objects.count() == 1


@pytest.mark.django_db
def test_the_wsgi_entry_point_answers_callbacks_itself() -> None:
    from aijia.wsgi import application

    account_of()
    encrypted = crypto.encrypt(KEY, EVENT, CORP_ID)
    factory = RequestFactory()
    seen: list[str] = []

    def call(path: str, body: str, query: dict[str, str]) -> bytes:
        request = factory.post(path, data=body, content_type="text/xml", query_params=query)
        return b"".join(application(request.environ, lambda status, _headers: seen.append(status)))

    call(URL, envelope(encrypted), signed(encrypted))
    call(URL, envelope(encrypted), signed(encrypted, token="other"))
    call("/wecom/callback/nobody/", envelope(encrypted), signed(encrypted))
    assert [status[:3] for status in seen] == ["200", "403", "404"]
    assert InboundEvent.objects.count() == 1

"""WeCom's API: tokens, bounded retries, honest errors. Only what the product uses."""

from __future__ import annotations

import hashlib
import re
import time
from typing import Any

import requests
from django.conf import settings
from django.core.cache import cache
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from channels_wecom.models import WeComAccount
from foundation.errors import Failure, PermanentFailure, TransientFailure

TIMEOUT = (5, 15)
MSGID = re.compile(r"[0-9a-zA-Z_-]{1,32}")
TOKEN_GONE = frozenset({40014, 42001})
#: Codes after which trying again can help (facts, section 9).
TRANSIENT = frozenset({-1, 6000, 45009, 45033, 45035, 41063, 41096})


class NobodyKnows(TransientFailure):
    """The request left and no answer came: whether it was carried out is unknown."""

    default_code = "unknown"


def _never_left(error: requests.exceptions.ConnectionError) -> bool:
    """Whether no connection was made, so that nothing can have been carried out."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def msgid_of(key: str) -> str:
    """An idempotency key as a msgid of ours: up to 32 characters of `0-9a-zA-Z_-` (documentation 94677); others are digested."""
    return key if MSGID.fullmatch(key) else hashlib.sha256(key.encode()).hexdigest()[:32]


class Client:
    """Calls for one account. Make one where it is needed; tokens are shared through the cache."""

    def __init__(self, account: WeComAccount, *, base: str | None = None) -> None:
        self.account = account
        self.base = (base or settings.WECOM_API_BASE).rstrip("/")

    def _token_key(self, secret: str) -> str:
        words = f"{self.base}|{self.account.corp_id}|{secret}"
        return f"wecom-token-{hashlib.sha256(words.encode()).hexdigest()[:40]}"

    def token(self, *, secret: str, fresh: bool = False) -> str:
        """An access token for a secret, from the cache where it still holds. One caller refreshes at a time."""
        key = self._token_key(secret)
        if not fresh:
            known = cache.get(key)
            if known:
                return str(known)
        lock = f"{key}-lock"
        for _try in range(50):
            if cache.add(lock, "1", 15):
                break
            time.sleep(0.1)
            known = cache.get(key)
            if known and not fresh:
                return str(known)
        try:
            data = self._http("GET", "gettoken", params={"corpid": self.account.corp_id, "corpsecret": secret})
            self._raise_for(data)
            token = str(data["access_token"])
            cache.set(key, token, max(60, int(data.get("expires_in", 7200)) - 300))
            return token
        finally:
            cache.delete(lock)

    def _http(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        try:
            response = requests.request(method, f"{self.base}/cgi-bin/{path}", timeout=TIMEOUT, **options)
        except requests.exceptions.ConnectionError as error:
            if _never_left(error):
                raise TransientFailure(f"not reached: {type(error).__name__}", code="not_reached") from error
            raise NobodyKnows(f"no answer: {type(error).__name__}") from error
        except requests.RequestException as error:
            raise NobodyKnows(f"no answer: {type(error).__name__}") from error
        if response.status_code >= 500:
            raise NobodyKnows(f"HTTP {response.status_code}")
        if response.status_code >= 400:
            raise PermanentFailure(f"HTTP {response.status_code}", code=f"http_{response.status_code}")
        try:
            data = response.json()
        except ValueError as error:
            raise NobodyKnows("the answer is no JSON") from error
        if not isinstance(data, dict):
            raise NobodyKnows("the answer is no object")
        return data

    @staticmethod
    def _raise_for(data: dict[str, Any]) -> None:
        code = int(data.get("errcode") or 0)
        if not code:
            return
        kind: type[Failure] = TransientFailure if code in TRANSIENT else PermanentFailure
        raise kind(f"{code} {str(data.get('errmsg', ''))[:120]}", code=str(code))

    def call(
        self, path: str, body: dict[str, Any] | None = None, *, params: dict[str, str] | None = None, secret: str = ""
    ) -> dict[str, Any]:
        """One call. A token that WeCom no longer takes is renewed once, and the call repeated once.

        :raises TransientFailure: trying again later can help. :raises PermanentFailure: it cannot.
        :raises NobodyKnows: the request left and no answer came.
        """
        secret = secret or self.account.app_secret
        for fresh in (False, True):
            query = {**(params or {}), "access_token": self.token(secret=secret, fresh=fresh)}
            if body is None:
                data = self._http("GET", path, params=query)
            else:
                data = self._http("POST", path, params=query, json=body)
            if int(data.get("errcode") or 0) in TOKEN_GONE and not fresh:
                continue
            self._raise_for(data)
            return data
        raise PermanentFailure("the token is refused", code="40014")

    def sync_kf(self, *, open_kfid: str, cursor: str, token: str) -> dict[str, Any]:
        """One page of a customer-service account's messages (documentation 94670)."""
        body: dict[str, Any] = {"open_kfid": open_kfid, "cursor": cursor, "limit": 1000, "voice_format": 0}
        if token:
            body["token"] = token
        return self.call("kf/sync_msg", body)

    def send_kf_text(self, *, open_kfid: str, to: str, text: str, msgid: str) -> str:
        """Send a text in a customer-service session (documentation 94677). Returns WeCom's msgid."""
        own = msgid_of(msgid)
        body = {"touser": to, "open_kfid": open_kfid, "msgid": own, "msgtype": "text", "text": {"content": text}}
        return str(self.call("kf/send_msg", body).get("msgid") or own)

    def kf_accounts(self) -> list[str]:
        """The ids of all customer-service accounts that this app may read (documentation 94661)."""
        found: list[str] = []
        while True:
            page = self.call("kf/account/list", {"offset": len(found), "limit": 100}).get("account_list") or []
            found += [str(row["open_kfid"]) for row in page]
            if len(page) < 100:
                return found

    def kf_customers(self, ids: list[str]) -> list[dict[str, Any]]:
        """Names of customers in customer-service sessions."""
        data = self.call("kf/customer/batchget", {"external_userid_list": ids[:100], "need_enter_session_context": 0})
        found: list[dict[str, Any]] = data.get("customer_list") or []
        return found

    def send_app_text(self, *, to: list[str], text: str) -> str:
        """Send a text to colleagues as an app message (documentation 90236). Returns WeCom's msgid."""
        body = {
            "touser": "|".join(to), "agentid": int(self.account.agent_id or 0), "msgtype": "text", "text": {"content": text},
            "enable_duplicate_check": 1,
        }  # fmt: skip
        return str(self.call("message/send", body).get("msgid", ""))

    def send_internal_group(self, *, chatid: str, text: str) -> str:
        """Send a text into an internal group that the app made (documentation 90248)."""
        self.call("appchat/send", {"chatid": chatid, "msgtype": "text", "text": {"content": text}, "safe": 0})
        return ""

    def send_webhook(self, *, key: str, text: str) -> str:
        """Send a text into an internal group through its robot (documentation 91770). There is no token and no msgid."""
        data = self._http(
            "POST", "webhook/send", params={"key": key}, json={"msgtype": "text", "text": {"content": text}}
        )
        self._raise_for(data)
        return ""

    def member_name(self, userid: str) -> str:
        """The name of a colleague; WeCom may show the userid instead (documentation 90196)."""
        return str(self.call("user/get", params={"userid": userid}).get("name") or "")

    def userid_of_code(self, code: str) -> str:
        """Which colleague opened a page inside the client; empty when it is nobody of this corporation (documentation 91023)."""
        return str(self.call("auth/getuserinfo", params={"code": code}).get("userid") or "")

    def external_contact(self, external_userid: str) -> dict[str, Any]:
        """What WeCom knows about an outside contact."""
        return self.call("externalcontact/get", params={"external_userid": external_userid})

    def group_chat(self, chat_id: str) -> dict[str, Any]:
        """Name, owner and members of a customer group."""
        data = self.call("externalcontact/groupchat/get", {"chat_id": chat_id, "need_name": 1})
        found: dict[str, Any] = data.get("group_chat") or {}
        return found

    def media(self, media_id: str) -> bytes:
        """The bytes of a media id (valid for three days).

        :raises PermanentFailure: when WeCom no longer has it.
        """
        for fresh in (False, True):
            query = {"media_id": media_id, "access_token": self.token(secret=self.account.app_secret, fresh=fresh)}
            try:
                response = requests.get(f"{self.base}/cgi-bin/media/get", params=query, timeout=(5, 60))
            except requests.RequestException as error:
                raise TransientFailure(f"not fetched: {type(error).__name__}", code="not_reached") from error
            if "json" in response.headers.get("Content-Type", ""):
                data = response.json()
                if int(data.get("errcode") or 0) in TOKEN_GONE and not fresh:
                    continue
                self._raise_for(data)
            if response.status_code >= 400:
                raise TransientFailure(f"HTTP {response.status_code}", code="http")
            return response.content
        raise PermanentFailure("the token is refused", code="40014")

"""WeCom as the channel of delivery: what can be sent by API is sent, everything else is prepared for a member's tap."""

from __future__ import annotations

from channels_wecom.client import Client, NobodyKnows
from channels_wecom.models import GroupWebhook, WeComAccount
from delivery.ports import DispatchRequest, DispatchResult
from foundation.errors import Failure

MAX_BYTES = 2048
TAPPED = frozenset({"staff_private", "customer_group", "partner_external", "captured", "none"})


class WeComChannel:
    """Sends through WeCom's API where it offers a way (facts, section 0)."""

    def dispatch(self, request: DispatchRequest) -> DispatchResult:
        """Send or prepare one text; the answer says honestly what is known."""
        if request.surface in TAPPED:
            return DispatchResult(outcome="prepared")
        account = WeComAccount.objects.filter(key=request.account, active=True).first()
        if account is None:
            return DispatchResult(outcome="failed", error_code="no_account", error_text="no active account")
        if len(request.text.encode()) > MAX_BYTES:
            return DispatchResult(outcome="failed", error_code="too_long", error_text="more than 2048 bytes")
        try:
            return DispatchResult(outcome="sent", external_id=self._send(Client(account), request))
        except NobodyKnows as error:
            return DispatchResult(outcome="unknown", error_code=error.code, error_text=str(error))
        except Failure as error:
            return DispatchResult(
                outcome="failed", error_code=error.code, error_text=str(error), retry=not error.permanent
            )

    @staticmethod
    def _send(client: Client, request: DispatchRequest) -> str:
        if request.surface == "kf":
            _kf, open_kfid, customer = request.conversation_external_id.split(":", 2)
            return client.send_kf_text(
                open_kfid=open_kfid, to=customer, text=request.text, msgid=request.idempotency_key
            )
        if request.recipient_external_ids:
            return client.send_app_text(to=list(request.recipient_external_ids), text=request.text)
        place = request.conversation_external_id
        if place.startswith("app:"):
            return client.send_app_text(to=[place[4:]], text=request.text)
        robot = GroupWebhook.objects.filter(account=client.account, conversation_external_id=place).first()
        if robot is not None:
            return client.send_webhook(key=robot.key, text=request.text)
        return client.send_internal_group(chatid=place, text=request.text)

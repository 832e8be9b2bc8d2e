"""Form fields that several rooms use."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

_BETWEEN = re.compile(r"[,，、;；\n]+")


class WordsField(forms.CharField):
    """A list of words in one line, as people write it: 维修、漏水、异响."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", UnfoldAdminTextInputWidget(attrs={"class": "w-full max-w-full", "size": 80}))
        super().__init__(required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "、".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        words = (word.strip() for word in _BETWEEN.split(super().clean(value) or ""))
        return list(dict.fromkeys(word for word in words if word))

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(list(initial or []) != self.clean(data))

"""Callback XML as plain mappings: no entities, no document types, bounded."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from channels_wecom.crypto import CallbackRejected

MAX_DEPTH = 8


def _value(element: Element, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise CallbackRejected(400, "xml_depth")
    if not len(element):
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        value = _value(child, depth + 1)
        if child.tag in found:
            known = found[child.tag]
            found[child.tag] = [*known, value] if isinstance(known, list) else [known, value]
        else:
            found[child.tag] = value
    return found


def parse(text: str | bytes) -> dict[str, Any]:
    """The children of the root element; a repeated element becomes a list.

    :raises CallbackRejected: (400) when it is not well-formed, or holds a document type or an entity.
    """
    try:
        root = defusedxml.ElementTree.fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError) as error:
        raise CallbackRejected(400, "xml") from error
    value = _value(root, 0)
    if not isinstance(value, dict):
        raise CallbackRejected(400, "xml")
    return value

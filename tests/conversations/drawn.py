"""Pictures as customers send them, drawn: plates, receipts, payments, chats, pages of orders and parcels; turned, blurred, small, in the dark."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont

#: Fonts with Chinese characters, where a machine has one of them.
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/arphic/uming.ttc",
    "/System/Library/Fonts/PingFang.ttc",
)
FONT = next((path for path in _FONTS if Path(path).exists()), "")

PLATE = [
    "家用燃气快速热水器",
    "型号：JSQ30-16VA2",
    "额定电压：220V~  50Hz",
    "额定热负荷：32kW",
    "序列号：2209A13F00482",
    "生产日期：2022-09-13",
]
RECEIPT = ["购物小票", "机号：POS-03", "单据编号：XS20250317", "电饭煲  1  399.00元", "实收 ¥399.00", "找零 ¥0.00"]
PAYMENT = [
    "转账成功",
    "¥1,299.00",
    "收款方：顺达维修王师傅",
    "付款方式：零钱",
    "转账时间：2025-03-17 14:20:11",
    "交易单号：1000050001202503170",
]
CHAT = ["<  王师傅(3)", "昨天 20:31", "你的订单号 DD20250399 我查了", "下午3:12", "转我300就给你先修", "发送"]
ORDER = [
    "订单详情",
    "订单编号：DD20250317001",
    "下单时间：2025-03-10 09:12",
    "实付款 ¥2,399.00",
    "收货地址：建国路88号",
    "联系电话：13812345678",
]
PARCEL = ["物流详情", "运单号：SF1234567890123", "派送中 快递员 13900001111", "已到达 杭州转运中心", "揽收 上海浦东"]
IDENTITY = ["居民身份证", "姓名 陈小丽", "公民身份号码 310101199003071234"]
LATIN = ["WATER HEATER", "MODEL: JSQ30-16VA2", "RATED VOLTAGE 220V 50Hz", "S/N: 2209A13F00482", "MADE IN CHINA"]
KINDS = {
    "nameplate": PLATE, "receipt": RECEIPT, "payment": PAYMENT, "chat": CHAT, "order": ORDER, "tracking": PARCEL, "identity": IDENTITY,
}  # fmt: skip


def drawn(
    lines: list[str], *, size: int = 44, width: int = 1080, ground: str = "white", ink: str = "black"
) -> Image.Image:
    """Lines under each other."""
    font = ImageFont.truetype(FONT, size) if FONT else ImageFont.load_default(size)
    image = Image.new("RGB", (width, int(len(lines) * size * 2.1) + 2 * size), ground)
    pen = ImageDraw.Draw(image)
    for row, words in enumerate(lines):
        pen.text((size, size + row * size * 2.1), words, font=font, fill=ink)
    return image


def as_bytes(image: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    """The picture as a file."""
    content = io.BytesIO()
    image.save(content, kind, **more)
    return content.getvalue()


def _lit(image: Image.Image) -> Image.Image:
    """One corner in glare."""
    glare = Image.new("L", image.size, 0)
    pen = ImageDraw.Draw(glare)
    pen.ellipse((image.width // 4, -image.height // 8, image.width, image.height // 2), fill=235)
    return Image.composite(Image.new("RGB", image.size, "white"), image, glare.filter(ImageFilter.GaussianBlur(60)))


def _turned(degrees: float) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.rotate(degrees, expand=True, fillcolor=(120, 120, 120))


def _at(width: int) -> Callable[[Image.Image], Image.Image]:
    return lambda image: image.resize((width, max(1, image.height * width // image.width)))


#: What happens to pictures on their way: name → what is done.
WAYS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda image: image,
    "photo, 3000 px": _at(3000),
    "small, 480 px": _at(480),
    "thumbnail, 240 px": _at(240),
    "turned by 7°": _turned(7),
    "turned by 20°": _turned(20),
    "turned by 90°": _turned(90),
    "upside down": _turned(180),
    "blurred a little": lambda image: image.filter(ImageFilter.GaussianBlur(2.5)),
    "blurred much": lambda image: image.filter(ImageFilter.GaussianBlur(6)),
    "dark": lambda image: ImageEnhance.Brightness(image).enhance(0.25),
    "glare": _lit,
    "low contrast": lambda image: ImageEnhance.Contrast(image).enhance(0.15),
}


def write_all(folder: Path) -> int:
    """Every kind of picture in every way, each with its words beside it, for `manage.py measure_pictures`."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, lines in KINDS.items():
        for way, change in WAYS.items():
            name = f"{way.replace('-', ' ')}-{kind}"
            (folder / f"{name}.jpg").write_bytes(as_bytes(change(drawn(lines)), quality=80))
            (folder / f"{name}.txt").write_text("\n".join(lines), encoding="utf-8")
    return len(KINDS) * len(WAYS)


if __name__ == "__main__":
    print(write_all(Path(sys.argv[1])), "pictures")

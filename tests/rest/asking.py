"""Bodies of requests as tests send them."""

from typing import Any

from privacy_portal.brands.models import Brand


def asked(brand: Brand, type_value: str = "access", user_id: Any = "u1", **more: Any) -> dict[str, Any]:
    return {"brand": brand.path, "type": type_value, "user_id": user_id, **more}

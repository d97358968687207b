"""Access: a zip with what is held about the person (GDPR Art. 15, 20). Never told to the upstream."""

from regulations.types.base import RegulationType


class Access(RegulationType):
    value = "access"
    label = "Access"
    position = 7
    explanation = "Collect everything held about the person into a zip file to hand to them."
    asked_by_support = True
    actions = ("collect",)


TYPE = Access()

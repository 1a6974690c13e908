"""The audit page of a panel: what was read, which checks fail where, the worst reports with their cells marked."""

from __future__ import annotations

from giakit.share.audit.page import audit_page, write_audit

__all__ = ["audit_page", "write_audit"]
